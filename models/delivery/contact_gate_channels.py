from odoo import models

from .optional_models import extend
from .sms import SMS_MARKETING


class ContactGate(models.AbstractModel):
    """Channels that other apps bring: their senders pass the gate as well."""

    _inherit = "contact.gate"

    def _register_hook(self):
        """Called when all models of the database are there."""
        res = super()._register_hook()
        if "sms_id_int" in self.env["mailing.trace"]._fields:
            extend(self.env.registry, SMS_MARKETING)
        return res
