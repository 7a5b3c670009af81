from odoo import models
from odoo.tools import SQL


class ContactProfile(models.Model):
    """Two profiles turn out to be one person, somewhere on one journey."""

    _inherit = "contact.profile"

    def _before_merge(self, target):
        """One journey stays: the one that went further. The others' moves are kept as
        those of duplicates, in their order: the person did not go that way twice."""
        res = super()._before_merge(target)
        profiles = target + self
        chosen = profiles._choose_journey()
        (profiles - chosen)._set_moves_aside()
        if chosen != target:
            target._enter_stage(
                chosen.journey_stage_id,
                {target.id: chosen.journey_stage_date or None},
            )
        return res

    def _choose_journey(self):
        """The profile that went furthest, and is there for the longest time.

        Who is lost by one profile but not by another is lost only if that is newer.
        """
        off = self.filtered("journey_stage_id.is_detour")
        on = (self - off).sorted(lambda profile: profile._journey_rank())[:1]
        off = off.sorted(lambda profile: profile._journey_rank())[:1]
        if not off or not on:
            return off or on
        was_anywhere = on.journey_stage_id and not on.journey_stage_id.is_start
        is_newer = (off.journey_stage_date or off.create_date) >= (
            on.journey_stage_date or on.create_date
        )
        return off if is_newer or not was_anywhere else on

    def _journey_rank(self):
        """The least first: further before nearer, then who was there earlier."""
        sequence, stage_id = self.journey_stage_id._get_place()
        since = self.journey_stage_date or self.create_date
        return (-sequence, -stage_id, since)

    def _set_moves_aside(self):
        """SQL, as moves of other business units belong to the person, too."""
        Move = self.env["contact.journey.move"]
        Move.flush_model(["profile_id", "is_merged"])
        self.env.cr.execute(
            SQL(
                "UPDATE contact_journey_move SET is_merged = TRUE"
                " WHERE profile_id = ANY(%s)",
                self.ids,
            )
        )
        Move.invalidate_model(["is_merged"], flush=False)

    def _get_profile_fields(self):
        """Moves as such keep nobody: see ``_has_history``."""
        for model_name, field in super()._get_profile_fields():
            if not (
                self.env.context.get("contact_moves_apart")
                and model_name == "contact.journey.move"
            ):
                yield model_name, field

    def _has_history(self):
        """What somebody did keeps a person; where rules led they lead again."""
        apart = self.with_context(contact_moves_apart=True)
        kept = super(ContactProfile, apart)._has_history()
        self.env["contact.journey.move"].flush_model(["profile_id", "kind"])
        moved = self.env.execute_query(
            SQL(
                "SELECT DISTINCT profile_id FROM contact_journey_move"
                " WHERE profile_id = ANY(%s) AND kind <> 'rule'",
                self.ids,
            )
        )
        return kept.union(profile_id for (profile_id,) in moved)
