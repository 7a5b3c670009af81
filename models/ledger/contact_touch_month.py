import logging
from datetime import datetime

from dateutil.relativedelta import relativedelta
from psycopg2.errors import LockNotAvailable

from odoo import api, fields, models
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

MOVE_BATCH = 20000
"""Touches per transaction: about a second."""
IS_SPLIT = "mass_mailing_contact_strategy.split_by_month"


class ContactTouch(models.Model):
    """For very large ledgers: what no rule looks back at lies in tables of months.

    The parent then holds the longest window and little more: that is what the gate
    reads and writes. A month can be put on another disk, vacuumed or taken away as a
    whole. Each batch is one statement, so nobody ever sees a touch twice or not at all.
    """

    _inherit = "contact.touch"

    @api.model
    def _cron_tidy(self):
        """Fold first: what is folded need not be moved."""
        result = super()._cron_tidy()
        self._move_all(self._drop_empty_month)
        if self._is_split():
            self._move_all(self._split)
        elif self._month_tables():
            self._move_all(self._unsplit)
        return result

    def _move_all(self, move):
        """Call ``move`` until it moves nothing, committing its progress."""
        try:
            while moved := move():
                if not self.env["ir.cron"]._commit_progress(moved, remaining=1):
                    return
        except LockNotAvailable:
            _logger.info("The table of a month is in use: tried again later.")

    @api.model
    def _is_split(self):
        # Elevated: see `_kept_months`.
        return bool(self.env["ir.config_parameter"].sudo().get_param(IS_SPLIT))

    @api.model
    def _fold_tables(self):
        return [*self._month_tables(), *super()._fold_tables()]

    @api.model
    def _get_split_conditions(self, before):
        """Conditions (list of SQL) on a touch ``t`` that may leave the parent.

        Others refer to rows of the parent only, and what is reserved is at work.
        """
        conditions = [
            SQL("t.date < %s AND t.state <> 'reserved'", before),
            *self._get_unnamed_conditions(),
        ]
        if "is_uncertain" in self._fields:
            conditions.append(SQL("t.is_uncertain IS NOT TRUE"))
        return conditions

    @api.model
    def _split(self, limit=MOVE_BATCH):
        """Move one batch of old touches to the table of their month.

        :param int limit: touches at most
        :return: number of touches moved
        """
        with self._tidying() as env:
            Touch = env["contact.touch"]
            needed = Touch._needed_since(fields.Datetime.now())
            before = _month_of(needed)
            conditions = Touch._get_split_conditions(before)
            oldest = env.execute_query(
                SQL(
                    "SELECT t.date FROM ONLY contact_touch t WHERE %s"
                    " ORDER BY t.date LIMIT 1",
                    SQL(" AND ").join(conditions),
                )
            )
            if not oldest:
                return 0
            month = _month_of(oldest[0][0])
            table = Touch._make_month_table(month)
            end = month + relativedelta(months=1)
            conditions.append(SQL("t.date >= %s AND t.date < %s", month, end))
            return Touch._move("contact_touch", table, conditions, limit)

    @api.model
    def _unsplit(self, limit=MOVE_BATCH):
        """Move one batch of touches back; drop a month's table when it is empty.

        :param int limit: touches at most
        :return: number of touches moved (and tables dropped)
        """
        with self._tidying() as env:
            Touch = env["contact.touch"]
            tables = Touch._month_tables()
            if not tables:
                Touch._drop_months()
                return 0
            moved = Touch._move(tables[-1], "contact_touch", [SQL("TRUE")], limit)
        return moved or self._drop_empty_month()

    @api.model
    def _drop_empty_month(self):
        """Drop the table of one month that was folded, or moved back.

        :return: number of tables dropped
        """
        # All of it in the other transaction: this one would hold the table it asks.
        with self._tidying() as env:
            for table in map(SQL.identifier, env["contact.touch"]._month_tables()):
                if not env.execute_query(SQL("SELECT FROM ONLY %s LIMIT 1", table)):
                    # Whoever reads touches at this moment has a lock on it.
                    # The database's own cleaning gives way after a second.
                    env.cr.execute("SET LOCAL lock_timeout = '2s'")
                    env.cr.execute(SQL("DROP TABLE %s", table), log_exceptions=False)
                    return 1
        return 0

    @api.model
    def _month_columns(self):
        """The columns of touches as SQL, as the database has them."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT attname FROM pg_attribute
                 WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped
                 ORDER BY attnum
                """,
                self._table,
            )
        )
        return SQL(", ").join(SQL.identifier(name) for (name,) in rows)

    @api.model
    def _move(self, source, target, conditions, limit):
        """Move rows from one table to the other, in one statement.

        :return: number of rows
        """
        columns = self._month_columns()
        self.env.cr.execute(
            SQL(
                """
                WITH picked AS (
                    SELECT t.id FROM ONLY %(source)s t WHERE %(conditions)s
                     ORDER BY t.date LIMIT %(limit)s FOR UPDATE OF t SKIP LOCKED),
                gone AS (
                    DELETE FROM ONLY %(source)s t USING picked
                     WHERE t.id = picked.id RETURNING t.*)
                INSERT INTO %(target)s (%(columns)s) SELECT %(columns)s FROM gone
                """,
                source=SQL.identifier(source),
                target=SQL.identifier(target),
                conditions=SQL(" AND ").join(conditions),
                columns=columns,
                limit=limit,
            )
        )
        return self.env.cr.rowcount


def _month_of(moment):
    """The first moment of a month."""
    return datetime(moment.year, moment.month, 1)
