from datetime import timedelta

import psycopg2

from odoo import api, fields, models, modules
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.mass_mailing_contact_strategy.core.handover import Handover

RETRY_PAUSE = timedelta(minutes=5)
"""Until a message is tried again whose connection broke before it was handed over."""
PATIENCE = timedelta(days=1)
"""How long such a message is tried; then it has failed."""

ARRIVED = ("sent", "open", "reply", "bounce")
"""What a trace says when the mail server certainly took the message."""

CLAIM = """
    WITH mail AS (
        SELECT m.id FROM mail_mail m
         WHERE m.id = %s AND m.state = 'outgoing' AND NOT EXISTS (
               SELECT FROM contact_handover h WHERE h.mail_mail_id_int = m.id)
           FOR UPDATE SKIP LOCKED),
    traces AS (
        SELECT s.id FROM mailing_trace s JOIN mail m
            ON s.mail_mail_id_int = m.id
           FOR UPDATE OF s),
    touches AS (
        SELECT t.id, t.date, t.state
          FROM contact_touch t JOIN traces s ON t.trace_id = s.id
         ORDER BY t.id  -- as a merge locks them: nobody waits for each other
           FOR UPDATE OF t)
    SELECT ARRAY(SELECT id FROM touches WHERE state = 'reserved' AND date < %s)
      FROM mail m
"""
"""Lock a message with its trace and its touch; give the touches of another quarter."""


