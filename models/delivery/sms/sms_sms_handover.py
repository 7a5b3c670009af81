import psycopg2

from odoo import api, fields, models, modules
from odoo.tools import SQL

from odoo.addons.mass_mailing_contact_strategy.models.delivery.mail_mail_handover import (  # noqa: E501
    ARRIVED,
    quarter,
)
from odoo.addons.mass_mailing_contact_strategy.models.sql_arrays import int_array

from .provider import WatchedApi

CLAIM = """
    WITH sms AS (
        SELECT m.id, m.mailing_id FROM sms_sms m
         WHERE m.id = ANY(%s) AND m.state = 'outgoing' AND m.to_delete IS NOT TRUE
           AND NOT EXISTS (
               SELECT FROM contact_handover h WHERE h.sms_id_int = m.id)
         ORDER BY m.id
           FOR UPDATE SKIP LOCKED),
    mailings AS (
        SELECT id FROM mailing_mailing WHERE id IN (SELECT mailing_id FROM sms)
         ORDER BY id
           FOR NO KEY UPDATE),
    traces AS (
        SELECT s.id FROM mailing_trace s JOIN sms ON s.sms_id_int = sms.id
         ORDER BY s.id
           FOR UPDATE OF s),
    touches AS (
        SELECT t.id, t.date, t.state
          FROM contact_touch t JOIN traces s ON t.trace_id = s.id
         ORDER BY t.id  -- as a merge locks them: nobody waits for each other
           FOR UPDATE OF t)
    SELECT ARRAY(SELECT id FROM sms),
           ARRAY(SELECT id FROM touches WHERE state = 'reserved' AND date < %s),
           (SELECT count(*) FROM mailings)
"""
"""Lock messages with all that their outcome is written to; give those that are ours,
and the touches of another quarter of an hour."""


class SmsSmsHandover(models.Model):
    """A mailing's text message is never sent twice, and its fate is never forgotten.

    As with e-mails (see ``mail.mail``), but a provider takes hundreds at a time: what
    is handed over together is marked together.
    """

    _register = False
    _name = "sms.sms"
    _inherit = ["sms.sms"]

    @api.model
    def _process_queue(self):
        """What an earlier process left behind is looked at before more is sent."""
        self.env["contact.handover"]._notice()
        return super()._process_queue()

    def _send(self, unlink_failed=False, unlink_sent=True, raise_exception=False):
        """Messages of mailings are marked before they are handed over, and their
        outcome is committed: what the provider took cannot be rolled back."""
        options = {
            "unlink_failed": unlink_failed,
            "unlink_sent": unlink_sent,
            "raise_exception": raise_exception,
        }
        guarded = self.browse()
        if not modules.module.current_test:
            guarded = self.filtered("mailing_id")
        others = self - guarded
        result = None
        if others or not guarded:
            result = super(SmsSmsHandover, others)._send(**options)
        if guarded:
            guarded._hand_over(options)
        return result

    def _send_as_odoo(self, options):
        """Odoo's own sending, of messages that are marked."""
        return super()._send(**options)  # pylint: disable=super-method-mismatch

    def _hand_over(self, options):
        """Send these messages in a transaction of their own.

        :param dict options: of Odoo's ``_send``
        """
        Handovers = self.env["contact.handover"]
        self.env["contact.gate"]._commit()
        with Handovers._second_cursor() as cr:
            claimed = self._claim()
            if not claimed:
                return
            Handovers._mark_all("sms_id_int", claimed.ids, cr)
            try:
                claimed._send_as_odoo(options)
            except BaseException:
                self.env.cr.rollback()
                raise
            self.env.cr.commit()  # pylint: disable=invalid-commit
            Handovers._unmark(claimed.ids, cr, "sms_id_int")

    def _claim(self, attempts=3):
        """Lock the messages with their traces, touches and mailings.

        SQL, as the ORM locks one table at a time. What is locked is being sent by
        somebody else, and what is marked was sent before, or may have been. Touches
        that have waited are dated anew before.

        :return: those that are ours
        """
        query = SQL(CLAIM, int_array(self.ids), quarter(fields.Datetime.now()))
        try:
            self.env.cr.execute(query, log_exceptions=False)
        except psycopg2.extensions.TransactionRollbackError:
            # Changed in this very moment: look again.
            self.env.cr.rollback()
            return self._claim(attempts - 1) if attempts > 1 else self.browse()
        sms_ids, touch_ids, _mailings = self.env.cr.fetchone()
        if touch_ids:
            self.env["contact.touch"]._date_now(touch_ids)
            return self._claim(attempts - 1) if attempts > 1 else self.browse()
        return self.browse(sms_ids)

    def _send_with_api(self, sms_api, **options):
        """An answer that was lost leaves open what became of the messages of mailings.

        Odoo calls all of them failed: their allowance would be given back, and they
        would be sent again.
        """
        watched = WatchedApi(sms_api)
        now = fields.Datetime.now()
        result = super()._send_with_api(watched, **options)
        if watched.may_have_arrived:
            doubtful = self.exists().filtered("mailing_id")
            doubtful._note_uncertain(dict.fromkeys(doubtful.ids, now))
        return result

    def _note_uncertain(self, moments):
        """Nobody knows whether these messages arrived: a person decides.

        :param dict moments: {message id: when it was handed over (naive UTC)}
        """
        # Elevated: what became of a message is written whoever sent it.
        self = self.sudo()
        waiting = self._find_traces().filtered(
            lambda trace: trace.trace_status not in (*ARRIVED, "pending")
        )
        waiting.write({"trace_status": "process", "failure_type": False})
        touches = self.env["contact.touch"].sudo()
        booked = touches._note_uncertain(
            {trace.id: moments[trace.sms_id_int] for trace in waiting}
        )
        # Nobody to decide about: the record is gone, and the person with it.
        (waiting - booked).set_failed(failure_type="unknown")
        self.write({"state": "canceled", "failure_type": "unknown"})
