"""Counting, as SQL: one look at each person's part of the ledger for all rules."""

from odoo.tools import SQL

COUNTED = SQL("t.counts AND t.state IN ('reserved', 'sent')")
KEYS = {"person": "profile_id", "inbox": "address"}


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


def join_counts(key, specs, bounds):
    """One look at the ledger per person (per inbox), counting for all rules."""
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
    return SQL(
        """
        CROSS JOIN LATERAL (
            SELECT %(columns)s
              FROM contact_touch t
             WHERE t.%(column)s = person.%(column)s AND %(counted)s
               AND t.date >= LEAST(%(lowers)s) AND t.date < GREATEST(%(uppers)s)
        ) AS %(alias)s
        """,
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
