from datetime import time

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date, format_list
from odoo.tools.misc import format_time

from odoo.addons.mass_mailing_contact_strategy.core.quiet import EVERY_DAY, QuietHours
from odoo.addons.mass_mailing_contact_strategy.core.rules import Quiet

from .engine_questions import Asked

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MINUTES = 24 * 60


class ContactPolicyRule(models.Model):
    """``quiet``: hours, weekdays and dates on which nobody is written to, as the
    person's own clock shows them. Messages wait until it is over."""

    _inherit = "contact.policy.rule"

    rule_type = fields.Selection(
        selection_add=[("quiet", "Quiet hours and days")],
        ondelete={"quiet": "cascade"},
    )
    quiet_from = fields.Float(string="From", default=21.0)
    quiet_to = fields.Float(
        string="Until",
        default=8.0,
        help="Earlier than the beginning: until the next day. The same: the whole day.",
    )
    on_monday = fields.Boolean("Monday", default=True)
    on_tuesday = fields.Boolean("Tuesday", default=True)
    on_wednesday = fields.Boolean("Wednesday", default=True)
    on_thursday = fields.Boolean("Thursday", default=True)
    on_friday = fields.Boolean("Friday", default=True)
    on_saturday = fields.Boolean("Saturday", default=True)
    on_sunday = fields.Boolean("Sunday", default=True)
    date_ids = fields.One2many(
        "contact.policy.rule.date", "rule_id", string="Quiet Dates", copy=True
    )

    @api.constrains(
        "rule_type", "quiet_from", "quiet_to", "date_ids", *(f"on_{d}" for d in DAYS)
    )
    def _check_quiet(self):
        for rule in self.filtered(lambda rule: rule.rule_type == "quiet"):
            if not all(0 <= hour < 24 for hour in (rule.quiet_from, rule.quiet_to)):
                raise ValidationError(
                    self.env._("A time of day is between 0:00 and 23:59.")
                )
            hours = rule._quiet_hours()
            if hours.is_endless():
                raise ValidationError(
                    self.env._(
                        "Like this it would be quiet for ever: leave out some hours or "
                        "days."
                    )
                )
            if not hours.weekdays and not hours.dates:
                raise ValidationError(
                    self.env._("Choose weekdays or dates on which it is quiet.")
                )

    def _quiet_hours(self):
        """What the rule says, as the clock is asked.

        :rtype: QuietHours
        """
        self.ensure_one()
        return QuietHours(
            _time(self.quiet_from),
            _time(self.quiet_to),
            frozenset(
                number for number, day in enumerate(DAYS, 1) if self[f"on_{day}"]
            ),
            tuple(
                (date.date_from, date.date_to or date.date_from)
                for date in self.date_ids.sorted("date_from")
                if date.date_from
            ),
        )

    def _ask_quiet(self, _message, _at):
        # Quiet ends by itself: nobody is left out for it.
        values = {**self._question_values(), "on_exceed": "defer"}
        return [Asked(Quiet(**values, hours=self._quiet_hours()))]

    def _say_otherwise(self, said):
        """Quiet hours end: there is no choice (see `_ask_quiet`)."""
        if self.rule_type != "quiet":
            return super()._say_otherwise(said)
        return self.env._("%(rule)s; messages wait until it is over", rule=said)

    @api.depends(
        "quiet_from",
        "quiet_to",
        "date_ids.name",
        "date_ids.date_from",
        "date_ids.date_to",
        *(f"on_{day}" for day in DAYS),
    )
    def _compute_sentence(self):
        return super()._compute_sentence()

    def _terms(self):
        terms = super()._terms()
        if self.rule_type != "quiet":
            return terms
        hours = self._quiet_hours()
        return {
            **terms,
            "hours": [hours.start.isoformat(), hours.end.isoformat()],
            "days": sorted(hours.weekdays),
            "dates": [date._terms() for date in self.date_ids],
        }

    @api.model
    def _say_quiet(self, terms, _step):
        said = []
        if terms["days"]:
            said.append(self._say_quiet_hours(terms))
        said += [
            self.env["contact.policy.rule.date"]._say(date) for date in terms["dates"]
        ]
        return self.env._(
            "No %(what)s %(when)s, by the person's clock",
            what=self._say_what(terms),
            when=format_list(self.env, said, style="or"),
        )

    @api.model
    def _say_quiet_hours(self, terms):
        """“from 21:00 to 8:00”, “on Sunday”, “from 12:00 to 13:00 on Monday”."""
        start, end = (
            format_time(self.env, time.fromisoformat(text), time_format="short")
            for text in terms["hours"]
        )
        is_all_day = terms["hours"][0] == terms["hours"][1]
        if len(terms["days"]) == len(EVERY_DAY):
            return self.env._("from %(start)s to %(end)s", start=start, end=end)
        names = [
            self._fields[f"on_{DAYS[number - 1]}"]._description_string(self.env)
            for number in terms["days"]
        ]
        days = format_list(self.env, names)
        if is_all_day:
            return self.env._("on %s", days)
        return self.env._(
            "from %(start)s to %(end)s on %(days)s", start=start, end=end, days=days
        )


class ContactPolicyRuleDate(models.Model):
    """A date, or some days in a row, on which it is quiet."""

    _name = "contact.policy.rule.date"
    _inherit = ["contact.policy.rule.part.mixin"]
    _description = "Quiet Date"
    _order = "date_from, id"

    rule_id = fields.Many2one(
        "contact.policy.rule", required=True, ondelete="cascade", index=True
    )
    name = fields.Char(translate=True, help="Such as: Christmas.")
    date_from = fields.Date("First Day", required=True)
    date_to = fields.Date("Last Day", help="Empty: one day.")

    @api.constrains("date_from", "date_to")
    def _check_order(self):
        for date in self:
            if date.date_to and date.date_to < date.date_from:
                raise ValidationError(
                    self.env._("The last quiet day cannot be before the first.")
                )

    def _terms(self):
        return {
            "name": self.name or "",
            "from": fields.Date.to_string(self.date_from),
            "to": fields.Date.to_string(self.date_to or self.date_from),
        }

    @api.model
    def _say(self, terms):
        """“on Christmas (24/12/2026 to 26/12/2026)”.

        :param dict terms: as `_terms` makes them
        :rtype: str
        """
        said = {
            "name": terms["name"],
            "first": format_date(self.env, terms["from"]),
            "last": format_date(self.env, terms["to"]),
        }
        if terms["from"] == terms["to"]:
            if terms["name"]:
                return self.env._("on %(name)s (%(first)s)", **said)
            return self.env._("on %(first)s", **said)
        if terms["name"]:
            return self.env._("on %(name)s (%(first)s to %(last)s)", **said)
        return self.env._("from %(first)s to %(last)s", **said)


def _time(hour):
    """A time of day from a number of hours, to the minute."""
    minutes = min(round(hour * 60), MINUTES - 1)
    return time(minutes // 60, minutes % 60)
