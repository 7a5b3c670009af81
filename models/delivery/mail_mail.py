from odoo import models


class MailMail(models.Model):
    """Trying a failed message again is a new message."""

    _inherit = "mail.mail"

    def mark_outgoing(self):
        """A failed message of a mailing goes through the gate again.

        Its allowance was given back when it failed. As Odoo's own *Retry* does, the
        message and its trace are thrown away and the mailing makes a new one, for those
        who may be written to by then.
        """
        failed = self.filtered(
            lambda mail: mail.mailing_id and mail.state in ("exception", "cancel")
        )
        if not self.env["contact.policy"].sudo().search_count([], limit=1):
            failed = self.browse()
        if failed:
            mailings = failed.mailing_id
            failed.mailing_trace_ids.unlink()
            failed.unlink()
            mailings.action_put_in_queue()
        return super(MailMail, self - failed).mark_outgoing()
