import logging

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models, modules
from odoo.tools import SQL, split_every

from odoo.addons.mass_mailing_contact_strategy.models import sql_arrays
from odoo.addons.mass_mailing_contact_strategy.models.sql_arrays import int_array

from . import signal_delta, signal_path, signal_sql

_logger = logging.getLogger(__name__)

MANY = 100_000
"""So many people are not sent one by one."""
PAUSE = relativedelta(minutes=30)
"""A signal that was looked at so recently is not looked at again by the cron."""
NIGHT = relativedelta(hours=12)
DUE_BATCH = 10_000
"""People of whom all is concluded in one transaction: a few seconds."""


class ContactSignal(models.Model):
    """Of whom is a signal true? Asked for all people, or for those of whom something
    has happened; only differences are written.

    All signals that follow the same path through the same model are asked in one
    reading of its records.
    """

    _inherit = "contact.signal"

    # ------------------------------------------------------------
    # When
    # ------------------------------------------------------------

    @api.model
    def _cron_evaluate(self):
        """Those of whom something happened since the last time."""
        recently = fields.Datetime.now() - PAUSE
        signals = self.search(
            [
                ("active", "=", True),
                "|",
                ("evaluated_date", "=", False),
                ("evaluated_date", "<=", recently),
            ]
        )
        self._evaluate_due(signals)

    @api.model
    def _cron_evaluate_all(self):
        """Everybody: what was deleted, or changed beside the records, is noticed."""
        recently = fields.Datetime.now() - NIGHT
        signals = self.search(
            [
                ("active", "=", True),
                "|",
                ("full_date", "=", False),
                ("full_date", "<=", recently),
            ]
        )
        self._evaluate_due(signals, full=True)
        self.env["contact.signal"]._derive_tags()

    # ------------------------------------------------------------
    # All signals
    # ------------------------------------------------------------

    def _evaluate(self, now=None, full=False, commit=False):
        """Bring the hits of these signals up to date.

        :param datetime now: naive UTC
        :param bool full: look at all people, not only at whom something happened to
        :param bool commit: after each part, as a cron does; what is left when the time
            is over is done by the next run
        :return: whether every signal that there is was looked at
        :rtype: bool
        """
        now = now or fields.Datetime.now()
        commit = commit and not modules.module.current_test
        # Elevated: signals count across all business units.
        signals = self.sudo().filtered(lambda s: s.active and s.model_name in self.env)
        signals = signals.try_lock_for_update(allow_referencing=True)
        self.env.flush_all()
        due_ids = self._due_profile_ids()
        done = signals.browse()
        groups = signals._together(full)
        for number, ((*_key, is_full), group) in enumerate(groups.items(), 1):
            # A commit gives locks back: by now somebody else may be at it.
            group = group.try_lock_for_update(allow_referencing=True)
            if group and group._evaluate_together(now, is_full, due_ids, commit):
                done |= group
            if commit:
                left = len(groups) - number
                if not self.env["ir.cron"]._commit_progress(1, remaining=left):
                    return False
        everything = self.sudo().search([])
        return everything.filtered(lambda s: s.model_name in self.env) <= done

    def _together(self, full):
        """{key: signals} that are answered by one reading of the records."""
        groups = {}
        for signal in self:
            is_full = full or signal._needs_everybody()
            key = (
                signal.model_name,
                signal.person_path,
                signal_sql.family_of(signal),
                is_full,
            )
            groups[key] = groups.get(key, self.browse()) + signal
        return groups

    def _needs_everybody(self):
        """Is it new, or does time change it in ways that no record's date tells?"""
        if not self.evaluated_date or self.aggregate == "cycle":
            return True
        try:
            return any(map(signal_path.is_moving, self._get_domains()))
        except (SyntaxError, TypeError, ValueError):
            return True

    # ------------------------------------------------------------
    # One reading
    # ------------------------------------------------------------

    def _evaluate_together(self, now, full, due_ids, commit):
        """One reading. Where it fails, each signal is tried by itself, and the one at
        fault says so on its form.

        :return: False where somebody else went on with it
        """
        try:
            with self.env.cr.savepoint(flush=False):
                self._find(now, full, due_ids)
        except Exception as error:  # noqa: BLE001, the others must go on
            if len(self) > 1:
                return all(
                    [it._evaluate_together(now, full, due_ids, commit) for it in self]
                )
            self._note_failure(error)
            return True
        if not self._write_found(now, full, commit):
            return False
        values = {"evaluated_date": now, "error": False}
        values["last_profile_id"] = self._last_profile_id()
        if full:
            values["full_date"] = now
        self.write(values)
        return True

    def _note_failure(self, error):
        self.error = str(error).strip() or type(error).__name__
        _logger.warning("The signal %s cannot be looked at: %s", self.id, self.error)

    def _find(self, now, full, due_ids):
        """Fill ``contact_signal_found`` with what is true now, and, unless for all
        people, ``contact_signal_scope`` with the people that were looked at.

        Tables of this connection: PostgreSQL reads with several processes what it
        puts into a new table, and the parts of a large run share what was read.
        """
        cr = self.env.cr
        cr.execute("SET LOCAL jit = off; SET LOCAL work_mem = '256MB'")
        self._drop_tables()
        scan = signal_sql.Scan(self, now)
        if not full:
            for name, query in signal_delta.tables(scan, due_ids):
                self._create_table(name, query)
            scan.only = self._touched_keys()
        # Sorted records are summed up in half the time: a person has many sums.
        cr.execute("SET LOCAL enable_hashagg = off")
        self._create_table("found", scan.sql_hits())
        cr.execute("SET LOCAL enable_hashagg TO DEFAULT")

    def _drop_tables(self):
        for name in ("found", "touched", "scope"):
            query = SQL("DROP TABLE IF EXISTS %s", signal_delta.table(name))
            self.env.cr.execute(query)

    def _touched_keys(self):
        """Whose records are read: as an array, because only one process may read a
        temporary table; as a query where they are too many for that."""
        query = SQL("SELECT person FROM %s", signal_delta.table("touched"))
        keys = [row[0] for row in self.env.execute_query(query)]
        if len(keys) > MANY:
            return query
        return sql_arrays.text_array(keys) if _are_texts(keys) else int_array(keys)

    def _create_table(self, name, query):
        table = signal_delta.table(name)
        self.env.cr.execute(
            SQL("CREATE TEMP TABLE %s AS %s", table, query), log_exceptions=False
        )
        self.env.cr.execute(SQL("ANALYZE %s", table))

    # ------------------------------------------------------------
    # People of whom something changed beside the records
    # ------------------------------------------------------------

    @api.model
    def _evaluate_due(self, signals, full=False):
        """Look at signals; then conclude about those who are due, and forget that.

        A run that is stopped leaves the others due: the next one goes on with them.
        """
        self.env.flush_all()
        due_ids = self._due_profile_ids()
        if not signals._evaluate(full=full, commit=True):
            return
        Profile = self.env["contact.profile"].sudo()  # of all business units
        for ids in split_every(DUE_BATCH, due_ids, list):
            Profile.browse(ids).exists()._after_due()
            self._forget_due(ids)
            if modules.module.current_test:
                continue  # a test has one transaction
            left = int(ids[-1] != due_ids[-1])
            if not self.env["ir.cron"]._commit_progress(1, remaining=left):
                return

    @api.model
    def _due_profile_ids(self):
        rows = self.env.execute_query(
            # as the index says it
            SQL(
                "SELECT id FROM contact_profile WHERE is_signal_due IS TRUE ORDER BY id"
            )
        )
        return [row[0] for row in rows]

    @api.model
    def _forget_due(self, profile_ids):
        """SQL: nobody's edit, and no reason to compute anything."""
        if profile_ids:
            self.env.cr.execute(
                SQL(
                    "UPDATE contact_profile SET is_signal_due = NULL"
                    " WHERE id = ANY(%s)",
                    int_array(profile_ids),
                )
            )
            self.env["contact.profile"].invalidate_model(["is_signal_due"], flush=False)


def _are_texts(keys):
    return bool(keys) and isinstance(keys[0], str)
