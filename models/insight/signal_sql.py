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
        names = {}

        def name(expression):
            same = names.setdefault(shape(expression), (len(names), expression))
            return SQL.identifier("facts", f"c{same[0]}")

        columns = [
            self._columns(signal, date, condition, name)
            for signal, date, condition in zip(
                self.signals, self.dates, self.conditions, strict=True
            )
        ]
        named = [
            SQL("%s AS %s", expression, SQL.identifier(f"c{number}"))
            for number, expression in names.values()
        ]
        records = self.sql_records(
            SQL(", ").join([SQL("%s AS person", self.key), *named]),
            self._wanted(self.conditions),
        )
        return SQL("%s GROUP BY 1", records), columns

    def _columns(self, signal, date, condition, name):
        def filtered(aggregate):
            if condition is None:
                return name(aggregate)
            return name(SQL("%s FILTER (WHERE %s)", aggregate, condition))

        weight = value = SQL("NULL")
        if signal.effect == "engagement":
            Profile = self.env["contact.profile"]
            weight = filtered(SQL("sum(%s)", Profile._sql_fact_weight(date)))
        if signal.value_path:
            value = filtered(self._sql_value(signal))
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

    def _sql_value(self, signal):
        if not signal.value_path:
            return SQL("NULL")
        value = self._path(signal.value_path)
        if signal.aggregate == "sum":
            return SQL("sum((%s)::numeric)", value)
        if signal.aggregate == "average":
            return SQL("avg((%s)::numeric)", value)
        return SQL("count(DISTINCT %s)", value)
