"""The rules as SQL.

The ORM is not enough here: counting for a million people and five rules would be five
million questions, or five passes over the ledger. One statement reads each person's
index entries once and counts for all rules together (see docs/design.md).
"""

from dataclasses import replace

from odoo.tools import SQL

from .engine_booking import book, lost
from .engine_questions import CLOCK
from .engine_shared import SHARED, shared_by

LOCK = SQL("FOR KEY SHARE OF contact_profile SKIP LOCKED")
"""Nobody is booked who is being merged or deleted at this moment: they are asked about
again. Waiting for them here could end in a deadlock."""


def decide(people, plan, counts, booking=None, everybody=False):
    """The statement that decides, and books if asked to.

    People with the same answer come back as one row, and those whom no rule refused
    only if asked for: of a large audience a few dozen rows are left.

    :param People people: whom to decide about
    :param Plan plan: what to ask
    :param Counts counts: what is counted for it
    :param Booking booking: reserve for those let through
    :param bool everybody: also those whom no rule refused
    :return: SQL giving (policy id, numbers of the questions that say no, numbers of
        those about quiet hours, tz, lang, record ids, profile ids, addresses); with a
        booking also a row whose numbers are NULL: records that were neither refused nor
        booked
    """
    parts = _steps(people, plan, counts, LOCK if booking else SQL())
    if booking:
        parts.append(book(booking, plan))
    return SQL(
        """
        WITH %(parts)s
        SELECT v.policy_id, v.failed, v.hushed, v.tz, v.lang, array_agg(v.res_id),
               array_agg(v.profile_id), array_agg(v.address)
          FROM verdict v WHERE %(which)s
         GROUP BY 1, 2, 3, 4, 5 %(lost)s
        """,
        parts=SQL(", ").join(parts),
        which=SQL("TRUE") if everybody else SQL("v.is_refused"),
        lost=SQL("UNION ALL %s", lost(people)) if booking else SQL(),
    )


def used(people, plan, counts):
    """How much of what each question allows is used by each person.

    Nothing is said of test addresses, which may always be written to.

    :return: SQL giving (record id, policy id, *one for each Item of the plan: an array
        of what is used and of the maximum; NULL where it does not bind the person, or
        counts people)
    """
    columns = SQL().join(
        SQL(
            ", CASE WHEN %s THEN ARRAY[%s %s, %s]::numeric[] END",
            _applies(item, plan),
            counts.value(item.counted),
            SQL().join(_kept(*kept, counts) for kept in item.kept),
            _maximum(item),
        )
        if item.counted and item.counted.measure != "people"
        else SQL(", NULL")
        for item in plan.items
    )
    return SQL(
        "WITH %s SELECT person.res_id, person.policy_id %s FROM person %s"
        " WHERE person.is_seed IS NOT TRUE",
        SQL(", ").join(_people_steps(people, plan, counts, SQL())),
        columns,
        counts.joins(),
    )


def _steps(people, plan, counts, lock):
    """From the people to what the rules say of each, as a list of named queries."""
    verdict = SQL(
        """
        SELECT person.*, %(hushed)s AS hushed,
               person.is_seed IS NOT TRUE AND (%(refused)s) IS TRUE AS is_refused,
               CASE WHEN person.is_seed THEN '{}'::int[] ELSE %(failed)s END AS failed
          FROM person %(counts)s
        """,
        # Most are not: which questions say no is then never worked out.
        refused=SQL(" OR ").join(_says_no(plan, counts).values()) or SQL("FALSE"),
        hushed=_numbers(_hushed(plan)),
        failed=_numbers(_failed(plan, counts)),
        counts=counts.joins(),
    )
    steps = _people_steps(people, plan, counts, lock)
    if not plan.override:
        return [*steps, SQL("verdict AS (%s)", verdict)]
    return [*steps, SQL("ruled AS (%s)", verdict), _overridden(plan)]


def _overridden(plan):
    """Where somebody overrides, only what people asked for themselves counts."""
    own = [item.number for item in plan.items if item.question.is_own_word]
    return SQL(
        """verdict AS (
            SELECT ruled.policy_id, ruled.hushed, ruled.tz, ruled.lang, ruled.res_id,
                   ruled.profile_id, ruled.address, ruled.is_seed,
                   ruled.is_refused AND NOT over.used AS is_refused,
                   CASE WHEN over.used THEN '{}'::int[] ELSE ruled.failed END AS failed,
                   CASE WHEN over.used THEN over.id END AS override_id
              FROM ruled
             CROSS JOIN LATERAL (
                   SELECT allowed.id,
                          allowed.id IS NOT NULL AND ruled.is_refused
                          AND NOT ruled.failed && %s::int[] AS used
                     FROM (SELECT %s AS id OFFSET 0) allowed) over)
        """,
        own,
        plan.override(SQL("ruled.profile_id")),
    )


