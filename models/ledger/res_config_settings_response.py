from odoo import api, fields, models

from .contact_touch_response import NONE, POSITIVE, RESPONSES


class ResConfigSettings(models.TransientModel):
    """What counts as a positive answer."""

    _inherit = "res.config.settings"

    contact_positive_opened = fields.Boolean(
        string="Opened",
        help="Programs that protect privacy open messages by themselves.",
    )
    contact_positive_clicked = fields.Boolean(string="Clicked")
    contact_positive_replied = fields.Boolean(string="Replied")
    contact_positive_converted = fields.Boolean(string="Converted")

    @api.model
    def get_values(self):
        """One parameter holds them all."""
        kinds = self.env["contact.touch"]._positive_kinds()
        return {
            **super().get_values(),
            **{f"contact_positive_{kind}": kind in kinds for kind in RESPONSES},
        }

    def set_values(self):
        """One parameter holds them all."""
        res = super().set_values()
        for settings in self:
            kinds = [k for k in RESPONSES if settings[f"contact_positive_{k}"]]
            self.env["ir.config_parameter"].sudo().set_param(
                POSITIVE, ",".join(kinds) or NONE
            )
        return res
