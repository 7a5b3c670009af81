from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class ContactOfPersonMixin(models.AbstractModel):
    """Records about a person: may their reader know that person?

    For access rules. "The person's business unit is one of mine, or none" would look up
    each record's person, a million of them for a report. Asked the other way round it
    is about the people of other units, who have an index of their own.
    """

    _name = "contact.of.person.mixin"
    _description = "About a Person"

    profile_id = fields.Many2one("contact.profile")
    is_in_reach = fields.Boolean(
        string="Person of My Business Units",
        compute="_compute_is_in_reach",
        search="_search_is_in_reach",
        compute_sudo=True,
        exportable=False,
    )

    @api.depends("profile_id.company_id")
    @api.depends_context("allowed_company_ids")
    def _compute_is_in_reach(self):
        mine = self.env.companies
        for record in self:
            unit = record.profile_id.company_id
            record.is_in_reach = not unit or unit in mine

    @api.model
    def _search_is_in_reach(self, operator, value):
        """SQL, because a domain can only say NOT IN, which is slow where other units
        have many people.

        :return: domain of the records whose person is of the units in use, or of none
        """
        if operator != "in":
            return NotImplemented
        companies = self.env.companies.ids

        def is_out_of_reach(model, alias, _query):
            Profile = model.env["contact.profile"]
            return SQL(
                "EXISTS (SELECT FROM contact_profile hidden WHERE hidden.id = %s"
                " AND %s <> ALL(%s))",
                SQL.identifier(
                    alias, "profile_id", to_flush=model._fields["profile_id"]
                ),
                SQL.identifier(
                    "hidden", "company_id", to_flush=Profile._fields["company_id"]
                ),
                companies,
            )

        hidden = Domain.custom(to_sql=is_out_of_reach)
        wanted = set(value)
        if wanted == {True, False}:
            return Domain.TRUE
        return ~hidden if True in wanted else hidden
