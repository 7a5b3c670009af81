from odoo import api, models
from odoo.tools import SQL

from odoo.addons.mass_mailing_contact_strategy.models.sql_arrays import int_array

from . import people

LINKED = {
    "res.partner": people.of_partners,
    "mailing.contact": people.of_mailing_contacts,
}
"""Models whose records know their profile: the database finds the people by itself."""


class ContactProfile(models.Model):
    """Who is behind the records of a mailing, for statements about all of them."""

    _inherit = "contact.profile"

    @api.model
    def _prepare_people(self, model, res_ids):
        """Make the profiles that records need before people are asked about.

        :param str model: where mailings go to; mailing lists mean their contacts
        :param list res_ids: its records
        """
        if model not in LINKED:
            return
        # Elevated: a cap counts for people the sender may not see.
        Model = self.env[model].sudo()
        Model.flush_model(["email_normalized", "profile_id"])
        homeless = self.env.execute_query(
            SQL(
                "SELECT id FROM %s WHERE id = ANY(%s) AND profile_id IS NULL"
                " AND email_normalized <> ''",
                SQL.identifier(Model._table),
                int_array(res_ids),
            )
        )
        self._resolve_rows(model, [res_id for (res_id,) in homeless])

    @api.model
    def _find_people(self, model, res_ids, rows=None):
        """The people behind records, as the database finds them.

        :param dict rows: {record: (profile id, address)} where the records themselves
            do not say it
        :rtype: People
        """
        if rows is None:
            return LINKED[model](res_ids)
        return people.listed((res_id, *rows[res_id]) for res_id in res_ids)
