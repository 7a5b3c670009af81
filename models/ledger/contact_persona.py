from odoo import api, fields, models


class ContactPersona(models.Model):
    """Which ways to reach them a persona prefers."""

    _inherit = "contact.persona"

    channel_ids = fields.Many2many(
        "contact.channel",
        string="Preferred Channels",
        context={"active_test": False},
        help="Where such people like to be reached, the best first.",
    )

    @api.model
    def _hidden_models(self):
        """What was sent is hidden between business units."""
        ledger = {"contact.touch", "contact.touch.year", "contact.hold"}
        return super()._hidden_models() | ledger
