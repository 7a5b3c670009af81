from odoo import models
from odoo.fields import Domain


class SmsSms(models.Model):
    """Trying a failed text message of a mailing again is a new message."""

    _register = False
    _name = "sms.sms"
    _inherit = ["sms.sms"]

    def action_set_outgoing(self):
        """A failed or cancelled message goes through the gate again: its allowance was
        given back when it came to nothing."""
        return super(SmsSms, self - self._ask_gate_again()).action_set_outgoing()

    def resend_failed(self):
        """A failed message goes through the gate again, with the mailing's next run."""
        asked = self.filtered(lambda sms: sms.state == "error")._ask_gate_again()
        left = self - asked
        if left or not asked:
            return super(SmsSms, left).resend_failed()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": self.env._(
                    "%s text messages are decided about again. They go out with the "
                    "next run of the queue.",
                    len(asked),
                ),
            },
        }

    def _find_traces(self):
        """Their statistics. Asked of the database: the field that lists them is not
        kept up to date in the transaction that makes them."""
        return self.env["mailing.trace"].search([("sms_id_int", "in", self.ids)])

    def _ask_gate_again(self):
        """Throw failed messages of mailings away; their recipients are due now.

        Records that Odoo cancelled as duplicates of them are asked about as well.

        :return: the messages that are gone
        """
        failed = self.filtered(
            lambda sms: sms.mailing_id and sms.state in ("error", "canceled")
        )
        governed = failed.mailing_id.filtered(lambda m: m._contact_plan().policies)
        # What may have arrived is one message more, rules or not.
        gone = failed.filtered(
            lambda sms: (
                sms.mailing_id in governed
                or "process" in sms._find_traces().mapped("trace_status")
            )
        )
        for mailing, messages in gone.grouped("mailing_id").items():
            traces = messages._find_traces()
            traces |= traces.search(
                Domain("mass_mailing_id", "=", mailing.id)
                & Domain("sms_number", "in", traces.mapped("sms_number"))
                & Domain("failure_type", "=", "sms_duplicate")
            )
            mailing._decide_again(traces, messages)
        return gone
