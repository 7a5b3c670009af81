"""The rules as SQL.

The ORM is not enough here: counting for a million people and five rules would be five
million questions, or five passes over the ledger. One statement reads each person's
index entries once and counts for all rules together (see docs/design.md).
"""

from dataclasses import dataclass
from datetime import datetime

from odoo.tools import SQL

from .engine_counts import KEYS, join_counts, join_zones

LOCK = SQL("FOR KEY SHARE OF contact_profile SKIP LOCKED")
"""Nobody is booked who is being merged or deleted at this moment: they are asked about
again. Waiting for them here could end in a deadlock."""


@dataclass(frozen=True)
class Scope:
    """Whom a policy is for: everybody, those who fulfil ``condition``, or ``ids``."""

    policy_id: int
    is_guard: bool
    condition: SQL | None = None
    ids: SQL | None = None


@dataclass(frozen=True)
class Booking:
    """What to write into the ledger for those who may be written to."""

    mailing_id: int
    res_model: str
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


def decide(people, scopes, specs, bounds, booking=None, everybody=False, at_once=False):
    """The statement that decides, and books if asked to.

    People with the same answer come back as one row, and those whom no rule refused
    only if asked for: of a large audience a few dozen rows are left.

    :param People people: whom to decide about
    :param list scopes: Scope of each policy, in order
    :param list specs: RuleSpec to ask
    :param dict bounds: {rule id: {(tz, lang) or None: (lower, upper)}}
    :param Booking booking: reserve for those let through
    :param bool everybody: also those whom no rule refused
    :param bool at_once: see ``join_counts``
    :return: SQL giving (policy id, refused rule ids, tz, lang, record ids, profile ids,
        addresses); with a booking also a row whose rule ids are NULL: records that
        were neither refused nor booked
    """
    lock = LOCK if booking else SQL()
    parts = _steps(people, scopes, specs, bounds, lock, at_once)
    if booking:
        parts.append(_book(booking))
    return SQL(
        """
        WITH %(parts)s
        SELECT v.policy_id, v.failed, v.tz, v.lang, array_agg(v.res_id),
               array_agg(v.profile_id), array_agg(v.address)
          FROM verdict v WHERE %(which)s
         GROUP BY 1, 2, 3, 4 %(lost)s
        """,
        parts=SQL(", ").join(parts),
        which=SQL("TRUE") if everybody else SQL("v.failed <> '{}'"),
        lost=SQL("UNION ALL %s", _lost(people)) if booking else SQL(),
    )


def _steps(people, scopes, specs, bounds, lock, at_once):
    """From the people to what the rules say of each, as a list of named queries."""
    asked = [scope for scope in scopes if scope.ids]
    parts = []
    if asked:
        parts.append(SQL("cand AS MATERIALIZED (%s)", people.select()))
        parts += [_scope_cte(scope) for scope in asked]
    verdict = SQL(
        """
        SELECT person.*,
               CASE WHEN person.is_seed THEN '{}'::int[] ELSE %(failed)s END AS failed
          FROM person %(zones)s %(counts)s
        """,
        failed=_failed(specs, {scope.policy_id: scope for scope in scopes}),
        zones=join_zones(specs, bounds),
        counts=SQL(" ").join(join_counts(key, specs, bounds, at_once) for key in KEYS),
    )
    return [
        *parts,
        SQL("person AS (%s %s)", _person(people, scopes, asked), lock),
        SQL("verdict AS (%s)", verdict),
    ]


def _lost(people):
    """Who was neither refused nor booked: somebody else books the same record, or the
    person is gone, or is going."""
    return SQL(
        """
        SELECT NULL, NULL, NULL, NULL, array_agg(who.res_id), NULL, NULL
          FROM (%s) who
         WHERE who.address IS NOT NULL
           AND NOT EXISTS (SELECT FROM booked b WHERE b.res_id = who.res_id)
           AND NOT EXISTS (SELECT FROM verdict v
                            WHERE v.res_id = who.res_id AND v.failed <> '{}')
        """,
        people.mailboxes,
    )


def _scope_cte(scope):
    """Whom a policy is for, where that cannot be told from the profile alone."""
    name = SQL.identifier(f"scope_{scope.policy_id}")
    return SQL("%s AS MATERIALIZED (%s)", name, scope.ids)


def _person(people, scopes, asked):
    """Each candidate with the first policy that fits, and the guards that do."""
    joins = SQL(" ").join(
        SQL(
            "LEFT JOIN %(scope)s ON %(scope)s.id = contact_profile.id",
            scope=SQL.identifier(f"scope_{scope.policy_id}"),
        )
        for scope in asked
    )
    fits = SQL(" ").join(
        SQL("WHEN %s THEN %s", _fits(scope), scope.policy_id)
        for scope in scopes
        if not scope.is_guard
    )
    guards = SQL().join(
        SQL(", %s AS %s", _fits(scope), SQL.identifier(f"guard_{scope.policy_id}"))
        for scope in scopes
        if scope.is_guard
    )
    columns = SQL(
        ", contact_profile.is_seed, contact_profile.tz, contact_profile.lang,"
        " %s::int AS policy_id %s",
        SQL("CASE %s END", fits) if fits else SQL("NULL"),
        guards,
    )
    if not asked:
        return people.select(columns)
    return SQL(
        "SELECT cand.* %s FROM cand"
        " JOIN contact_profile ON contact_profile.id = cand.profile_id %s",
        columns,
        joins,
    )


def _fits(scope):
    if scope.ids:
        return SQL("%s IS NOT NULL", SQL.identifier(f"scope_{scope.policy_id}", "id"))
    if scope.condition:
        return SQL("(%s) IS TRUE", scope.condition)
    return SQL("TRUE")


def _failed(specs, scopes):
    """The ids of the rules that say no."""
    if not specs:
        return SQL("'{}'::int[]")
    return SQL(
        "array_remove(ARRAY[%s]::int[], NULL)",
        SQL(", ").join(
            SQL(
                "CASE WHEN %s AND COALESCE(%s, 0) + 1 > %s THEN %s END",
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
    if scopes[spec.policy_id].is_guard:
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
        """booked AS (
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
