import logging

from odoo import api, fields, models, modules
from odoo.fields import Domain
from odoo.tools import html2plaintext

_logger = logging.getLogger(__name__)


class MailingMailing(models.Model):
    """The queue: one mailing's trouble is its own."""

    _inherit = "mailing.mailing"

    @api.model
    def _process_mass_mailing_queue(self):
        """End the waiting of those for whom it makes no sense any more, then send."""
        waiting = self.search([("state", "=", "sending"), ("is_waiting", "=", True)])
        waiting._expire_deferred()
        queue = self.with_context(contact_strategy_queue=True)
        return super(MailingMailing, queue)._process_mass_mailing_queue()

    def _action_send_mail(self, res_ids=None):
        """In the queue a mailing that fails says so, and the next one goes out.

        A rule that cannot be asked stops its mailing: nobody is written to whom a rule
        could not judge. It must not stop the others.
        """
        return self._send_apart(lambda mailings: super()._action_send_mail(res_ids))

    def _send_apart(self, send):
        """Send these mailings; in the queue, so that their trouble is their own.

        :param send: function(mailings)
        :return: what it returns; False if the mailings have failed in the queue
        """
        if not self.env.context.get("contact_strategy_queue"):
            return send(self)
        mailings = self.with_context(contact_strategy_queue=False)
        try:
            if modules.module.current_test:
                with self.env.cr.savepoint():
                    return send(mailings)
            return send(mailings)
        except Exception as error:
            if not modules.module.current_test:
                self.env.cr.rollback()
            mailings.invalidate_recordset()
            _logger.warning("Mailing %s was not sent", self.ids, exc_info=True)
            mailings._say_failure(error)
            return False

    def _say_failure(self, error):
        """Tell the people responsible, once for each reason."""
        for mailing in self:
            said = self.env._(
                "This mailing was not sent on: %s. It is tried again with the next run "
                "of the queue.",
                error,
            )
            last = html2plaintext(mailing.message_ids[:1].body or "")
            if said not in last:
                mailing.message_post(body=said)

    def _stop_sending(self, error):
        """A draft again, of which some may have been sent: whoever sends it on reaches
        the others.

        :param Exception error: why it stopped
        """
        for mailing in self:
            mailing.write({"state": "draft"})
            mailing.message_post(
                body=self.env._(
                    "Sending stopped: %s. Whoever has got it does not get it again: "
                    "send it once more for the others, or leave it.",
                    error,
                )
            )

    def _expire_deferred(self):
        """Expire who is out of time, or no longer among the recipients."""
        now = fields.Datetime.now()
        Hold = self.env["contact.hold"].sudo()
        late = self.filtered(lambda m: m.useful_until and m.useful_until < now)
        concerned = Hold.search(
            Domain("mailing_id", "in", self.ids)
            & Domain("state", "=", "deferred")
            & (Domain("next_allowed", "<=", now) | Domain("mailing_id", "in", late.ids))
        )
        # All at once, as they are written mailing by mailing.
        concerned._lock_in_order()
        for mailing, due in concerned.grouped("mailing_id").items():
            if mailing in late:
                due._expire("too_late")
            else:
                mailing = self.browse(mailing.id)
                mailing._end_reached(due)
                audience = set(mailing._get_recipients())
                gone = [h.id for h in due.exists() if h.res_id not in audience]
                Hold.browse(gone)._expire("left_audience")

    def _end_reached(self, holds):
        """End the waiting of records that have a message: contacts were merged."""
        traces = self.env["mailing.trace"].search(
            Domain("mass_mailing_id", "=", self.id)
            & Domain("model", "=", self.mailing_model_real)
            & Domain("res_id", "in", holds.mapped("res_id"))
        )
        if traces:
            self.env["contact.touch"].sudo()._end_holds(traces)
