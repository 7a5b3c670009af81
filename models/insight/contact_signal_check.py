from odoo import api, models

from .contact_behaviour import BEHAVIOUR
from .contact_behaviour_check import LARGEST, LONGEST

TARGETS = {"tag": "tag_id", "persona": "persona_id", "stage": "stage_id"}
DEFINITION = BEHAVIOUR | {"effect", "active"}
"""What says of whom a signal is true: all people are asked anew when it changes."""
OF_TAGS = {"tag_id", "tag_kind", "source", "confidence", "life_days"}


class ContactSignal(models.Model):
    """A signal that cannot work is refused when it is saved, with the field's name."""

    _inherit = "contact.signal"

    _window_positive = models.Constraint(
        "CHECK (window_value IS NULL OR window_value >= 0)",
        "A window is not shorter than nothing.",
    )
    _confidence_share = models.Constraint(
        "CHECK (confidence >= 0 AND confidence <= 1)",
        "Confidence lies between 0 and 1.",
    )
    _life_positive = models.Constraint(
        "CHECK (life_days IS NULL OR life_days >= 0)",
        "A tag cannot last less than no days.",
    )

    # ------------------------------------------------------------
    # Who writes
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """See ``_check_reader``; a signal that is switched on is soon looked at."""
        signals = super().create(vals_list)
        signals._check_reader()
        signals._look_soon()
        return signals

    def write(self, vals):
        """Whoever changes what a signal says has it looked at anew."""
        changed = not DEFINITION.isdisjoint(vals)
        if changed:
            vals = {"evaluated_date": False, "error": False, **vals}
        res = super().write(vals)
        if changed:
            self._check_reader()
            self._forget()
            self._look_soon()
        elif not OF_TAGS.isdisjoint(vals):
            self._derive_tags()
        return res

    def unlink(self):
        """What only these signals kept is kept no more."""
        self.sudo().hit_ids.unlink()
        self.sudo().filtered("life_days").write({"life_days": 0})
        self._derive_tags()
        return super().unlink()

    def _forget(self):
        """Who is switched off, or reads another model, says nothing."""
        # Elevated: hits are written by signals alone.
        hits = self.sudo().filtered(lambda signal: not signal.active).hit_ids
        people = hits.profile_id
        if hits:
            hits.unlink()
            self._after_hits(set(people.ids))

    def _look_soon(self):
        cron = self.env.ref(
            "mass_mailing_contact_strategy.ir_cron_signal_evaluate", False
        )
        if cron and any(self.mapped("active")):
            # Elevated: the jobs are not the user's, this wish is.
            cron.sudo()._trigger()

    # ------------------------------------------------------------
    # What is written
    # ------------------------------------------------------------

    @api.constrains(*DEFINITION - {"active"}, *OF_TAGS, "persona_id", "stage_id")
    def _check_definition(self):
        for signal in self:
            signal._check_behaviour()
            signal._check_size("points", LARGEST)
            if (signal.life_days or 0) > LONGEST:
                signal._refuse("life_days", self.env._("it is too long"))
            signal._check_effect()

    def _check_effect(self):
        name = TARGETS.get(self.effect)
        if name and not self[name]:
            self._refuse(name, self.env._("what shall follow from the signal?"))
        if self.effect == "tag" and not self.tag_kind:
            self._refuse("tag_kind", self.env._("said or concluded?"))

    def _sql_asked(self, scan):
        return scan.sql_hits()

    def _say_itself(self):
        return self.env._("Signal “%s”", self.name or "")
