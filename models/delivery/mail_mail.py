from odoo import Command, models, tools
from odoo.fields import Domain


class MailMail(models.Model):
    """A message is for one inbox; trying a failed one again is a new message."""

    _inherit = "mail.mail"

    def mark_outgoing(self):
        """A failed message of a mailing goes through the gate again.

        Its allowance was given back when it failed. So the person is asked about again,
        at once, and the mailing makes a new message if the answer is yes.
        """
        failed = self.filtered(
            lambda mail: mail.mailing_id and mail.state in ("exception", "cancel")
        )
        for mailing in failed.mailing_id:
            if not mailing._contact_plan().policies:
                # What may have arrived is one message more, rules or not.
                failed -= failed.filtered(
                    lambda m, of=mailing: (
                        m.mailing_id == of
                        and "process" not in m.mailing_trace_ids.mapped("trace_status")
                    )
                )
        for mailing, mails in failed.grouped("mailing_id").items():
            mails._decide_again(mailing)
        return super(MailMail, self - failed).mark_outgoing()

    def _decide_again(self, mailing):
        """See the mailing's method. Records that Odoo cancelled as duplicates of these
        are asked about as well: the address has not got the message after all."""
        traces = self.mailing_trace_ids
        traces |= traces.search(
            Domain("mass_mailing_id", "=", mailing.id)
            & Domain("email", "in", traces.mapped("email"))
            & Domain("failure_type", "=", "mail_dup")
        )
        mailing._decide_again(traces, self)

    def _keep_address(self):
        """Write to the inbox that the gate decided about, whoever the contact is now.

        Odoo looks the address up when the message leaves. If two contacts were merged
        since, both messages would go to one inbox. Without any address today nothing
        is sent, as in Odoo.
        """
        decided = tools.email_normalize(self.mailing_trace_ids[:1].email)
        today = self.recipient_ids[:1].email
        if not (decided and today) or self.email_to or len(self.recipient_ids) > 1:
            return
        if decided not in tools.email_normalize_all(today):
            self.write({"email_to": decided, "recipient_ids": [Command.clear()]})
