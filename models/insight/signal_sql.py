"""The records that signals are about, as SQL: read once, for all signals of a kind."""

from dataclasses import dataclass

from odoo.tools import SQL

from . import signal_measures
from .signal_records import Named, Records, all_of


@dataclass(frozen=True)
class Columns:
    """Names of what is known of a person's records for one signal."""

    count: SQL
    first: SQL
    last: SQL
    value: SQL
    weight: SQL


def _is_alone(signal):
    """Must its records be put into an order first?"""
    return signal.aggregate == "gap_spread" or bool(signal.last_records)


def family_of(signal):
    """Signals of one family can be asked in one reading of the records."""
    if _is_alone(signal):
        return f"alone {signal._origin.id}"
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
                true=self._is_true(signal, own),
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
            true=self._is_true(signal, own),
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
        record_id = SQL.identifier(self.alias, "id")
        if self.signals[:1].last_records:
            return SQL("SELECT id FROM (%s) fact", self._sql_last(record_id))
        return self.sql_records(record_id, self._wanted(self.conditions[:1]))

    # ------------------------------------------------------------
    # Any question
    # ------------------------------------------------------------

    def sql_people(self):
        """The people of whom the first question is true: (rows (profile_id), whether
        all others are meant).

        Nobody has rows without records. So where it is true of those, too, the rows are
        the people of whom it is not true.
        """
        facts, (own, *_others) = self._aggregate()
        question = self.signals[:1]
        is_outside = question._is_true_of_zero()
        which = signal_measures.is_true(question, own, self.now)
        if is_outside:
            which = signal_measures.is_not_true(question, own)
        rows = SQL(
            "%s SELECT facts.profile_id FROM people facts WHERE %s",
            self._with_people(facts),
            which,
        )
        return rows, is_outside

    def sql_numbers(self):
        """Rows (profile_id, number) of all who have records for the first question."""
        facts, (own, *_others) = self._aggregate()
        question = self.signals[:1]
        return SQL(
            "%(people)s SELECT facts.profile_id, (%(number)s)::float8 AS number"
            " FROM people facts WHERE %(count)s >= %(needed)s",
            people=self._with_people(facts),
            number=signal_measures.measure(question.aggregate, own, self.now),
            count=own.count,
            needed=signal_measures.FACTS_NEEDED.get(question.aggregate, 1),
        )

    def _is_true(self, signal, columns):
        true = signal_measures.is_true(signal, columns, self.now)
        scope = signal._get_people_scope()
        if scope is None:
            return true
        return SQL("(%s) AND facts.profile_id IN (%s)", true, scope)

    def _kept(self, signal, columns):
        if signal._is_weighed():
            return columns.weight
        return signal_measures.kept_value(signal.aggregate, columns)

    def _aggregate(self):
        """(query of the facts by person, for each signal its columns)."""
        if _is_alone(self.signals[:1]):
            return self._aggregate_alone()
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
        if signal._is_weighed():
            weight = filtered(SQL("sum(%s)", self._sql_weight(date)))
        if signal.value_path:
            column = of_record(self._path(signal.value_path))
            value = filtered(signal_measures.of_values(signal.aggregate, column))
        return Columns(
            count=filtered(SQL("count(*)")),
            first=filtered(SQL("min(%s)", date)),
            last=filtered(SQL("max(%s)", date)),
            value=value,
            weight=weight,
        )

    def _sql_weight(self, date):
        return self.env["contact.profile"]._sql_fact_weight(date)

    def _aggregate_alone(self):
        """A question for which each record counts by its place among the others."""
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
        number = (
            signal_measures.of_values(signal.aggregate, SQL("value"))
            if signal.value_path
            else value
        )
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
        return facts, [
            Columns(*(SQL.identifier("facts", f"c{number}") for number in range(5)))
        ]

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
