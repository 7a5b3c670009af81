"""Questions for which each record counts by its place among the others."""

from odoo.tools import SQL

from . import signal_measures
from .signal_columns import Columns
from .signal_records import Records, all_of


def is_ordered(signal):
    """Must its records be put into an order first?"""
    return signal.aggregate == "gap_spread" or bool(signal.last_records)


class Ordered(Records):
    """Records that are put into an order, for one signal: SQL, see ``signal_sql``."""

    def _sql_weight(self, date):
        return self.env["contact.profile"]._sql_fact_weight(date)

    def _aggregate_ordered(self):
        """As ``_aggregate`` of ``Scan``."""
        (signal,), (date,) = self.signals, self.dates
        value = SQL("NULL")
        if signal.value_path:
            value = self._path(signal.value_path)
        columns = SQL(
            "%(key)s AS person, %(date)s AS moment, %(weight)s AS weight,"
            " %(value)s AS value",
            key=self.key,
            date=date,
            weight=self._sql_weight(date) if signal._is_weighed() else SQL("0"),
            value=value,
        )
        if signal.last_records:
            records = self._sql_last(columns)
        else:
            records = self.sql_records(columns, self._wanted(self.conditions))
        number = value
        if signal.value_path:
            number = signal_measures.of_values(signal.aggregate, SQL("value"))
        if signal.aggregate == "gap_spread":
            number = SQL("stddev_pop(%s)", signal_measures.days(SQL("gap")))
            records = SQL(
                "SELECT *, moment - lag(moment) OVER ("
                "PARTITION BY person ORDER BY moment) AS gap FROM (%s) fact",
                records,
            )
        facts = SQL(
            "SELECT person, count(*) AS c0, min(moment) AS c1, max(moment) AS c2,"
            " %s AS c3, sum(weight) AS c4 FROM (%s) one GROUP BY person",
            number,
            records,
        )
        names = ("count", "first", "last", "value", "weight")
        return lambda: facts, [Columns(**_named(names))]

    def _sql_last(self, columns):
        """Of each person's last records, those that fit.

        :param columns: what is wanted of them
        """
        (signal,), (date,) = self.signals, self.dates
        fits = all_of(self._sql_domain(signal._get_fact_domain(self.now))) or SQL(
            "TRUE"
        )
        ranked = self.sql_records(
            SQL(
                "%(columns)s, %(fits)s AS fits, row_number() OVER ("
                "PARTITION BY %(key)s ORDER BY %(date)s DESC, %(id)s DESC) AS place",
                columns=columns,
                fits=fits,
                key=self.key,
                date=date,
                id=SQL.identifier(self.alias, "id"),
            ),
            self._wanted(self.conditions),
        )
        return SQL(
            "SELECT * FROM (%s) ranked WHERE place <= %s AND fits",
            ranked,
            signal.last_records,
        )


def _named(names):
    return {
        name: lambda number=number: SQL.identifier("facts", f"c{number}")
        for number, name in enumerate(names)
    }
