from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.mass_mailing_contact_strategy.models import domain_meaning

from . import segment_leaves_behaviour


class ContactSegmentCondition(models.Model):
    """What a line means by a behaviour: of its unit, and by its unit's clock."""

    _inherit = "contact.segment.condition"

    def _get_fact_domain(self, _now=None) -> Domain:
        """With real dates, and of the segment's unit."""
        domain = super()._get_fact_domain(_now)
        return self._understood(domain, _now)

    def _get_base_domain(self, _now=None) -> Domain:
        """With real dates, and of the segment's unit."""
        domain = super()._get_base_domain(_now)
        return self._understood(domain, _now)

    def _understood(self, domain, now):
        Model = self.env[self.model_name].sudo()
        domain = domain_meaning.understand(domain, Model, self._clock(now))
        unit = self.segment_id.sudo().company_id
        if unit and self._has_units():
            domain &= self._of_unit(unit)
        return domain

    def _has_units(self):
        """Do its records belong to business units?"""
        return self._is_of_company() or bool(self._trace_name())

    def _is_of_company(self):
        field = self.env[self.model_name]._fields.get("company_id")
        return bool(field and field.column_type and field.comodel_name == "res.company")

    def _trace_name(self):
        """What names the trace: of mails and clicks the ledger knows the unit."""
        if self.model_name == "mailing.trace":
            return "id"
        field = self.env[self.model_name]._fields.get("mailing_trace_id")
        is_column = field and field.store and field.comodel_name == "mailing.trace"
        return field.name if is_column else None

    def _of_unit(self, unit):
        """The records of a unit, and those of none."""
        if self._is_of_company():
            return Domain("company_id", "in", [unit.id, False])
        name = self._trace_name()

        def to_sql(model, alias, _query):
            Touch = model.env["contact.touch"]
            return SQL(
                "NOT EXISTS (SELECT FROM contact_touch touch"
                " WHERE touch.trace_id = %s AND touch.company_id <> %s)",
                SQL.identifier(alias, name, to_flush=model._fields[name]),
                unit.id,
                to_flush=[Touch._fields[one] for one in ("trace_id", "company_id")],
            )

        return Domain.custom(to_sql=to_sql)

    def _sql_numbers(self, at):
        """Rows (profile_id, number) of all who have records.

        :param datetime at: naive UTC
        :rtype: odoo.tools.SQL
        :raise SegmentProblem: it cannot be asked
        """
        self.ensure_one()
        return segment_leaves_behaviour.numbers(self.sudo(), at)
