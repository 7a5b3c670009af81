from odoo import api, models

WATCHED = {
    "trace_status",
    "sent_datetime",
    "open_datetime",
    "reply_datetime",
    "links_click_datetime",
}


class MailingTrace(models.Model):
    """What became of a message: the ledger follows."""

    _inherit = "mailing.trace"

    # Has the mailing reached these addresses? Asked for each batch of messages. Cut:
    # see ``mailing_mailing_excluded.EMAIL_LENGTH``.
    _reached_idx = models.Index("(mass_mailing_id, left(email, 320))")

    @api.model_create_multi
    def create(self, vals_list):
        """Tie each message to its reservation; book what nobody reserved."""
        traces = super().create(vals_list)
        self.env["contact.touch"].sudo()._book_traces(traces)
        return traces

    def write(self, vals):
        """Settle the touches of these messages."""
        result = super().write(vals)
        if not WATCHED.isdisjoint(vals):
            self.env["contact.touch"].sudo()._settle_traces(self)
        return result

    def _recipients_by_mailing(self):
        """{mailing: [recipients]} of these messages."""
        return {
            mailing: of_mailing.mapped("res_id")
            for mailing, of_mailing in self.grouped("mass_mailing_id").items()
        }

    def _drop_messages(self):
        """Throw away what still waits to be sent, or failed. The traces stay."""
        self.mail_mail_id.unlink()

    def _note_arrived(self):
        """Somebody says that these messages have arrived."""
        mails = self.mail_mail_id
        mails.write({"state": "sent", "failure_type": False, "failure_reason": False})
        mails.filtered("auto_delete").unlink()

    def unlink(self):
        """A message that is thrown away before it left gives its allowance back."""
        waiting = (
            self.env["contact.touch"]
            .sudo()
            .search([("trace_id", "in", self.ids), ("state", "=", "reserved")])
        )
        waiting.state = "released"
        return super().unlink()
