from odoo import models
from odoo.fields import Domain


class MailingMailing(models.Model):
    """SMS mailings do all that mailings do."""

    _register = False
    _name = "mailing.mailing"
    _inherit = ["mailing.mailing"]

    def action_send_sms(self, res_ids=None):
        """One by one, as Odoo would take the recipients of the first for all; in the
        queue one mailing's trouble is its own.
        """
        for mailing in self:
            mailing._send_apart(lambda alone: alone._send_sms_alone(res_ids))
        return True

    def _send_sms_alone(self, res_ids):
        self._check_segments()
        send = super().action_send_sms  # pylint: disable=super-method-mismatch
        return send(res_ids)

    def action_retry_failed_sms(self):
        """As ``action_retry_failed``, which see."""
        failed = (
            self.env["sms.sms"]
            .sudo()
            .search(
                Domain(
                    "mailing_id", "in", self.filtered(lambda m: m.state != "done").ids
                )
                & Domain("state", "=", "error")
            )
        )
        again = failed._find_traces()._recipients_by_mailing()
        result = super().action_retry_failed_sms()
        self._make_failed_due(again)
        return result

    def _settle_after_sms(self, made):
        """Text messages do not end their mailing: their outcomes do, as they come in.
        If somebody waits, or nobody got one, there may be no outcome to do it.

        :param made: the text messages that were made
        """
        self.ensure_one()
        is_over = self.state == "draft" and not made
        if is_over or self.state == "done" or self._with_deferred():
            self.write({"state": "done"})

    def _numbers_reached(self, numbers):
        """Which of these numbers has this mailing written to?

        :param numbers: sanitized numbers
        :rtype: set
        """
        traces = self.env["mailing.trace"].sudo()
        groups = traces._read_group(
            Domain("mass_mailing_id", "=", self.id)
            & Domain("sms_number", "in", list(numbers))
            & Domain("trace_status", "not in", ("cancel", "error")),
            ["sms_number"],
        )
        return {number for (number,) in groups}