def _people_steps(people, plan, counts, lock):
    asked = [fit for fit in plan.fits.values() if fit.ids]
    parts = [SQL("%s AS (SELECT %s::timestamp AS now)", CLOCK, counts.now)]
    if asked:
        parts.append(SQL("cand AS MATERIALIZED (%s)", people.select()))
        # Whom it fits, where that cannot be told from the profile alone.
        parts += [
            SQL("%s AS MATERIALIZED (%s)", SQL.identifier(fit.name), fit.ids)
            for fit in asked
        ]
    ladders = [ladder.join(counts.at_once) for ladder in plan.ladders.values()]
    looks_up = asked or ladders or any(item.asked.lookup for item in plan.items)
    once = SQL("MATERIALIZED") if looks_up else SQL()
    person = _person(people, plan, asked, SQL(" ").join(ladders))
    return [*parts, SQL("person AS %s (%s %s)", once, person, lock)]


def _person(people, plan, asked, ladders):
    """Each candidate with the first policy that fits, and what else is asked of it."""
    columns = SQL(
        ", contact_profile.is_seed, contact_profile.tz, contact_profile.lang, %s",
        SQL(", ").join(_columns(plan)),
    )
    if not asked:
        tables = SQL("%s %s", people.tables, ladders)
        return replace(people, tables=tables).select(columns)
    return SQL(
        "SELECT cand.* %s FROM cand"
        " JOIN contact_profile ON contact_profile.id = cand.profile_id %s",
        columns,
        ladders,
    )


def _columns(plan):
    first = SQL(" ").join(
        SQL("WHEN %s THEN %s", _fits(scope.fit), scope.policy_id)
        for scope in plan.scopes
        if not scope.is_guard
    )
    policy = SQL("CASE %s END", first) if first else SQL("NULL")
    yield SQL("%s::int AS policy_id", policy)
    fits = [item.fit for item in plan.items]
    fits += [scope.fit for scope in plan.scopes if scope.is_guard]
    for fit in filter(None, fits):
        yield SQL("%s AS %s", _fits(fit), SQL.identifier(fit.column))
    for key in SHARED:
        if key in plan.shares:
            yield SQL("%s AS %s", shared_by(key), SQL.identifier(f"shared_{key}"))
    for item in plan.items:
        if item.asked.maximum:
            name = SQL.identifier(f"maximum_{item.number}")
            yield SQL("%s AS %s", item.asked.maximum("contact_profile"), name)


def _fits(fit):
    if not fit:
        return SQL("TRUE")
    fits = SQL("(%s) IS TRUE", fit.condition)
    if fit.ids:
        among = SQL.identifier(fit.name)
        fits = SQL("contact_profile.id IN (SELECT id FROM %s)", among)
    return SQL("%s AND NOT %s", fits, _fits(fit.unless)) if fit.unless else fits


def _numbers(cases):
    if not cases:
        return SQL("'{}'::int[]")
    return SQL("array_remove(ARRAY[%s]::int[], NULL)", SQL(", ").join(cases))


def _says_no(plan, counts):
    """{number of a question: does it say no?}"""
    return {
        item.number: SQL("(%s AND %s)", _applies(item, plan), _refuses(item, counts))
        for item in plan.items
    }


def _failed(plan, counts):
    """The numbers of the questions that say no."""
    return [
        SQL("CASE WHEN %s THEN %s END", says_no, number)
        for number, says_no in _says_no(plan, counts).items()
    ]


def _hushed(plan):
    """The numbers of the questions about quiet hours that bind the person."""
    return [
        SQL("CASE WHEN %s THEN %s END", _applies(item, plan), item.number)
        for item in plan.items
        if item.is_quiet
    ]


def _refuses(item, counts):
    if item.is_closed:
        return SQL("TRUE")
    if item.is_quiet:
        return counts.is_quiet(item.number)
    question = item.question
    more = [_kept(part, touches, counts) for part, touches in item.kept]
    return SQL(
        "%s + %s %s > %s",
        counts.value(item.counted),
        question.adds,
        SQL().join(more),
        _maximum(item),
    )


def _maximum(item):
    if item.asked.maximum:
        return SQL.identifier("person", f"maximum_{item.number}")
    return SQL("%s", item.question.maximum)


def _kept(part, touches, counts):
    """What another business unit has not used of what is kept for it."""
    return SQL("+ GREATEST(%s - %s, 0)", touches, counts.value(part))


def _applies(item, plan):
    """Does it bind the person: its policy does, and it is about such people? Its policy
    always does where nobody asked policies."""
    terms = []
    scopes = {scope.policy_id: scope for scope in plan.scopes}
    if scope := scopes.get(item.question.policy_id):
        if not scope.is_guard:
            terms.append(SQL("person.policy_id = %s", scope.policy_id))
        elif scope.fit:
            terms.append(SQL.identifier("person", scope.fit.column))
    if item.fit:
        terms.append(SQL.identifier("person", item.fit.column))
    return SQL(" AND ").join(terms) if terms else SQL("TRUE")
