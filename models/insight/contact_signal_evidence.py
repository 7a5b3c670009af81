from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from . import signal_sql


class ContactSignal(models.Model):
    """The records that made a signal true of a person."""

    _inherit = "contact.signal"

    def _get_evidence(self, profile, now):
        """Ids of the records of a person that count at a moment, by the very question
        that the evaluation asks.

        :param profile: one contact.profile
        :param datetime now: naive UTC
        """
        self.ensure_one()
        self.env.flush_all()
        # Elevated: what the reader may see of them is decided where they are shown.
        scan = signal_sql.Scan(self.sudo(), now)
        rows = self.env.execute_query(scan.sql_evidence(profile))
        return [row[0] for row in rows]

    def _open_evidence(self, profile, now):
        """An action that shows the records of these signals."""
        records = {
            signal.model_name: [] for signal in self if signal.model_name in self.env
        }
        for signal in self:
            if signal.model_name in records:
                found = signal._get_evidence(profile, now)
                records[signal.model_name] += found
        model = next((name for name, ids in records.items() if ids), None)
        if not model:
            raise UserError(
                self.env._("The records that caused it are gone, or count no more.")
            )
        self.env[model].check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Why? %s", profile.display_name),
            "res_model": model,
            "view_mode": "list,form",
            "views": [(False, "list"), (False, "form")],
            "domain": [("id", "in", records[model])],
            # what was archived since is evidence still
            "context": {"active_test": False, "create": False},
        }


class ContactSignalHit(models.Model):
    """Evidence, and the number as it is now."""

    _inherit = "contact.signal.hit"

    number = fields.Float(
        compute="_compute_number",
        help="What is compared, as of now: days go on by themselves.",
    )

    @api.depends("value", "fact_count", "first_date", "last_date", "signal_id")
    def _compute_number(self):
        now = fields.Datetime.now()
        for hit in self:
            hit.number = hit._number_at(now)

    def _number_at(self, now):
        aggregate = self.signal_id.aggregate
        if aggregate == "next":
            return _days(now, self.first_date)
        if aggregate == "earliest":
            return _days(self.first_date, now)
        if aggregate == "latest":
            return _days(self.last_date, now)
        if aggregate == "cycle":
            gap = self.signal_id.effect != "engagement" and self.value
            return _days(self.last_date, now) / gap if gap else 0
        if self.signal_id.effect == "engagement":
            return self.fact_count
        return self.value

    def action_open_evidence(self):
        """Open the records that made the signal true of the person."""
        self.ensure_one()
        self.check_access("read")
        return self.signal_id._open_evidence(self.profile_id, fields.Datetime.now())


class ContactTagAssignment(models.Model):
    """Why is this concluded?"""

    _inherit = "contact.tag.assignment"

    def action_open_evidence(self):
        """Open what it is known from: the records that caused it, or the one record it
        was noted with.

        :raise UserError: somebody said so, and there is no record
        """
        self.ensure_one()
        self.check_access("read")
        hits = self.env["contact.signal.hit"].search(
            Domain("profile_id", "=", self.profile_id.id)
            & Domain("signal_id.tag_id", "=", self.tag_id.id)
            & Domain("signal_id.tag_kind", "=", self.kind)
        )
        if self.active and hits:
            signals = (self.signal_id & hits.signal_id) | hits.signal_id
            return signals._open_evidence(self.profile_id, fields.Datetime.now())
        if self.signal_id:
            # what was true when it was last seen
            return self.signal_id._open_evidence(self.profile_id, self.last_seen)
        if self.res_model in self.env and self.res_id:
            record = self.env[self.res_model].browse(self.res_id).exists()
            if record:
                return record._get_records_action()
        raise UserError(
            self.env._("There is no record behind it: somebody noted it by hand.")
        )


def _days(begin, end):
    return (end - begin).total_seconds() / 86400 if begin and end else 0
