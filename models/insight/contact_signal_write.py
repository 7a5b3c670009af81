from odoo import api, models
from odoo.tools import SQL

from odoo.addons.mass_mailing_contact_strategy.models.sql_arrays import int_array

RANGE = 200_000
"""Profiles (ids) whose hits are written in one transaction."""
SAME = SQL(
    "hit.fact_count = found.fact_count"
    " AND hit.first_date IS NOT DISTINCT FROM found.first_date"
    " AND hit.last_date IS NOT DISTINCT FROM found.last_date"
    # sums of fractions depend on the order of the records, by a hair
    " AND abs(hit.value - found.value) <= 1e-9 * abs(found.value)"
)
_IN_SCOPE = "AND hit.profile_id IN (SELECT profile_id FROM contact_signal_scope)"
_DELETE = """
    DELETE FROM contact_signal_hit hit
     WHERE hit.signal_id = ANY(%(ids)s) AND %(hit_range)s %(scope)s
       AND NOT EXISTS (
            SELECT FROM contact_signal_found found
             WHERE found.signal_id = hit.signal_id
               AND found.profile_id = hit.profile_id)
 RETURNING hit.profile_id
"""
_UPDATE = """
    UPDATE contact_signal_hit hit
       SET value = found.value, fact_count = found.fact_count,
           first_date = found.first_date, last_date = found.last_date
      FROM contact_signal_found found
     WHERE found.signal_id = hit.signal_id AND found.profile_id = hit.profile_id
       AND %(found_range)s AND NOT (%(same)s)
 RETURNING hit.profile_id
"""
_INSERT = """
    INSERT INTO contact_signal_hit (
           signal_id, profile_id, value, fact_count, first_date, last_date, since)
    SELECT found.signal_id, found.profile_id, found.value, found.fact_count,
           found.first_date, found.last_date, %(now)s
      FROM contact_signal_found found
     WHERE %(found_range)s
       AND NOT EXISTS (
            SELECT FROM contact_signal_hit hit
             WHERE hit.signal_id = found.signal_id
               AND hit.profile_id = found.profile_id)
        ON CONFLICT DO NOTHING
 RETURNING profile_id
"""


class ContactSignal(models.Model):
    """What was found becomes hits: only differences are written."""

    _inherit = "contact.signal"

    def _write_found(self, now, full, commit):
        """Write it, so many people at a time.

        :return: False where somebody else got hold of these signals between two
            commits, and goes on with them
        """
        last = self._last_profile_id()
        for low in range(0, last + 1, RANGE):
            changed = self._write_differences(low, low + RANGE, now, full)
            if changed:
                self._after_hits(changed)
            if commit and low + RANGE <= last:
                self.env["ir.cron"]._commit_progress(0)
                if self.try_lock_for_update(allow_referencing=True) != self:
                    return False
        self._drop_tables()
        return True

    def _write_differences(self, low, high, now, full):
        """SQL: hits are many, and mostly as they were.

        :return: ids of the people of whom something else is true now
        """
        terms = {
            "ids": int_array(self.ids),
            "hit_range": _between(SQL("hit.profile_id"), low, high),
            "found_range": _between(SQL("found.profile_id"), low, high),
            "scope": SQL() if full else SQL(_IN_SCOPE),
            "same": SAME,
            "now": now,
        }
        changed = set()
        for statement in (_DELETE, _UPDATE, _INSERT):
            rows = self.env.execute_query(SQL(statement, **terms))
            changed.update(row[0] for row in rows)
        if changed:
            self.env["contact.signal.hit"].invalidate_model(flush=False)
            self.invalidate_recordset(["hit_ids", "hit_count"], flush=False)
            self.env["contact.profile"].invalidate_model(
                ["signal_hit_ids"], flush=False
            )
        return changed

    def _after_hits(self, profile_ids):
        """Called on the signals when something else is true of these people now.

        Override to let more follow from it; call super.

        :param set profile_ids: of contact.profile
        """
        self._derive_tags(profile_ids)
        self.env["contact.profile"].browse(profile_ids)._after_signals(self)

    @api.model
    def _last_profile_id(self):
        rows = self.env.execute_query(SQL("SELECT max(id) FROM contact_profile"))
        return rows[0][0] or 0


def _between(column, low, high):
    return SQL("%s >= %s AND %s < %s", column, low, column, high)
