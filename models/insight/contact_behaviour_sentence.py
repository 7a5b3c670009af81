from contextlib import suppress

from odoo import models
from odoo.tools.misc import format_date

from odoo.addons.mass_mailing_contact_strategy.models import domain_words
from odoo.addons.mass_mailing_contact_strategy.models.written_domain import (
    read_domain,
)

from . import signal_windows


class ContactBehaviourMixin(models.AbstractModel):
    """What people did, in words."""

    _inherit = "contact.behaviour.mixin"

    def _say_what(self, clock=None):
        """“the number of opened mails is 2 or more within 30 days”.

        :param clock: ``core.moments.Clock``: say real dates
        """
        parts = {
            "number": self._say_number(clock),
            "compared": self._say_comparison(),
            "window": self._say_window(clock),
        }
        if parts["window"]:
            return self.env._("%(number)s is %(compared)s %(window)s", **parts)
        return self.env._("%(number)s is %(compared)s", **parts)

    def _say_window(self, clock=None):
        """“within 30 days”; with a clock “since 2 May”."""
        said = []
        if self.window_value:
            said.append(self._say_relative_window(clock))
        days = {
            "first": self.date_from and format_date(self.env, self.date_from),
            "last": self.date_to and format_date(self.env, self.date_to),
        }
        if self.date_from and self.date_to:
            said.append(self.env._("from %(first)s to %(last)s", **days))
        elif self.date_from:
            said.append(self.env._("since %s", days["first"]))
        elif self.date_to:
            said.append(self.env._("until %s", days["last"]))
        return ", ".join(said)

    def _say_relative_window(self, clock):
        is_ahead = self.aggregate == "next"
        if clock:
            edge = signal_windows.edge_of(self, clock.now)
            moment = domain_words.say_moment(self.env, edge, clock)
            if is_ahead:
                return self.env._("until %s", moment)
            return self.env._("since %s", moment)
        length = {
            "week": self.env._("%s weeks", self.window_value),
            "month": self.env._("%s months", self.window_value),
        }.get(self.window_unit, self.env._("%s days", self.window_value))
        if is_ahead:
            return self.env._("looking %s ahead", length)
        return self.env._("within %s", length)

    def _say_number(self, clock=None):
        records = self._say_records(clock)
        value = self._say_value(clock)
        return {
            "count": self.env._("the number of %s", records),
            "sum": self.env._("the sum of %s", value),
            "average": self.env._("the average of %s", value),
            "distinct": self.env._("the number of different values of %s", value),
            "latest": self.env._("the number of days since the latest of %s", records),
            "earliest": self.env._("the number of days since the first of %s", records),
            "next": self.env._("the number of days until the next of %s", records),
            "gap_mean": self.env._("the mean of days between %s", records),
            "gap_spread": self.env._("the spread of days between %s", records),
            "cycle": self.env._(
                "the share that has passed of the usual time between %s", records
            ),
        }.get(self.aggregate, "")

    def _say_records(self, clock=None):
        """“the last 5 “Touches” where Clicked”."""
        return self._say_with_domain(self._say_model(clock), "domain", clock)

    def _say_model(self, clock=None):
        """“Touches”, or the last ones of which."""
        name = self.env._("“%s”", self.sudo().model_id.name or self.env._("records"))
        if not self.last_records:
            return name
        return self.env._(
            "the last %(number)s of %(records)s",
            number=self.last_records,
            records=self._say_with_domain(name, "among_domain", clock),
        )

    def _say_with_domain(self, records, name, clock):
        try:
            domain = read_domain(self[name])
            if domain.is_true():
                return records
            words = self._say_domain(domain, clock)
        except Exception:  # noqa: BLE001, it is being typed
            words = None
        if not words:
            return self.env._("%s that fit", records)
        return self.env._("%(records)s with %(what)s", records=records, what=words)

    def _say_domain(self, domain, clock):
        if self.model_name not in self.env:
            return None
        return domain_words.say(domain, self.env[self.model_name], clock)

    def _say_value(self, clock=None):
        """The label of the field, and where it belongs to."""
        label = self.value_path or ""
        with suppress(KeyError):  # it is being typed, or gone
            label = domain_words.label_of(self.env[self.model_name], label)
        return self.env._(
            "“%(field)s” of %(records)s",
            field=label,
            records=self._say_records(clock),
        )

    def _say_comparison(self):
        as_share = self.aggregate == "cycle"
        first, second = (
            f"{round(100 * value, 2):g} %" if as_share else f"{value:g}"
            for value in (self.threshold or 0, self.threshold_to or 0)
        )
        return {
            ">=": self.env._("at least %s", first),
            ">": self.env._("more than %s", first),
            "<=": self.env._("at most %s", first),
            "<": self.env._("less than %s", first),
            "between": self.env._(
                "between %(first)s and %(second)s", first=first, second=second
            ),
        }.get(self.comparison, first)
