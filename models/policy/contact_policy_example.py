from odoo import fields, models


class ContactPolicy(models.Model):
    """Policies that began as an example: each example is made once."""

    _inherit = "contact.policy"

    example = fields.Char(
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="The example that it was made from.",
    )
