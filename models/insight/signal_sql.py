"""The records that signals are about, as SQL: read once, for all signals of a kind."""

from dataclasses import dataclass

from odoo.tools import SQL

from . import signal_measures
from .signal_records import Records, shape


@dataclass(frozen=True)
class Columns:
    """Names of what is known of a person's records for one signal."""

    count: SQL
    first: SQL
    last: SQL
    value: SQL
    weight: SQL


def family_of(signal):
    """Signals of one family can be asked in one reading of the records."""
    if signal.aggregate == "gap_spread":
        return f"spread {signal._origin.id}"
    return "distinct" if signal.aggregate == "distinct" else "plain"


class Scan(Records):
    """One reading of a model's records, along one path to the person.

    SQL, because it is about millions of records and all their people at once; whom a
    record is about and whether it fits is still said by the ORM, as SQL.
    """

    # ------------------------------------------------------------
    # People
    # ------------------------------------------------------------

    def _with_people(self, facts):
        """WITH clause: ``people`` are who is counted, with what their facts say."""
        link = SQL("profile.id = facts.person")
        owner = SQL()
        if self.person.kind == "partner":
            link = SQL("profile.partner_id = facts.person")
        elif self.person.kind in ("email", "phone"):
            owner = SQL("JOIN (%s) owner ON owner.key = facts.person", self._owners())
            link = SQL("profile.id = owner.id")
        return SQL(
            "WITH facts AS (%s), people AS MATERIALIZED ("
            " SELECT profile.id AS profile_id, facts.* FROM facts %s"
            " JOIN contact_profile profile ON %s AND profile.is_seed IS NOT TRUE)",
            facts,
            owner,
            link,
        )

    def _owners(self):
        """Whose is an address or a number? The choice is that of the profiles."""
        Profile = self.env["contact.profile"]
        name = {"email": "email_normalized", "phone": "phone_sanitized"}
        column = SQL.identifier("profile", name[self.person.kind])
        where = SQL("%s IS NOT NULL", column)
        if self.only is not None:
            where = SQL("%s = ANY(%s)", column, self.only)
        return Profile._sql_owners_of(self.person.kind, where)

    # ------------------------------------------------------------
    # Signals
    # ------------------------------------------------------------

    def sql_hits(self):
        """Rows (signal_id, profile_id, value, fact_count, first_date, last_date) of
        all people of whom a signal is true now."""
        facts, columns = self._aggregate()
        hits = [
            SQL(
                "SELECT %(signal)s::int AS signal_id, facts.profile_id,"
                " (%(value)s)::float8 AS value, (%(count)s)::int AS fact_count,"
                " %(first)s AS first_date, %(last)s AS last_date"
                " FROM people facts WHERE %(true)s",
                signal=signal._origin.id or 0,
                value=self._kept(signal, own),
                count=own.count,
                first=own.first,
                last=own.last,
                true=signal_measures.is_true(signal, own, self.now),
            )
            for signal, own in zip(self.signals, columns, strict=True)
        ]
        return SQL("%s %s", self._with_people(facts), SQL(" UNION ALL ").join(hits))

    def sql_examples(self, limit=10):
        """Rows (profile_id, number, number of people) for the first signal: who, and
        what was compared. Those with most records come first."""
        facts, (own, *_others) = self._aggregate()
        signal = self.signals[:1]
        return SQL(
            "%(people)s SELECT facts.profile_id, (%(number)s)::float8, count(*) OVER ()"
            " FROM people facts WHERE %(true)s"
            " ORDER BY %(count)s DESC, facts.profile_id LIMIT %(limit)s",
            people=self._with_people(facts),
            number=signal_measures.measure(signal.aggregate, own, self.now),
            true=signal_measures.is_true(signal, own, self.now),
            count=own.count,
            limit=limit,
        )

    def sql_evidence(self, profile):
        """Ids of the first signal's records about a person."""
        name = {
            "profile": "id",
            "partner": "partner_id",
            "email": "email_normalized",
            "phone": "phone_sanitized",
        }[self.person.kind]
        self.only = SQL(
            "SELECT %s FROM contact_profile WHERE id = %s",
            SQL.identifier(name),
            profile.id,
        )
        return self.sql_records(
            SQL.identifier(self.alias, "id"), self._wanted(self.conditions[:1])
        )

    def _kept(self, signal, columns):
        if signal.effect == "engagement":
            return columns.weight
        return signal_measures.kept_value(signal.aggregate, columns)

    def _aggregate(self):
        """(query of the facts by person, for each signal its columns)."""
        if self.signals[:1].aggregate == "gap_spread":
            return self._aggregate_gaps()
        records, facts = Named("record", "r"), Named("facts", "c")
        columns = [
            self._columns(signal, date, condition, records.name, facts.name)
            for signal, date, condition in zip(
                self.signals, self.dates, self.conditions, strict=True
            )
        ]
        read = self.sql_records(
            SQL(", ").join([SQL("%s AS person", self.key), *records.columns()]),
            self._wanted(self.conditions),
        )
        # OFFSET keeps the database from asking each condition again for each column.
        query = SQL(
            "SELECT person, %s FROM (%s OFFSET 0) record GROUP BY 1",
            SQL(", ").join(facts.columns()),
            read,
        )
        return query, columns

    def _columns(self, signal, date, condition, of_record, of_person):
        """The aggregates of one signal.

        :param of_record: gives an expression about a record a name
        :param of_person: gives an aggregate a name
        """
        date = of_record(date)

        def filtered(aggregate):
            if condition is None:
                return of_person(aggregate)
            fits = of_record(condition)
            return of_person(SQL("%s FILTER (WHERE %s)", aggregate, fits))

        weight = value = SQL("NULL")
        if signal.effect == "engagement":
            Profile = self.env["contact.profile"]
            weight = filtered(SQL("sum(%s)", Profile._sql_fact_weight(date)))
        if signal.value_path:
            column = of_record(self._path(signal.value_path))
            value = filtered(_sql_value(signal.aggregate, column))
        return Columns(
            count=filtered(SQL("count(*)")),
            first=filtered(SQL("min(%s)", date)),
            last=filtered(SQL("max(%s)", date)),
            value=value,
            weight=weight,
        )

    def _aggregate_gaps(self):
        """The spread needs each gap by itself: records in the order of time."""
        (signal,), (date,) = self.signals, self.dates
        weight = SQL("0")
        if signal.effect == "engagement":
            weight = self.env["contact.profile"]._sql_fact_weight(date)
        records = self.sql_records(
            SQL(
                "%(key)s AS person, %(date)s AS moment, %(weight)s AS weight,"
                " %(date)s - lag(%(date)s) OVER (PARTITION BY %(key)s"
                " ORDER BY %(date)s) AS gap",
                key=self.key,
                date=date,
                weight=weight,
            ),
            self._wanted(self.conditions),
        )
        facts = SQL(
            "SELECT person, count(*) AS c0, min(moment) AS c1, max(moment) AS c2,"
            " stddev_pop(%s) AS c3, sum(weight) AS c4 FROM (%s) one GROUP BY person",
            signal_measures.days(SQL("gap")),
            records,
        )
        return facts, [
            Columns(*(SQL.identifier("facts", f"c{number}") for number in range(5)))
        ]


def _sql_value(aggregate, column):
    if aggregate == "sum":
        return SQL("sum((%s)::numeric)", column)
    if aggregate == "average":
        return SQL("avg((%s)::numeric)", column)
    return SQL("count(DISTINCT %s)", column)


class Named:
    """Expressions that are written once, and then called by a name."""

    def __init__(self, table, prefix):
        self.table, self.prefix = table, prefix
        self.names = {}

    def name(self, expression):
        """How to call an expression in the query around."""
        number, _same = self.names.setdefault(
            shape(expression), (len(self.names), expression)
        )
        return SQL.identifier(self.table, f"{self.prefix}{number}")

    def columns(self):
        """The expressions with their names, for a SELECT."""
        return [
            SQL("%s AS %s", expression, SQL.identifier(f"{self.prefix}{number}"))
            for number, expression in self.names.values()
        ]
