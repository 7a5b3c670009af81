"""The records that signals are about, as SQL: read once, for all signals of a kind."""

from odoo.tools import SQL

from . import signal_measures
from .signal_columns import Columns
from .signal_ordered import Ordered, is_ordered
from .signal_records import Named


def family_of(signal):
    """Signals of one family can be asked in one reading of the records."""
    if is_ordered(signal):
        return f"alone {signal._origin.id}"
    return "distinct" if signal.aggregate == "distinct" else "plain"


class Scan(Ordered):
    """One reading of a model's records, along one path to the person.

    SQL, because it is about millions of records and all their people at once; whom a
    record is about and whether it fits is still said by the ORM, as SQL.
    """

    # ------------------------------------------------------------
    # People
    # ------------------------------------------------------------

    def _with_people(self, facts):
        """WITH clause: ``people`` are who is counted, with what their facts say.

        :param facts: function that gives the query, once it is known what is asked
        """
        if self.person.kind == "profile":
            # no need to look at each person for the few who are none
            return SQL(
                "WITH facts AS (%s), people AS MATERIALIZED ("
                " SELECT facts.person AS profile_id, facts.* FROM facts"
                " WHERE NOT EXISTS (SELECT FROM contact_profile seed"
                " WHERE seed.id = facts.person AND seed.is_seed))",
                facts(),
            )
        owner = SQL()
        if self.person.kind == "partner":
            link = SQL("profile.partner_id = facts.person")
        else:
            owner = SQL(
                "JOIN (%s) owner ON %s = facts.person",
                self._owners(),
                SQL.identifier("owner", self.person.column),
            )
            link = SQL("profile.id = owner.id")
        return SQL(
            "WITH facts AS (%s), people AS MATERIALIZED ("
            " SELECT profile.id AS profile_id, facts.* FROM facts %s"
            " JOIN contact_profile profile ON %s AND profile.is_seed IS NOT TRUE)",
            facts(),
            owner,
            link,
        )

    def _owners(self):
        """Whose is an address or a number? The choice is that of the profiles."""
        name = self.person.column
        column = SQL.identifier("profile", name)
        where = SQL("%s IS NOT NULL", column)
        if self.only is not None:
            where = SQL("%s = ANY(%s)", column, self.only)
        return self.env["contact.profile"]._sql_owners(where, name)

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
        asked = SQL(
            "SELECT facts.profile_id, (%(number)s)::float8, count(*) OVER ()"
            " FROM people facts WHERE %(true)s"
            " ORDER BY %(count)s DESC, facts.profile_id LIMIT %(limit)s",
            number=signal_measures.measure(signal.aggregate, own, self.now),
            true=self._is_true(signal, own),
            count=own.count,
            limit=limit,
        )
        return SQL("%s %s", self._with_people(facts), asked)

    def sql_evidence(self, profile):
        """Ids of the first signal's records about a person."""
        self.only = SQL(
            "SELECT %s FROM contact_profile WHERE id = %s",
            SQL.identifier(self.person.column),
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
        asked = SQL(
            "SELECT facts.profile_id, (%(number)s)::float8 AS number"
            " FROM people facts WHERE %(count)s >= %(needed)s",
            number=signal_measures.measure(question.aggregate, own, self.now),
            count=own.count,
            needed=signal_measures.FACTS_NEEDED.get(question.aggregate, 1),
        )
        return SQL("%s %s", self._with_people(facts), asked)

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
        """(function that gives the query of the facts by person, for each signal its
        columns): read is only what of these was asked for before."""
        if is_ordered(self.signals[:1]):
            return self._aggregate_ordered()
        records, facts = Named("record", "r"), Named("facts", "c")
        columns = [
            self._columns(signal, date, condition, records.name, facts.name)
            for signal, date, condition in zip(
                self.signals, self.dates, self.conditions, strict=True
            )
        ]

        def query():
            names = SQL(", ").join([SQL("person"), *facts.columns()])
            read = self.sql_records(
                SQL(", ").join([SQL("%s AS person", self.key), *records.columns()]),
                self._wanted(self.conditions),
            )
            # OFFSET keeps the database from asking each condition again for each
            # column.
            once = SQL() if len(self.signals) == 1 else SQL("OFFSET 0")
            return SQL("SELECT %s FROM (%s %s) record GROUP BY 1", names, read, once)

        return query, columns

    def _columns(self, signal, date, condition, of_record, of_person):
        """The aggregates of one signal.

        :param of_record: gives an expression about a record a name
        :param of_person: gives an aggregate a name
        """
        # of a single one only the records that fit are read
        is_filtered = condition is not None and len(self.signals) > 1

        def filtered(aggregate):
            if is_filtered:
                fits = of_record(condition)
                aggregate = SQL("%s FILTER (WHERE %s)", aggregate, fits)
            return of_person(aggregate)

        columns = Columns(
            count=lambda: filtered(SQL("count(*)")),
            first=lambda: filtered(SQL("min(%s)", of_record(date))),
            last=lambda: filtered(SQL("max(%s)", of_record(date))),
        )
        if signal.value_path:
            path = self._path(signal.value_path)  # must be right, asked for or not
            columns.add(
                value=lambda: filtered(
                    signal_measures.of_values(signal.aggregate, of_record(path))
                )
            )
        if signal._is_weighed():
            columns.add(
                weight=lambda: filtered(
                    SQL("sum(%s)", self._sql_weight(of_record(date)))
                )
            )
        return columns
