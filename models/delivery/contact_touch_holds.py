from odoo import api, models
from odoo.tools import SQL

from odoo.addons.mass_mailing_contact_strategy.models.sql_arrays import int_array


class ContactTouch(models.Model):
    """Who was held back, and gets the message after all."""

    _inherit = "contact.touch"

    @api.model
    def _end_holds(self, traces):
        """A hold ends when its message is made; if Odoo cancels it, the cancelled trace
        tells the story instead."""
        self.env.cr.execute(
            SQL(
                """
                WITH locked AS (
                    SELECT h.id, s.trace_status
                      FROM contact_hold h
                      JOIN mailing_trace s ON s.mass_mailing_id = h.mailing_id
                       AND s.model = h.res_model AND s.res_id = h.res_id
                     WHERE s.id = ANY(%s)
                     ORDER BY h.id  -- as everybody locks them
                       FOR NO KEY UPDATE OF h),
                ended AS (
                    SELECT id, bool_and(trace_status = 'cancel') AS cancelled
                      FROM locked GROUP BY id),
                gone AS (
                    DELETE FROM contact_hold h USING ended e
                     WHERE h.id = e.id AND e.cancelled)
                UPDATE contact_hold h
                   SET expired_reason = NULL, state = CASE WHEN EXISTS (
                       SELECT FROM contact_touch t
                        WHERE t.mailing_id = h.mailing_id AND t.res_id = h.res_id
                          AND t.res_model = h.res_model
                          AND t.override_id IS NOT NULL
                       ) THEN 'overridden' ELSE 'sent' END
                  FROM ended e WHERE h.id = e.id AND NOT e.cancelled
                """,
                int_array(traces.ids),
            )
        )
        self.env["contact.hold"].invalidate_model()
