"""The records that signals are about: whose they are, and which of them count."""

from odoo.tools import SQL, Query

from odoo.addons.mass_mailing_contact_strategy.models import domain_meaning

from . import signal_path
from .signal_windows import bounds_of, edge_of


class Records:
    """The records that some signals are about, as conditions and a FROM clause.

    :param signals: of one model, path and family
    :param now: naive UTC
    :param SQL only: people (keys) to read, an array or a query; all if nothing
    """

    def __init__(self, signals, now, only=None):
        self.signals, self.now, self.only = signals, now, only
        self.env = signals.env
        model_name = signals[:1].model_name
        # Elevated: signals count across all business units, and tell no contents.
        self.model = self.env[model_name].sudo().with_context(active_test=False)
        self.alias = self.model._table
        self.query = Query(self.env, self.alias, self.model._table_sql)
        self.person = signal_path.person_of(self.model, signals[:1].person_path)
        self.key = self._sql_key()
        self.dates = [self._sql_date(signal) for signal in signals]
        self.common = self._sql_happened()
        self.conditions = [
            all_of([*self._sql_chosen(signal), *self._sql_window(signal, date)])
            for signal, date in zip(signals, self.dates, strict=True)
        ]

    def _path(self, path):
        return signal_path.to_sql(self.model, self.alias, path, self.query)

    def _sql_key(self):
        """Whose record it is. A text is taken as it is kept of people."""
        key = self._path(self.person.path)
        if self.person.kind == "email":
            return SQL(
                "CASE WHEN position('<' IN %(key)s) > 0"
                " THEN lower(btrim(substring(%(key)s FROM '<([^<>]*)>')))"
                " ELSE lower(btrim(%(key)s)) END",
                key=key,
            )
        if self.person.kind == "phone":
            return SQL("NULLIF(regexp_replace(%s, '[^0-9+]', '', 'g'), '')", key)
        return key

    def _sql_date(self, signal):
        date = self._path(signal.date_path)
        fields = signal_path.walk(self.model, signal.date_path)
        return SQL("%s::timestamp", date) if fields[-1].type == "date" else date

    def sql_chosen(self, signal):
        """Does a record fit, whenever it happened? None where all do.

        :rtype: SQL | None
        """
        return all_of(self._sql_chosen(signal))

    def _sql_chosen(self, signal):
        """What fits; where only the last records count, those they are chosen from."""
        if signal.last_records:
            return self._sql_domain(signal._get_base_domain(self.now))
        return self._sql_domain(signal._get_fact_domain(self.now))

    def _sql_domain(self, domain):
        domain = domain.optimize_full(self.model)
        if not domain.is_true():
            yield domain_meaning.to_sql(domain, self.model, self.alias, self.query)

    def _sql_happened(self):
        """What all the signals look at lies in the past, mostly: asked once then."""
        if any(signal.aggregate == "next" for signal in self.signals):
            return None
        dates = {shape(date): date for date in self.dates}
        if len(dates) > 1:
            return None
        return SQL("%s <= %s", self.dates[0], self.now)

    def _sql_window(self, signal, date):
        """A record that is exactly as old as the window is long counts no more."""
        yield from self._sql_between(signal, date)
        edge = edge_of(signal, self.now)
        if signal.aggregate == "next":
            yield SQL("%s >= %s", date, self.now)
            if edge:
                yield SQL("%s < %s", date, edge)
            return
        if self.common is None:
            yield SQL("%s <= %s", date, self.now)
        if edge:
            yield SQL("%s > %s", date, edge)

    def _sql_between(self, signal, date):
        """Days of the calendar: both the first and the last count."""
        if not signal.date_from and not signal.date_to:
            return
        field = signal_path.walk(self.model, signal.date_path)[-1]
        first, after = bounds_of(signal, self.now, field.type == "date")
        if first:
            yield SQL("%s >= %s", date, first)
        if after:
            yield SQL("%s < %s", date, after)

    def sql_records(self, columns, where):
        """SELECT over the records that have a person, with all joins made so far.

        :param where: conditions, nothing for those that are always true
        """
        wanted = [SQL("%s IS NOT NULL", self.key), *where]
        if self.only is not None:
            wanted.append(SQL("%s = ANY(%s)", self.key, self.only))
        return SQL(
            "SELECT %s FROM %s WHERE %s",
            columns,
            self.query.from_clause,
            all_of(wanted),
        )

    def _wanted(self, conditions):
        """Conditions on records that count for any of some signals."""
        distinct = {
            shape(condition): condition for condition in conditions if condition
        }
        if all(conditions):
            yield SQL("(%s)", SQL(" OR ").join(distinct.values()))
        if self.common is not None:
            yield self.common


def all_of(conditions):
    """None where there is no condition."""
    conditions = list(conditions)
    return SQL("(%s)", SQL(" AND ").join(conditions)) if conditions else None


def shape(expression):
    """What tells an expression from others: equal ones are written once."""
    return expression.code, repr(expression.params)


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
