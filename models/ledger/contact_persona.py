from odoo import fields, models


class ContactPersona(models.Model):
    """Which ways to reach them a persona prefers."""

    _inherit = "contact.persona"

    channel_ids = fields.Many2many(
        "contact.channel",
        string="Preferred Channels",
        context={"active_test": False},
        help="Where such people like to be reached, the best first.",
    )
