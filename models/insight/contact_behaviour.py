from odoo import fields, models
from odoo.fields import Domain

from odoo.addons.mass_mailing_contact_strategy.models.unit_clock import unit_clock
from odoo.addons.mass_mailing_contact_strategy.models.written_domain import (
    read_domain,
)

COUNTED = ("count", "sum", "distinct")
"""Of people without any record these are zero; all else is nothing."""
BEHAVIOUR = {
    *("model_id", "domain", "person_path", "date_path", "window_value", "window_unit"),
    *("date_from", "date_to", "last_records", "among_domain"),
    *("aggregate", "value_path", "comparison", "threshold", "threshold_to"),
}
"""What says of whom it is true."""


class ContactBehaviourMixin(models.AbstractModel):
    """A question about records of any model: what signals and segments ask.

    It reads: of the records of this model that match this domain and reach the person
    by this path, within this window, the number (sum, latest ...) compares so. There
    is one engine that answers it: ``signal_sql.Scan``.
    """

    _name = "contact.behaviour.mixin"
    _description = "Asks What People Did"

    # Which records
    model_id = fields.Many2one("ir.model")
    model_name = fields.Char(related="model_id.model", store=True, string="Model Name")
    domain = fields.Char(default="[]")
    person_path = fields.Char(string="Path to the Person")
    date_path = fields.Char(default="create_date")
    # When
    window_value = fields.Integer(help="Zero: ever.")
    window_unit = fields.Selection(
        [("day", "days"), ("week", "weeks"), ("month", "months")], default="day"
    )
    date_from = fields.Date(string="From", help="The day counts. Empty: ever.")
    date_to = fields.Date(string="Until", help="The day counts. Empty: until now.")
    last_records = fields.Integer(
        string="Of the Last",
        help="Only so many of each person's records are looked at, the latest ones, "
        "whether they match or not. Zero: all.",
    )
    among_domain = fields.Char(
        string="The Last Among", help="Which records are the last ones chosen from?"
    )
    # What of them
    aggregate = fields.Selection(
        [
            ("count", "number"),
            ("sum", "sum"),
            ("average", "average"),
            ("distinct", "number of different values"),
            ("latest", "days since the latest"),
            ("earliest", "days since the earliest"),
            ("next", "days until the next"),
            ("gap_mean", "mean days between them"),
            ("gap_spread", "spread of the days between them"),
            ("cycle", "share of the usual interval that has passed"),
        ],
        default="count",
    )
    value_path = fields.Char(help="For sums, averages and different values.")
    comparison = fields.Selection(
        [
            (">=", "at least"),
            (">", "more than"),
            ("<=", "at most"),
            ("<", "less than"),
            ("between", "between"),
        ],
        default=">=",
    )
    threshold = fields.Float(default=1.0)
    threshold_to = fields.Float()

    def _get_domain(self) -> Domain:
        """The records it is about."""
        self.ensure_one()
        return read_domain(self.domain)

    def _get_among_domain(self) -> Domain:
        """The records of which the last ones are looked at."""
        self.ensure_one()
        return read_domain(self.among_domain)

    def _get_domains(self):
        """All domains that say which records count."""
        return [self._get_domain(), self._get_among_domain()]

    def _get_fact_domain(self, _now=None) -> Domain:
        """As Odoo itself would search: what is archived only where it is named.

        :param datetime _now: naive UTC, for overrides that read dates by their clock
        """
        return self._without_archived(self._get_domain())

    def _get_base_domain(self, _now=None) -> Domain:
        """As ``_get_fact_domain``, for the records of which the last are looked at."""
        return self._without_archived(self._get_among_domain())

    def _without_archived(self, domain):
        active = self.env[self.model_name]._active_name
        named = (condition.field_expr for condition in domain.iter_conditions())
        if active and active not in named:
            domain &= Domain(active, "=", True)
        return domain

    def _clock(self, now):
        """The clock by which its days begin and end.

        :param datetime now: naive UTC
        """
        return unit_clock(self.env, self.env["res.company"], now)

    def _is_weighed(self):
        """Do its records count by their age?"""
        return False

    def _get_people_scope(self):
        """SELECT of the profiles that are looked at, or None: all.

        :raise ValueError: it cannot be told who they are, with a sentence
        """
        return

    def _is_true_of_zero(self):
        """Is it true of people of whom there is no record?"""
        if self.aggregate not in COUNTED:
            return False
        first, second = self.threshold or 0, self.threshold_to or 0
        return {
            ">=": first <= 0,
            ">": first < 0,
            "<=": first >= 0,
            "<": first > 0,
            "between": first <= 0 <= second,
        }[self.comparison]
