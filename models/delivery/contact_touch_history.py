from odoo import api, models
from odoo.tools import SQL, split_every

HISTORY_CHUNK = 50000


class ContactTouch(models.Model):
    """What was sent before the addon was installed.

    SQL: see the class that follows Odoo's statistics.
    """

    _inherit = "contact.touch"

    @api.model
    def _install_history(self):
        """Fill the ledger from the mailings sent before the addon was installed.

        Idempotent: a trace that has its touch is left alone, and so is one that is old
        enough to have been folded.
        """
        self.env.flush_all()
        self._install_categories()
        missing = self._sql_not_folded()
        todo = self.env.execute_query(
            SQL(
                """
                SELECT s.model, s.trace_type, array_agg(DISTINCT s.res_id)
                  FROM mailing_trace s LEFT JOIN contact_touch t ON t.trace_id = s.id
                 WHERE t.id IS NULL AND s.trace_status <> 'cancel'
                   AND s.mass_mailing_id IS NOT NULL AND %s
                 GROUP BY s.model, s.trace_type
                """,
                missing,
            )
        )
        for model, trace_type, res_ids in todo:
            for chunk in split_every(HISTORY_CHUNK, sorted(res_ids), list):
                self._insert_from_traces(
                    self._resolve_recipients(model, chunk, trace_type),
                    SQL(
                        "s.model = %s AND s.trace_type = %s"
                        " AND s.trace_status <> 'cancel' AND %s",
                        model,
                        trace_type,
                        missing,
                    ),
                )
        self._install_history_by_address()

    @api.model
    def _install_categories(self):
        """What was sent before anybody asked was a newsletter.

        SQL: a default does not reach rows that are older than the data it names.
        """
        category = self.env["mailing.mailing"]._default_category()
        self.env.cr.execute(
            SQL(
                "UPDATE mailing_mailing SET category_id = %s WHERE category_id IS NULL",
                category.id or None,
            )
        )
        self.env["mailing.mailing"].invalidate_model(["category_id"])

    @api.model
    def _install_history_by_address(self):
        """Traces of records that are gone count for whoever has the address today."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (s.id) s.id, p.id, s.email
                  FROM mailing_trace s
                  LEFT JOIN contact_touch t ON t.trace_id = s.id
                  JOIN contact_profile p ON p.email_normalized = s.email
                 WHERE t.id IS NULL AND s.trace_status <> 'cancel'
                   AND s.mass_mailing_id IS NOT NULL AND %s
                 ORDER BY s.id, p.partner_id IS NULL, p.id
                """,
                self._sql_not_folded(),
            )
        )
        self._insert_from_traces(rows, SQL("TRUE"), key="id")
