from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .contact_gate import SENDING_LOCK


class ContactTouch(models.Model):
    """What a killed process left behind, and what came to nothing."""

    _inherit = "contact.touch"

    @api.model
    def _cron_sweep(self):
        """Give back what nobody will use; keep the dates of what still waits current.

        SQL for the ledger: see the class that follows Odoo's statistics.
        """
        Handovers, Gate = self.env["contact.handover"], self.env["contact.gate"]
        Handovers._notice()
        # Nobody decides meanwhile: the gate would pass these rows by while they are
        # locked here, and count them where they were.
        with Handovers._second_cursor() as cr, Gate._deciding(cr) as now:
            self._keep_waiting_current(now, cr=cr)
        Gate._commit()
        self._release_abandoned()
        self._release_thrown_away()
        self.invalidate_model()
        self._free_waiting_people(now)

    @api.model
    def _date_now(self, touch_ids):
        """The messages of these touches leave now, and nobody can fail on it."""
        self.env.cr.execute(
            SQL(
                "UPDATE contact_touch SET date = %s WHERE id = ANY(%s)",
                fields.Datetime.now(),
                list(touch_ids),
            )
        )
        self.env["contact.gate"]._commit()
        self.invalidate_model(["date"])

    @api.model
    def _release_abandoned(self):
        """A reservation without a message, of a mailing that nobody sends at this
        moment: its process was killed. The mailing's next run decides anew."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE contact_touch SET state = 'released'
                 WHERE state = 'reserved' AND trace_id IS NULL AND mailing_id IN (
                       SELECT mailing_id
                         FROM (SELECT DISTINCT mailing_id FROM contact_touch
                                WHERE state = 'reserved' AND trace_id IS NULL
                                  AND mailing_id IS NOT NULL) stale
                        WHERE pg_try_advisory_xact_lock(%s, mailing_id))
                """,
                SENDING_LOCK,
            )
        )

    @api.model
    def _release_thrown_away(self):
        """A message that was deleted or cancelled while it waited in the queue."""
        queues = [("mail", "mail_mail", "mail_mail_id_int", "cancel")]
        if "sms_id_int" in self.env["mailing.trace"]._fields:
            queues.append(("sms", "sms_sms", "sms_id_int", "canceled"))
        for trace_type, table, column, cancelled in queues:
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE contact_touch t SET state = 'released'
                      FROM mailing_trace s LEFT JOIN %(queue)s m ON m.id = s.%(column)s
                     WHERE t.trace_id = s.id AND t.state = 'reserved'
                       AND s.trace_type = %(type)s AND s.trace_status = 'outgoing'
                       AND (m.id IS NULL OR m.state = %(cancelled)s)
                    """,
                    queue=SQL.identifier(table),
                    column=SQL.identifier(column),
                    type=trace_type,
                    cancelled=cancelled,
                )
            )

    @api.model
    def _free_waiting_people(self, now):
        """Whoever waits for the sake of a message that failed need not wait longer.

        :param datetime now: naive UTC
        """
        in_vain = self.env["contact.hold"].search(
            Domain("state", "=", "deferred")
            & Domain("next_allowed", ">", now)
            & Domain("touch_ids.state", "in", ("failed", "released"))
        )
        in_vain.next_allowed = now
        in_vain.mailing_id._schedule_recheck()