def quarter(moment):
    """When the quarter of an hour began: calendar days, in whatever time zone, begin
    and end with one, and no window is as short."""
    return moment.replace(minute=moment.minute // 15 * 15, second=0, microsecond=0)


class MailMail(models.Model):
    """A mailing's message is never sent twice, and its fate is never forgotten.

    Each is sent by a transaction of its own, which keeps the message, its trace and its
    touch locked: once the mail server has taken it, nobody can make the outcome fail.
    """

    _inherit = "mail.mail"

    @api.model
    def process_email_queue(self, email_ids=(), batch_size=1000):
        """What an earlier process left behind is looked at before more is sent."""
        self.env["contact.handover"]._notice()
        return super().process_email_queue(email_ids=email_ids, batch_size=batch_size)

    def _send(self, auto_commit=False, raise_exception=False, **options):
        """Messages of mailings are handed over one by one, marked beforehand.

        They are committed one by one whoever calls: what the mail server took cannot
        be rolled back.
        """
        guarded = self._filter_guarded()
        others = self - guarded
        options["raise_exception"] = raise_exception
        if others or not guarded:
            super(MailMail, others)._send(auto_commit=auto_commit, **options)
        if not guarded:
            return True
        options["auto_commit"] = not modules.module.current_test
        guarded._hand_over(options)
        return True

    def _send_as_odoo(self, options):
        """Odoo's own sending, of messages that are marked when they leave."""
        return super()._send(**options)  # pylint: disable=super-method-mismatch

    def _filter_guarded(self):
        """Messages of mailings; tests of a mailing to its author are as in Odoo."""
        disabled = self.env["ir.mail_server"]._disable_send()
        if disabled or self.env.context.get("mailing_test_mail"):
            return self.browse()
        return self.filtered("mailing_id")

    def _hand_over(self, options):
        """Send these messages one by one, each in a transaction of its own.

        Nothing of a message that fails stays in the transaction unless its outcome is
        written. When the connection is lost, the others wait for the next run.

        :param dict options: of Odoo's ``_send``
        :raise smtplib.SMTPServerDisconnected: as Odoo does
        """
        Handovers = self.env["contact.handover"]
        self.env["contact.gate"]._commit()
        with Handovers._second_cursor() as cr:
            handover = Handover(lambda mail_id: Handovers._mark(mail_id, cr))
            settled = []
            try:
                Mail = self.with_context(contact_handover=handover)
                for mail_id in self.ids:
                    # Alone: each commit empties the cache, and the next message must
                    # not read all of the batch again.
                    mail = Mail.browse(mail_id)
                    if not mail._claim():
                        continue
                    mail._hand_over_one(options)
                    if handover.marked_at:
                        settled.append(mail.id)
                    if handover.lost:
                        raise handover.lost
            finally:
                Handovers._unmark(settled, cr)

    def _hand_over_one(self, options):
        """Send one message and commit its outcome; it must be claimed.

        :param dict options: of Odoo's ``_send``
        """
        handover = self.env.context["contact_handover"]
        handover.start(self.id)
        try:
            self._keep_address()
            self._send_as_odoo(options)
        except BaseException:
            if not modules.module.current_test:
                if handover.is_settled:
                    self.env.cr.commit()  # pylint: disable=invalid-commit
                else:
                    self.env.cr.rollback()
            raise

    def _claim(self, attempts=3):
        """Lock the message, its trace and its touch, if it is to be sent at all.

        SQL, as the ORM locks one table at a time. A message that is locked is being
        sent by somebody else, and one that is marked was sent before, or may have been.
        A touch is dated anew before, if it has waited: while it is locked nobody else
        can, and whoever decides then would count it where it was booked.

        :return: whether the message is ours
        """
        if modules.module.current_test:
            return True  # one connection only: Odoo looks at the state itself
        query = SQL(CLAIM, self.id, quarter(fields.Datetime.now()))
        try:
            self.env.cr.execute(query, log_exceptions=False)
        except psycopg2.extensions.TransactionRollbackError:
            # Changed in this very moment: look again.
            self.env.cr.rollback()
            return attempts > 1 and self._claim(attempts - 1)
        claimed = self.env.cr.fetchone()
        if not (claimed and claimed[0]):
            return bool(claimed)
        self.env["contact.touch"]._date_now(claimed[0])
        return attempts > 1 and self._claim(attempts - 1)

    def _postprocess_sent_message(
        self, success_pids, success_emails, failure_reason=False, failure_type=None
    ):
        """A message that did not go out in order has failed only if that is certain."""
        handover = self.env.context.get("contact_handover")
        if handover and failure_type:
            if handover.may_have_arrived:
                self._note_uncertain({self.id: handover.marked_at})
                handover.is_settled = True
                return True
            if handover.lost:
                if self._try_later():
                    handover.is_settled = True
                    return True
                failure_type = "mail_smtp"
        result = super()._postprocess_sent_message(
            success_pids,
            success_emails,
            failure_reason=failure_reason,
            failure_type=failure_type,
        )
        if handover:
            handover.is_settled = True
        return result

    # ------------------------------------------------------------
    # What becomes of a message that was not sent in order
    # ------------------------------------------------------------

    def _try_later(self):
        """The connection broke before the message could arrive: it goes back to the
        queue, behind the others, unless it has been tried for long.

        :return: whether it is tried again
        """
        now = fields.Datetime.now()
        if self.create_date and self.create_date < now - PATIENCE:
            self.write({"state": "exception", "failure_type": "mail_smtp"})
            return False
        self._set_notifications("ready")
        self.write(
            {
                "state": "outgoing",
                "failure_type": False,
                "failure_reason": False,
                "scheduled_date": now + RETRY_PAUSE,
            }
        )
        cron = self.env.ref("mail.ir_cron_mail_scheduler_action", False)
        if cron:
            cron.sudo()._trigger(now + RETRY_PAUSE)
        return True

    def _note_uncertain(self, moments):
        """Nobody knows whether these messages arrived: a person decides.

        They count as touches and are never sent again by themselves. Whoever has opened
        the message meanwhile has got it.

        :param dict moments: {message id: when it was handed over (naive UTC)}
        """
        # Elevated: what became of a message is written whoever sent it.
        self = self.sudo()
        waiting = self.mailing_trace_ids.filtered(
            lambda trace: trace.trace_status not in ARRIVED
        )
        waiting.write({"trace_status": "process", "failure_type": False})
        booked = (
            self.env["contact.touch"]
            .sudo()
            ._note_uncertain(
                {trace.id: moments[trace.mail_mail_id.id] for trace in waiting}
            )
        )
        # Nobody to decide about: the record is gone, and the person with it.
        (waiting - booked).set_failed(failure_type="unknown")
        arrived = self.filtered(lambda mail: mail.mailing_trace_ids - waiting)
        arrived.write({"state": "sent", "failure_type": False, "failure_reason": False})
        self._set_notifications("canceled")
        (self - arrived).write(
            {
                "state": "cancel",
                "failure_type": "unknown",
                "failure_reason": self.env._(
                    "This message may or may not have arrived: the work was cut off "
                    "while it was handed over to the mail server. It is not sent again "
                    "by itself; decide on the mailing what to do."
                ),
            }
        )

    def _set_notifications(self, status):
        """Say so in the record's chatter, too, where the message is logged there.

        :param str status: a value of ``notification_status``
        """
        logged = self.filtered("is_notification")
        if logged:
            self.env["mail.notification"].sudo().search(
                Domain("notification_type", "=", "email")
                & Domain("mail_mail_id", "in", logged.ids)
                & Domain("notification_status", "not in", ("sent", "canceled"))
            ).write(
                {
                    "notification_status": status,
                    "failure_type": False,
                    "failure_reason": False,
                }
            )
