from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.mass_mailing_contact_strategy.models.storable import check_storable

DAY_SECONDS = 86400


class ContactProfile(models.Model):
    """Where a person is on the journey, and the one door to another stage.

    - Forward is free for a person; a rule moves nobody past a gate.
    - Backward goes only to a stage that says so, and only with a reason.
    - Nobody leaves the journey; who is in the stage already stays as he is.
    - All or nobody: a batch with one refused person changes nothing.
    """

    _inherit = "contact.profile"

    journey_stage_id = fields.Many2one(
        "contact.journey.stage", group_expand="_expand_stages", copy=False
    )
    journey_stage_date = fields.Datetime(copy=False)

    @api.model
    def _expand_stages(self, stages, _domain):
        """All stages are columns, in their order, also those without people."""
        return stages.browse(stages.search([]).ids) | stages

    # ------------------------------------------------------------
    # Every way in
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """A new person starts at the start, or enters where the caller says.

        :raise UserError: see ``_move_to_stage``
        """
        self._check_storable(*vals_list)
        given = self.env.context.get("default_journey_stage_id")
        wanted = [vals.get("journey_stage_id", given) for vals in vals_list]
        start = self.env["contact.journey.stage"].sudo()._get_start()
        begun = {
            "journey_stage_id": start.id,
            "journey_stage_date": start and fields.Datetime.now(),
        }
        nowhere = {"journey_stage_id": False, "journey_stage_date": False}
        profiles = super().create(
            [
                {**vals, **(nowhere if stage else begun)}
                for vals, stage in zip(vals_list, wanted, strict=True)
            ]
        )
        people = {}
        for profile, stage in zip(profiles, wanted, strict=True):
            if stage:
                people.setdefault(self._as_stage(stage), []).append(profile.id)
        for stage, ids in people.items():
            self.browse(ids)._move_to_stage(stage)
        return profiles

    def write(self, vals):
        """Whoever writes a stage moves people through the door.

        :raise UserError: see ``_move_to_stage``; or somebody writes the date alone
        """
        self._check_storable(vals)
        if "journey_stage_date" in vals:
            raise UserError(
                self.env._("Since when somebody is in a stage follows from the moves.")
            )
        if "journey_stage_id" in vals:
            vals = dict(vals)
            stage = self._as_stage(vals.pop("journey_stage_id"))
            self._move_to_stage(stage, reason=self.env.context.get("stage_reason"))
        return super().write(vals) if vals else True

    @api.model
    def _as_stage(self, value):
        """What somebody wrote, as a stage.

        :raise UserError: there is no such stage
        """
        Stage = self.env["contact.journey.stage"]
        stage_id = self._fields["journey_stage_id"].convert_to_cache(value, self)
        stage = Stage.browse(stage_id or ())
        if stage and not (stage.id and stage.exists()):
            raise UserError(self.env._("There is no such stage of the journey."))
        return stage

    # ------------------------------------------------------------
    # The door
    # ------------------------------------------------------------

    def _move_to_stage(self, stage, reason=None, kind="user", signal=None, date=None):
        """Move people to a stage: the only way there is.

        Who is in it already stays as he is, since when he is there.

        :param stage: contact.journey.stage
        :param str reason: why; needed to go back
        :param str kind: ``user`` (an import says so by itself), ``import`` or ``rule``
        :param signal: contact.signal that moves them
        :param date: since when they are there (naive UTC), or ``{profile id: when}``;
            by default now
        :return: the moves that were made (contact.journey.move)
        :raise UserError: somebody may not go there; then nobody is moved
        """
        Move = self.env["contact.journey.move"]
        if not self:
            return Move
        self.check_access("write")
        if kind == "user" and self.env.context.get("import_file"):
            kind = "import"
        check_storable(Move, {"reason": reason})
        reason = (reason or "").strip()
        # named by their ids, to be read together wherever they come from
        people = self.browse(self.ids).filtered(
            lambda profile: profile.journey_stage_id != stage
        )
        back = people._check_way(stage, reason, kind)
        said = {
            "stage_id": stage.id,
            "kind": kind,
            "user_id": self.env.uid if kind != "rule" else False,
            "signal_id": signal and signal.id,
            "reason": reason or False,
        }
        dates = people._fill_dates(date)
        moves = people._note_moves(said, dates, back)
        people._enter_stage(stage, dates)
        return moves.with_env(self.env)

    def _fill_dates(self, date):
        """:return: {profile id: when}, now by default"""
        now = fields.Datetime.now()
        given = date if isinstance(date, dict) else dict.fromkeys(self.ids, date)
        return {profile_id: given.get(profile_id) or now for profile_id in self.ids}

    def _note_moves(self, said, dates, back):
        """History, before they are where they go.

        :param dict said: what is the same of all
        :param dict dates: {profile id: when}
        :param back: the stages from which this is a way back
        """
        Move = self.env["contact.journey.move"]
        # sudo: history is made here only, so nobody has the right to make it
        return Move.sudo().create(
            [
                {
                    **said,
                    "profile_id": profile.id,
                    "from_stage_id": profile.journey_stage_id.id,
                    "date": dates[profile.id],
                    "is_back": profile.journey_stage_id in back,
                    "days": profile._days_in_stage(dates[profile.id]),
                }
                for profile in self
            ]
        )

    def _days_in_stage(self, until):
        """Exactly, in days: hours of a clock change neither count twice nor never."""
        since = self.journey_stage_date
        if not since or not self.journey_stage_id:
            return 0.0
        return max(0.0, (until - since).total_seconds() / DAY_SECONDS)

    def _enter_stage(self, stage, dates):
        """Write where they are now, and since when.

        SQL: everybody has a date of his own, and there may be thousands.

        :param dict dates: {profile id: since when}
        """
        if not dates:
            return
        self.flush_recordset(["journey_stage_id", "journey_stage_date"])
        self.modified(["journey_stage_id", "journey_stage_date"], before=True)
        self.env.cr.execute(
            SQL(
                """
                UPDATE contact_profile profile
                   SET journey_stage_id = %(stage)s,
                       journey_stage_date = moved.date,
                       write_uid = %(uid)s,
                       write_date = %(now)s
                  FROM unnest(%(ids)s::int[], %(dates)s::timestamp[])
                       AS moved (id, date)
                 WHERE profile.id = moved.id
                """,
                stage=stage.id or None,
                uid=self.env.uid,
                now=fields.Datetime.now(),
                ids=list(dates),
                dates=list(dates.values()),
            )
        )
        names = ["journey_stage_id", "journey_stage_date", "write_uid", "write_date"]
        self.invalidate_recordset(names, flush=False)
        self.env["contact.journey.stage"].invalidate_model(
            ["profile_ids", "profile_count", "overdue_count"], flush=False
        )
        self.modified(["journey_stage_id", "journey_stage_date"])

    # ------------------------------------------------------------
    # Who may go where
    # ------------------------------------------------------------

    def _check_way(self, stage, reason, kind):
        """May all of these people go to a stage?

        :return: the stages from which this is a way back
        :raise UserError: no; it says who, and what to do
        """
        left = self.journey_stage_id
        back = left.filtered(lambda old: old._get_place() > stage._get_place())
        if not stage and self:
            raise UserError(
                self.env._(
                    "Nobody leaves the journey. Move %(who)s back to a stage that may "
                    "be gone back to, and say why.",
                    who=self._say_who(left),
                )
            )
        if stage and not stage.active:
            raise UserError(
                self.env._("“%(name)s” is archived: nobody enters.", name=stage.name)
            )
        if back:
            self._check_way_back(back, stage, reason)
        if kind == "rule":
            self._check_gates(left - back, stage)
        return back

    def _check_way_back(self, back, stage, reason):
        words = {
            "who": self._say_who(back),
            "old": back[0].name,
            "stage": stage.name,
        }
        if not stage.is_way_back:
            raise UserError(
                self.env._(
                    "%(who)s cannot go back from “%(old)s” to “%(stage)s”. Choose a "
                    "stage that may be gone back to.",
                    **words,
                )
            )
        if not reason:
            raise UserError(
                self.env._(
                    "Say why %(who)s goes back from “%(old)s” to “%(stage)s”: use "
                    "“Move Back” in the Actions menu.",
                    **words,
                )
            )

    def _check_gates(self, left, stage):
        """Rules pass no gate: also not one that somebody stands in."""
        gates = self.env["contact.journey.stage"].sudo().search([("kind", "=", "gate")])
        nowhere = self.filtered(lambda profile: not profile.journey_stage_id)
        for old in [*left, *(left.browse() for _first in nowhere[:1])]:
            for gate in gates:
                if old._get_place() <= gate._get_place() < stage._get_place():
                    raise UserError(
                        self.env._(
                            "No rule moves %(who)s past the gate “%(gate)s”: somebody "
                            "has to decide.",
                            who=self._say_who(old),
                            gate=gate.name,
                        )
                    )

    def _say_who(self, stages):
        """One of these people who is in one of these stages, by name."""
        people = self.filtered(lambda profile: profile.journey_stage_id <= stages)
        return people[:1].name or self.env._("somebody")
