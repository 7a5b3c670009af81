from odoo import api, models


class ContactHandover(models.Model):
    """Text messages are marked, too."""

    _register = False
    _name = "contact.handover"
    _inherit = ["contact.handover"]

    @api.model
    def _get_kinds(self):
        """As e-mails: found where their sender was lost."""
        return {**super()._get_kinds(), "sms.sms": "sms_id_int"}
