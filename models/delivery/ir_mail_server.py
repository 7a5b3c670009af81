from odoo import api, models


class IrMailServer(models.Model):
    """A mailing's message is followed until the mail server has answered."""

    _inherit = "ir.mail_server"

    @api.model
    def send_email(self, message, *args, smtp_session=None, **options):
        """Messages of mailings (see mail.mail) are marked before they can arrive."""
        handover = self.env.context.get("contact_handover")
        if handover is None:
            return super().send_email(
                message, *args, smtp_session=smtp_session, **options
            )
        with handover.watch(smtp_session):
            return super().send_email(
                message, *args, smtp_session=smtp_session, **options
            )
