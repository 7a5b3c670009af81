import contextlib
import logging

import psycopg2

from odoo import api, fields, models, modules
from odoo.tools import SQL

from odoo.addons.mass_mailing_contact_strategy.models.sql_arrays import int_array

_logger = logging.getLogger(__name__)


class ContactHandover(models.Model):
    """The mark of a message that a mail server may have by now.

    Between the server's acceptance and our commit a process can be killed. Odoo would
    find the message in its queue, as if nothing had happened, and send it again. So a
    mark is committed right before the message can arrive, and whoever finds a marked
    message in the queue that nobody works on leaves it to a person.

    Why a table of its own: the mark is written by a second connection while the
    sender's transaction holds the message. Rows are only added and removed here, so
    that the sender, at REPEATABLE READ, cannot fail on them. The sender keeps the
    message's row locked from before the mark until its outcome is committed: a mark
    whose message is not locked has lost its sender.
    """

    _name = "contact.handover"
    _description = "Message Handed Over"
    _log_access = False

    # No many2one: a message sent in order is deleted before its mark is.
    mail_mail_id_int = fields.Integer(required=True)
    date = fields.Datetime(required=True)

    _one_per_message = models.UniqueIndex(
        "(mail_mail_id_int)", "This message was handed over already."
    )

    @api.model
    @contextlib.contextmanager
    def _second_cursor(self):
        """A connection whose commits are its own; in tests, the only one there is."""
        if modules.module.current_test:
            self.env.flush_all()
            yield self.env.cr
            self.env.flush_all()
            return
        with self.env.registry.cursor() as cr:
            yield cr

    @api.model
    def _mark(self, mail_id, cr):
        """The message can arrive from now on.

        :param int mail_id: id of a mail.mail
        :param cr: cursor given by `_second_cursor`
        :return: the moment of the mark (naive UTC)
        :raise psycopg2.Error: it is marked already, or could not be marked: it must
            not be handed over
        """
        now = fields.Datetime.now()
        if modules.module.current_test:
            return now  # nothing is committed, and nobody else is there to see it
        cr.execute(
            SQL(
                "INSERT INTO contact_handover (mail_mail_id_int, date) VALUES (%s, %s)",
                mail_id,
                now,
            )
        )
        cr.commit()  # pylint: disable=invalid-commit
        return now

    @api.model
    def _unmark(self, mail_ids, cr):
        """The outcome of these messages is committed. Failing here does no harm.

        :param list mail_ids: ids of mail.mail
        :param cr: cursor given by `_second_cursor`
        """
        if not mail_ids or modules.module.current_test:
            return
        try:
            cr.execute(
                SQL(
                    "DELETE FROM contact_handover WHERE mail_mail_id_int = ANY(%s)",
                    int_array(mail_ids),
                )
            )
        except psycopg2.Error:
            _logger.info("Marks of sent messages are left to the sweeper")

    @api.model
    def _notice(self):
        """Find the messages whose sender was lost: nobody knows if they arrived.

        On a cursor at READ COMMITTED: each row is looked at as it is when it is
        locked, and those of a message that is being sent are passed over.
        """
        with self._second_cursor() as cr:
            if not modules.module.current_test:
                cr.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
            cr.execute(
                """
                SELECT m.id, h.date
                  FROM contact_handover h
                  JOIN mail_mail m ON m.id = h.mail_mail_id_int
                 WHERE m.state = 'outgoing'
                   FOR UPDATE OF m SKIP LOCKED
                """
            )
            moments = dict(cr.fetchall())
            if moments:
                mails = self.env(cr=cr)["mail.mail"].sudo().browse(sorted(moments))
                mails._note_uncertain(moments)
                mails.env.flush_all()
            # What is no longer in the queue has its outcome.
            cr.execute(
                """
                DELETE FROM contact_handover h WHERE NOT EXISTS (
                       SELECT FROM mail_mail m
                        WHERE m.id = h.mail_mail_id_int AND m.state = 'outgoing')
                """
            )
        if moments:
            _logger.info("Messages that may have arrived: %s", sorted(moments))
            self.env.invalidate_all()
