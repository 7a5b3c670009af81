from odoo import models


class MailingTrace(models.Model):
    """The messages behind the statistics of SMS mailings."""

    _register = False
    _name = "mailing.trace"
    _inherit = ["mailing.trace"]

    def _drop_messages(self):
        """Also text messages."""
        self.sms_id.unlink()
        return super()._drop_messages()

    def _note_arrived(self):
        """Also text messages, which Odoo removes when it has sent them."""
        self.sms_id.write({"state": "pending", "failure_type": False})
        self.sms_id.write({"to_delete": True})
        return super()._note_arrived()
