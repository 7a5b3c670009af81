from odoo import api, fields, models
from odoo.tools import SQL

ADDRESS = ("street", "street2", "zip", "city", "country_id")


def sql_home(alias):
    """Where a contact lives, as one text; NULL where nobody could know.

    Contacts of companies work there. An address without a street or a place is shared
    by too many.

    :param str alias: of ``res_partner``
    :rtype: SQL
    """
    text = SQL(", ").join(SQL.identifier(alias, name) for name in ADDRESS)
    column = {
        name: SQL.identifier(alias, name)
        for name in ("street", "zip", "city", "is_company", "commercial_partner_id")
    }
    return SQL(
        r"""
        CASE WHEN %(street)s <> '' AND (%(zip)s <> '' OR %(city)s <> '')
              AND %(is_company)s IS NOT TRUE AND %(commercial_partner_id)s = %(id)s
             THEN lower(btrim(regexp_replace(
                  concat_ws(' | ', %(text)s), '\s+', ' ', 'g'))) END
        """,
        id=SQL.identifier(alias, "id"),
        text=text,
        **column,
    )


class ContactProfile(models.Model):
    """People with the same postal address share a home."""

    _inherit = "contact.profile"

    home = fields.Char(
        compute="_compute_home",
        store=True,
        readonly=True,
        index="btree_not_null",
        help="Who has the same is of one household.",
    )

    @api.depends(
        *(f"partner_id.{name}" for name in ADDRESS),
        "partner_id.is_company",
        "partner_id.commercial_partner_id",
    )
    def _compute_home(self):
        """SQL: many profiles are made by a statement (see `_ensure_for_partners`), and
        two ways to write the same address would be two homes."""
        partners = self.partner_id._origin
        partners.flush_recordset([*ADDRESS, "is_company", "commercial_partner_id"])
        homes = dict(
            self.env.execute_query(
                SQL(
                    "SELECT id, %s FROM res_partner WHERE id = ANY(%s)",
                    sql_home("res_partner"),
                    partners.ids,
                )
            )
        )
        for profile in self:
            profile.home = homes.get(profile.partner_id._origin.id)
