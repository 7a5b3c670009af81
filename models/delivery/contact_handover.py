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
    mail_mail_id_int = fields.Integer()
    sms_id_int = fields.Integer()
    date = fields.Datetime(required=True)

    _one_per_message = models.UniqueIndex(
        "(mail_mail_id_int) WHERE mail_mail_id_int IS NOT NULL",
        "This message was handed over already.",
    )
    _one_per_sms = models.UniqueIndex(
        "(sms_id_int) WHERE sms_id_int IS NOT NULL",
        "This text message was handed over already.",
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
        return self._mark_all("mail_mail_id_int", [mail_id], cr)

    @api.model
    def _mark_all(self, column, ids, cr):
        """These messages can arrive from now on: see `_mark`.

        :param str column: which messages they are
        """
        now = fields.Datetime.now()
        if modules.module.current_test:
            return now  # nothing is committed, and nobody else is there to see it
        cr.execute(
            SQL(
                "INSERT INTO contact_handover (%s, date) SELECT id, %s"
                " FROM unnest(%s) AS id",
                SQL.identifier(column),
                now,
                int_array(ids),
            )
        )
        cr.commit()  # pylint: disable=invalid-commit
        return now

    @api.model
    def _unmark(self, ids, cr, column="mail_mail_id_int"):
        """The outcome of these messages is committed. Failing here does no harm.

        :param list ids: ids of mail.mail, or of what ``column`` says
        :param cr: cursor given by `_second_cursor`
        """
        if not ids or modules.module.current_test:
            return
        try:
            cr.execute(
                SQL(
                    "DELETE FROM contact_handover WHERE %s = ANY(%s)",
                    SQL.identifier(column),
                    int_array(ids),
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
            for model, column in self._get_kinds().items():
                self._notice_kind(model, SQL.identifier(column), cr)

    @api.model
    def _get_kinds(self):
        """{model: column} of the messages that are marked. Override to add some."""
        return {"mail.mail": "mail_mail_id_int"}

    @api.model
    def _notice_kind(self, model, column, cr):
        table = SQL.identifier(self.env[model]._table)
        cr.execute(
            SQL(
                """
                SELECT m.id, h.date
                  FROM contact_handover h JOIN %s m ON m.id = h.%s
                 WHERE m.state = 'outgoing'
                   FOR UPDATE OF m SKIP LOCKED
                """,
                table,
                column,
            )
        )
        moments = dict(cr.fetchall())
        if moments:
            messages = self.env(cr=cr)[model].sudo().browse(sorted(moments))
            messages._note_uncertain(moments)
            messages.env.flush_all()
        # What is no longer in the queue has its outcome.
        cr.execute(
            SQL(
                """
                DELETE FROM contact_handover h
                 WHERE h.%(column)s IS NOT NULL AND NOT EXISTS (
                       SELECT FROM %(table)s m
                        WHERE m.id = h.%(column)s AND m.state = 'outgoing')
                """,
                table=table,
                column=column,
            )
        )
        if moments:
            _logger.info("Messages that may have arrived: %s", sorted(moments))
            self.env.invalidate_all()
