"""Facts about people as rows of a statement, and what they make of what is known."""

from odoo.tools import SQL

TYPES = {
    # column of a fact: its type in the database
    "profile_id": "int",
    "tag_id": "int",
    "kind": "varchar",
    "source": "varchar",
    "res_model": "varchar",
    "res_id": "int",
    "signal_id": "int",
    "user_id": "int",
    "note": "varchar",
    "confidence": "numeric",
    "times": "int",
    "first_seen": "timestamp",
    "last_seen": "timestamp",
    "expires": "timestamp",
}
LASTS = "infinity"
"""Given as ``expires``: for ever, whatever the dimension says."""

# Of several facts the latest names the source. The other columns break a tie, so that
# it does not matter which arrived first.
_AGE = (
    "{}.last_seen",
    "{}.source",
    "COALESCE({}.res_model, '')",
    "COALESCE({}.res_id, 0)",
    "COALESCE({}.user_id, 0)",
    "COALESCE({}.note, '')",
)


def _age(row):
    return [column.format(row) for column in _AGE]


_LATEST = f"({', '.join(_age('excluded'))}) > ({', '.join(_age('own'))})"
# Whom signals alone have told of is as they say now, also when that is less.
_DERIVED = "own.times_told = 0 AND excluded.times_told = 0"


def _of_latest(column):
    return (
        f"CASE WHEN {_DERIVED} OR {_LATEST} THEN excluded.{column}"
        f" ELSE own.{column} END"
    )


def _extreme(function, column):
    return (
        f"CASE WHEN {_DERIVED} THEN excluded.{column}"
        f" ELSE {function}(own.{column}, excluded.{column}) END"
    )


def _capped(number):
    """What the column can hold."""
    return f"LEAST({number}, 2147483647)::int"


MERGED = {
    **{
        name: _of_latest(name)
        for name in ("source", "res_model", "res_id", "user_id", "note")
    },
    "signal_id": "COALESCE(excluded.signal_id, own.signal_id)",
    "confidence": _extreme("GREATEST", "confidence"),
    "first_seen": _extreme("LEAST", "first_seen"),
    "last_seen": _extreme("GREATEST", "last_seen"),
    # nothing given: it lasts, which is longer than any date
    "expires": f"""
        CASE WHEN {_DERIVED} THEN excluded.expires
             WHEN own.expires IS NULL OR excluded.expires IS NULL THEN NULL
             ELSE GREATEST(own.expires, excluded.expires)
        END""",
    "times_told": _capped("own.times_told::bigint + excluded.times_told"),
    # signals count all that they know, each time anew; what is told is added
    "times_seen": _capped(
        "CASE WHEN excluded.signal_id IS NULL"
        " THEN own.times_seen::bigint + excluded.times_told"
        " ELSE own.times_told::bigint + excluded.times_seen END"
    ),
}
"""What a live row becomes (``own``) when it is seen again (``excluded``)."""


def given_rows(facts):
    """Dicts as a FROM item called ``given``, and the names of its columns."""
    columns = [name for name in TYPES if any(name in fact for fact in facts)]
    arrays = [
        SQL(f"%s::{TYPES[name]}[]", [fact.get(name) for fact in facts])
        for name in columns
    ]
    names = SQL(", ").join(map(SQL.identifier, columns))
    return SQL("unnest(%s) AS given (%s)", SQL(", ").join(arrays), names), columns


def complete(tables, columns, now):
    """All columns of the facts, with what goes without saying.

    :param SQL tables: FROM item called ``given``
    :param columns: which columns it has
    :param now: when facts were seen that do not say it (naive UTC)
    """

    def given(name, default):
        known = SQL.identifier("given", name) if name in columns else SQL("NULL")
        kind = SQL(TYPES[name])
        return SQL("COALESCE((%s)::%s, %s)", known, kind, default)

    last_seen = given("last_seen", SQL("%s", now))
    values = {
        "kind": given("kind", SQL("'explicit'")),
        "source": given("source", SQL("'user'")),
        "confidence": SQL("round(%s, 2)", given("confidence", SQL("1"))),
        "times": SQL("GREATEST(%s, 1)", given("times", SQL("1"))),
        "first_seen": SQL("LEAST(%s, %s)", given("first_seen", last_seen), last_seen),
        "last_seen": last_seen,
        "expires": given("expires", _default_expiry(columns, last_seen)),
    }
    for name in TYPES:
        values.setdefault(name, given(name, SQL("NULL")))
    return SQL(
        """
        SELECT %(columns)s, tag.dimension_id
          FROM %(tables)s
          JOIN contact_tag tag ON tag.id = given.tag_id
          JOIN contact_tag_dimension dimension ON dimension.id = tag.dimension_id
        """,
        columns=SQL(", ").join(
            SQL("%s AS %s", value, SQL.identifier(name))
            for name, value in values.items()
        ),
        tables=tables,
    )


def _default_expiry(columns, last_seen):
    """As long as the dimension says. What a signal says lasts as long as it says so."""
    signal = SQL("given.signal_id") if "signal_id" in columns else SQL("NULL::int")
    return SQL(
        """
        CASE WHEN %s IS NULL AND dimension.life_days > 0
             THEN %s + make_interval(days => dimension.life_days)
             ELSE 'infinity'::timestamp
        END
        """,
        signal,
        last_seen,
    )


def summed(facts, now):
    """One row for each person, tag and kind; what has expired already is another.

    An expired fact is kept as history, as if it had arrived in time. What signals
    knew is not history: they will say it again with every run.
    """
    return SQL(
        """
        SELECT DISTINCT ON (profile_id, tag_id, kind, active)
               fact.*,
               LEAST(COALESCE(sum(times) FILTER (WHERE fact.signal_id IS NULL)
                              OVER same, 0), 2147483647)::int AS times_told,
               LEAST(sum(times) OVER same, 2147483647)::int AS times_seen,
               first_value(fact.signal_id) OVER (
                   same ORDER BY fact.signal_id IS NULL, confidence DESC,
                                 last_seen DESC, fact.signal_id
               ) AS main_signal_id,
               max(confidence) OVER same AS most_confidence,
               min(first_seen) OVER same AS first,
               max(expires) OVER same AS until
          FROM (SELECT *, expires > %(now)s AS active FROM (%(facts)s) every) fact
         WHERE active OR fact.signal_id IS NULL
        WINDOW same AS (PARTITION BY profile_id, tag_id, kind, active)
         ORDER BY profile_id, tag_id, kind, active, %(latest_first)s
        """,
        facts=facts,
        now=now,
        latest_first=SQL(", ".join(f"{column} DESC" for column in _age("fact"))),
    )
