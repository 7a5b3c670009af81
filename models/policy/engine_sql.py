"""The rules as SQL.

The ORM is not enough here: counting for a million people and five rules would be five
million questions, or five passes over the ledger. One statement reads each person's
index entries once and counts for all rules together (see docs/design.md).
"""

from dataclasses import dataclass
from datetime import datetime

from odoo.tools import SQL

COUNTED = SQL("t.counts AND t.state IN ('reserved', 'sent')")
KEYS = {"person": "profile_id", "inbox": "address"}


@dataclass(frozen=True)
class Booking:
    """What to write into the ledger for those who may be written to."""

    mailing_id: int
    res_model: str
    res_ids: tuple
    date: datetime
    channel_id: int
    category_id: int | None
    counts: bool
    company_id: int | None
    user_id: int | None
    uid: int
    priority: int
    cost: float
    currency_id: int | None


def int_array(values):
    """Ids as one literal: five times faster to send than a list of parameters."""
    return SQL("%s::int[]", f"{{{','.join(map(str, values))}}}")


def decide(people, scopes, specs, bounds, booking=None):
    """The statement that decides, and books if asked to.

    :param list people: (profile id, address or None)
    :param list scopes: (policy id, is guard, SQL of profile ids or None for everybody),
        in order
    :param list specs: RuleSpec to ask
    :param dict bounds: {rule id: {(tz, lang) or None: (lower, upper)}}
    :param Booking booking: reserve for those let through
    :return: SQL giving (position from 0, policy id, refused rule ids, tz, lang, booked)
    """
    zones = sorted(
        {key for by_zone in bounds.values() for key in by_zone if key}, key=str
    )
    return SQL(
        """
        WITH cand AS MATERIALIZED (%(cand)s) %(scopes)s,
        person AS MATERIALIZED (%(person)s),
        verdict AS MATERIALIZED (
            SELECT person.*,
                   CASE WHEN person.is_seed THEN '{}'::int[]
                        ELSE %(failed)s END AS failed
              FROM person %(zones)s %(counts)s
        ) %(booked)s
        SELECT v.pos, v.policy_id, v.failed, v.tz, v.lang, %(is_booked)s
          FROM verdict v %(join_booked)s
         ORDER BY v.pos
        """,
        cand=_candidates(people, booking),
        scopes=SQL().join(_scope_cte(*scope) for scope in scopes if scope[2]),
        person=_person(scopes),
        failed=_failed(specs, {scope[0]: scope for scope in scopes}),
        zones=_zones(zones, specs, bounds),
        counts=SQL(" ").join(_counts(key, specs, bounds) for key in KEYS),
        booked=_book(booking) if booking else SQL(),
        is_booked=SQL("b.res_id IS NOT NULL") if booking else SQL("FALSE"),
        join_booked=SQL("LEFT JOIN booked b USING (res_id)") if booking else SQL(),
    )


def _candidates(people, booking):
    res_ids = booking.res_ids if booking else [0] * len(people)
    return SQL(
        """
        SELECT (u.pos - 1)::int AS pos, u.profile_id, u.address, u.res_id
          FROM unnest(%s, %s::varchar[], %s) WITH ORDINALITY
               AS u (profile_id, address, res_id, pos)
        """,
        int_array(profile_id for profile_id, _address in people),
        [address for _profile_id, address in people],
        int_array(res_ids),
    )


def _scope_cte(policy_id, _is_guard, ids):
    return SQL(", %s AS MATERIALIZED (%s)", SQL.identifier(f"scope_{policy_id}"), ids)


def _person(scopes):
    """Each candidate with the first policy that fits, and the guards that do."""
    joins = SQL(" ").join(
        SQL(
            "LEFT JOIN %(scope)s ON %(scope)s.id = p.id",
            scope=SQL.identifier(f"scope_{policy_id}"),
        )
        for policy_id, _is_guard, ids in scopes
        if ids
    )
    fits = SQL(" ").join(
        SQL("WHEN %s THEN %s", _fits(policy_id, ids), policy_id)
        for policy_id, is_guard, ids in scopes
        if not is_guard
    )
    guards = SQL().join(
        SQL(", %s AS %s", _fits(policy_id, ids), SQL.identifier(f"guard_{policy_id}"))
        for policy_id, is_guard, ids in scopes
        if is_guard
    )
    return SQL(
        """
        SELECT c.*, p.is_seed, p.tz, p.lang, %s::int AS policy_id %s
          FROM cand c JOIN contact_profile p ON p.id = c.profile_id %s
        """,
        SQL("CASE %s END", fits) if fits else SQL("NULL"),
        guards,
        joins,
    )


def _fits(policy_id, ids):
    if not ids:
        return SQL("TRUE")
    return SQL("%s IS NOT NULL", SQL.identifier(f"scope_{policy_id}", "id"))


def _zones(zones, specs, bounds):
    """The bounds of calendar windows, which differ by the people's clocks."""
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


def _counts(key, specs, bounds):
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


def _failed(specs, scopes):
    """The ids of the rules that say no."""
    if not specs:
        return SQL("'{}'::int[]")
    return SQL(
        "array_remove(ARRAY[%s]::int[], NULL)",
        SQL(", ").join(
            SQL(
                "CASE WHEN %s AND %s + 1 > %s THEN %s END",
                _applies(spec, scopes),
                SQL.identifier(f"per_{spec.count_per}", f"count_{spec.rule_id}"),
                spec.maximum,
                spec.rule_id,
            )
            for spec in specs
        ),
    )


def _applies(spec, scopes):
    """Does the rule's policy bind the person? Always where nobody asked policies."""
    if spec.policy_id not in scopes:
        return SQL("TRUE")
    if scopes[spec.policy_id][1]:
        return SQL.identifier("person", f"guard_{spec.policy_id}")
    return SQL("person.policy_id = %s", spec.policy_id)


def _book(booking):
    """Reserve: a line in the ledger for everybody no rule refused."""
    values = SQL(
        "%s, %s, %s, %s, %s, 'reserved', %s, %s, %s, %s, %s, %s, %s, %s, %s",
        booking.channel_id,
        booking.category_id,
        booking.mailing_id,
        booking.priority,
        booking.date,
        booking.company_id,
        booking.user_id,
        booking.res_model,
        booking.cost,
        booking.currency_id,
        booking.uid,
        booking.date,
        booking.uid,
        booking.date,
    )
    return SQL(
        """, booked AS (
            INSERT INTO contact_touch (
                   profile_id, address, res_id, counts,
                   channel_id, category_id, mailing_id, priority, date, state,
                   company_id, user_id, res_model, cost, currency_id,
                   create_uid, create_date, write_uid, write_date)
            SELECT v.profile_id, v.address, v.res_id,
                   %s AND NOT COALESCE(v.is_seed, FALSE), %s
              FROM verdict v
             WHERE v.failed = '{}'
             ORDER BY v.profile_id
                ON CONFLICT DO NOTHING
         RETURNING res_id)
        """,
        booking.counts,
        values,
    )
