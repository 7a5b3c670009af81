import contextlib
from datetime import datetime, timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models, modules
from odoo.tools import SQL

from .contact_touch_year import KEPT, KEY, SUMS

FOLD_BATCH = 20000
"""Touches per transaction: about a second."""
KEPT_MONTHS = "mass_mailing_contact_strategy.touch_months"
FOLDED_BEFORE = "mass_mailing_contact_strategy.folded_before"
AT_LEAST = timedelta(days=31)
HOLD_RELATION = "contact_hold_contact_touch_rel"


class ContactTouch(models.Model):
    """Old touches become sums, without changing any decision.

    A touch is folded when it is older than the time that was set, older than any rule
    looks back, and when nothing can happen to it any more. SQL throughout: a ledger of
    twenty million rows is folded without reading it, and each batch is one statement,
    so that a crash loses nothing and counts nothing twice.
    """

    _inherit = "contact.touch"

    @api.model
    def _cron_tidy(self):
        """Fold what is old, in batches that are committed one by one."""
        if not self._kept_months():
            return
        for table in self._fold_tables():
            since, done = datetime.min, FOLD_BATCH
            while done == FOLD_BATCH:
                done, since = self._fold(since=since, table=table)
                more = int(done == FOLD_BATCH)
                if not self.env["ir.cron"]._commit_progress(done, remaining=more):
                    return

    @api.model
    def _kept_months(self):
        """For how many months single touches are kept; 0: for ever."""
        # Elevated: whoever writes a rule need not read the settings.
        return int(self.env["ir.config_parameter"].sudo().get_param(KEPT_MONTHS) or 0)

    @api.model
    def _fold_tables(self):
        """Names of the tables that hold touches, oldest first."""
        return [self._table]

    # ------------------------------------------------------------
    # What may be folded
    # ------------------------------------------------------------

    @api.model
    def _needed_since(self, now):
        """From when on single touches are needed, whatever the settings say.

        Called under `_lock_needs`. Override to take care of what you look back at:
        call super and return the earlier moment.

        :param datetime now: naive UTC
        :return: naive UTC
        """
        return now - AT_LEAST

    @api.model
    def _lock_needs(self):
        """Called as the first statement of a transaction, before `_needed_since`.

        Override to keep others from needing more until the transaction ends.
        """

    @api.model
    def _check_kept_months(self, months):
        """Called before somebody says for how many months single touches are kept.

        Override to refuse what you could not live with; call super.

        :param int months: at least 1
        :raise ValidationError: touches are needed for longer
        """

    @api.model
    def _get_fold_conditions(self, before):
        """Conditions (list of SQL) on a touch ``t`` about which nothing will change.

        Override to keep more: call super and append.

        :param datetime before: only touches older than that, naive UTC
        """
        conditions = [
            SQL("t.date < %s", before),
            # A failed message may be tried again while Odoo keeps its trace.
            SQL(
                "(t.state = 'sent'"
                " OR t.state IN ('failed', 'released') AND t.trace_id IS NULL)"
            ),
            # The day on which an installation would book the trace: see _folded_sql.
            SQL(
                "NOT EXISTS (SELECT FROM mailing_trace s WHERE s.id = t.trace_id AND"
                " COALESCE(s.sent_datetime, s.create_date, 'infinity') >= %s)",
                before,
            ),
            # Who was reached by a mailing that is not done must not be asked again.
            SQL(
                "NOT EXISTS (SELECT FROM mailing_mailing m"
                " WHERE m.id = t.mailing_id AND m.state <> 'done')"
            ),
            SQL(
                "NOT EXISTS (SELECT FROM contact_hold_contact_touch_rel r"
                " JOIN contact_hold h ON h.id = r.contact_hold_id"
                " WHERE r.contact_touch_id = t.id AND h.state = 'deferred')"
            ),
            *self._get_unnamed_conditions(without=(HOLD_RELATION,)),
        ]
        if "is_uncertain" in self._fields:
            conditions.append(SQL("t.is_uncertain IS NOT TRUE"))
        return conditions

    @api.model
    def _get_unnamed_conditions(self, without=()):
        """Conditions (list of SQL): no other table refers to the touch ``t``.

        :param without: tables that may
        """
        return [
            SQL(
                "NOT EXISTS (SELECT FROM %s n WHERE n.%s = t.id)",
                SQL.identifier(table),
                SQL.identifier(column),
            )
            for table, column in self._get_referring_columns()
            if table not in without
        ]

    @api.model
    def _get_referring_columns(self):
        """(table, column) of everything that refers to touches.

        Asked of the database, so that whatever comes to refer to touches keeps them.
        """
        return self.env.execute_query(
            SQL(
                """
                SELECT owner.relname, a.attname
                  FROM pg_constraint con
                  JOIN pg_class owner ON owner.oid = con.conrelid
                  JOIN pg_attribute a
                    ON a.attrelid = con.conrelid AND a.attnum = con.conkey[1]
                 WHERE con.contype = 'f' AND con.confrelid = %s::regclass
                 ORDER BY 1, 2
                """,
                self._table,
            )
        )

    # ------------------------------------------------------------
    # Folding
    # ------------------------------------------------------------

    @api.model
    @contextlib.contextmanager
    def _tidying(self):
        """A transaction of its own, at READ COMMITTED; gives its environment.

        As in the gate: a lock that is waited for must show what was committed
        meanwhile. In tests there is one connection only.
        """
        self.env.flush_all()
        if modules.module.current_test:
            yield self.env
        else:
            with self.env.registry.cursor() as cr:
                cr.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
                yield self.env(cr=cr)
        self.env.invalidate_all()

    @api.model
    def _fold(self, since=datetime.min, limit=FOLD_BATCH, table="contact_touch"):
        """Fold one batch, in a transaction of its own.

        :param datetime since: where the batch before it ended (naive UTC)
        :param int limit: touches at most
        :param str table: one of `_fold_tables`
        :return: number of touches folded, and the date of the last one (naive UTC)
        """
        months = self._kept_months()
        if not months:
            return 0, since
        with self._tidying() as env:
            Touch = env["contact.touch"]
            Touch._lock_needs()
            now = fields.Datetime.now()
            before = min(now - relativedelta(months=months), Touch._needed_since(now))
            before = before.replace(hour=0, minute=0, second=0, microsecond=0)
            conditions = [
                SQL("t.date >= %s", since),
                *Touch._get_fold_conditions(before),
            ]
            rows = env.execute_query(
                Touch._sql_fold(SQL.identifier(table), conditions, limit)
            )
            count, last = rows[0]
            if count:
                Touch._say_folded(before)
        return count, last or since

    @api.model
    def _sql_fold(self, table, conditions, limit):
        """Take touches out and add them to their sums, in one statement."""
        values = SUMS | {name: value for name, (_kind, value, _both) in KEPT.items()}
        sums = SQL(", ").join(
            SQL("%s AS %s", value, SQL.identifier(name))
            for name, value in values.items()
        )
        keys = SQL(", ").join(SQL.identifier(name) for name in KEY if name != "year")
        rows = SQL(
            """
            SELECT %(keys)s, %(sums)s, EXTRACT(year FROM date)::int AS year,
                   min(date) AS first_date, max(date) AS last_date
              FROM gone GROUP BY %(keys)s, EXTRACT(year FROM date)
            """,
            keys=keys,
            sums=sums,
        )
        return SQL(
            """
            WITH picked AS (
                SELECT t.id FROM ONLY %(table)s t WHERE %(conditions)s
                 ORDER BY t.date LIMIT %(limit)s FOR UPDATE OF t SKIP LOCKED),
            gone AS (
                DELETE FROM ONLY %(table)s t USING picked WHERE t.id = picked.id
             RETURNING t.*),
            added AS (%(added)s)
            SELECT count(*), max(date) FROM gone
            """,
            table=table,
            conditions=SQL(" AND ").join(conditions),
            limit=limit,
            added=self.env["contact.touch.year"]._sql_add(rows),
        )

    # ------------------------------------------------------------
    # What was folded
    # ------------------------------------------------------------

    @api.model
    def _folded_before(self, lock=False):
        """Touches older than this moment (naive UTC) may have been folded.

        SQL, and no cached parameter: written by `_fold` on a cursor of its own.

        :param bool lock: until the end of the transaction it stays so
        """
        rows = self.env.execute_query(
            SQL(
                "SELECT value FROM ir_config_parameter WHERE key = %s %s",
                FOLDED_BEFORE,
                SQL("FOR SHARE") if lock else SQL(),
            )
        )
        return fields.Datetime.to_datetime(rows[0][0]) if rows else datetime(1970, 1, 1)

    @api.model
    def _say_folded(self, before):
        """Write down, in the transaction that folds, up to when it was done."""
        if self._folded_before() < before:
            self.env.cr.execute(
                SQL(
                    """
                    INSERT INTO ir_config_parameter AS p (key, value)
                    VALUES (%s, %s)
                        ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value
                    """,
                    FOLDED_BEFORE,
                    fields.Datetime.to_string(before),
                )
            )

    @api.model
    def _sql_not_folded(self):
        """A trace ``s`` whose touch cannot have been folded, as SQL.

        Whoever fills the ledger from traces must ask: the touch of a folded one is
        missing on purpose.
        """
        return SQL(
            "COALESCE(s.sent_datetime, s.create_date, 'infinity') >= %s",
            self._folded_before(),
        )

    @api.model
    def _refuse_if_named(self, field_name, records):
        """Sums are history as well."""
        self.env["contact.touch.year"]._refuse_if_named(field_name, records)
        return super()._refuse_if_named(field_name, records)
