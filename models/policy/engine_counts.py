"""Counting, as SQL: one look at each person's part of the ledger for all rules."""

from odoo.tools import SQL

COUNTED = SQL("t.counts AND t.state IN ('reserved', 'sent')")
KEYS = {"person": "profile_id", "inbox": "address"}
COUNT_EACH = """
    CROSS JOIN LATERAL (
        SELECT %(columns)s
          FROM contact_touch t
         WHERE t.%(column)s = person.%(column)s AND %(counted)s
           AND t.date >= LEAST(%(lowers)s) AND t.date < GREATEST(%(uppers)s)
    ) AS %(alias)s
"""
COUNT_AT_ONCE = """
    LEFT JOIN (
        SELECT t.%(column)s, %(columns)s
          FROM contact_touch t
         WHERE %(counted)s
           AND t.date >= LEAST(%(lowers)s) AND t.date < GREATEST(%(uppers)s)
         GROUP BY 1
    ) AS %(alias)s ON %(alias)s.%(column)s = person.%(column)s
"""


def join_zones(specs, bounds):
    """The bounds of calendar windows, which differ by the people's clocks."""
    zones = sorted(
        {key for by_zone in bounds.values() for key in by_zone if key}, key=str
    )
    calendar = [spec for spec in specs if None not in bounds[spec.rule_id]]
    if not calendar:
        return SQL()
    rows = SQL(", ").join(
        SQL(
            "(%s::varchar, %s::varchar %s)",
            tz,
            lang,
            SQL().join(
                SQL(", %s::timestamp, %s::timestamp", *bounds[spec.rule_id][tz, lang])
                for spec in calendar
            ),
        )
        for tz, lang in zones
    )
    names = SQL().join(
        SQL(
            ", %s, %s",
            SQL.identifier(f"lower_{spec.rule_id}"),
            SQL.identifier(f"upper_{spec.rule_id}"),
        )
        for spec in calendar
    )
    return SQL(
        """
        JOIN (VALUES %s) AS zone (tz, lang %s)
          ON zone.tz IS NOT DISTINCT FROM person.tz
         AND zone.lang IS NOT DISTINCT FROM person.lang
        """,
        rows,
        names,
    )


def _bounds(spec, bounds):
    """Lower and upper bound of a rule's window, as SQL."""
    if None in bounds[spec.rule_id]:
        lower, upper = bounds[spec.rule_id][None]
        return SQL("%s::timestamp", lower), SQL("%s::timestamp", upper)
    return (
        SQL.identifier("zone", f"lower_{spec.rule_id}"),
        SQL.identifier("zone", f"upper_{spec.rule_id}"),
    )


def join_counts(key, specs, bounds, at_once=False):
    """One look at the ledger per person (per inbox), counting for all rules.

    :param bool at_once: count for everybody in the ledger first: faster for a large
        part of them. Where people's windows differ they are looked at one by one.
    """
    specs = [spec for spec in specs if spec.count_per == key]
    if not specs:
        return SQL()
    lowers, uppers = zip(*(_bounds(spec, bounds) for spec in specs), strict=True)
    columns = SQL(", ").join(
        SQL(
            "count(*) FILTER (WHERE t.date >= %s AND t.date < %s %s) AS %s",
            *_bounds(spec, bounds),
            _same_kind(spec),
            SQL.identifier(f"count_{spec.rule_id}"),
        )
        for spec in specs
    )
    at_once = at_once and all(None in bounds[spec.rule_id] for spec in specs)
    return SQL(
        COUNT_AT_ONCE if at_once else COUNT_EACH,
        columns=columns,
        column=SQL.identifier(KEYS[key]),
        counted=COUNTED,
        lowers=SQL(", ").join(lowers),
        uppers=SQL(", ").join(uppers),
        alias=SQL.identifier(f"per_{key}"),
    )


def _same_kind(spec):
    """Only touches of the rule's channels and categories."""
    kinds = SQL()
    if spec.channel_ids:
        kinds = SQL("AND t.channel_id IN %s", tuple(sorted(spec.channel_ids)))
    if spec.category_ids:
        kinds = SQL(
            "%s AND t.category_id IN %s", kinds, tuple(sorted(spec.category_ids))
        )
    return kinds
