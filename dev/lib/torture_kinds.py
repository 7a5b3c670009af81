"""Rules of every kind in the world of torture, and what may never be true of them.

``prepare`` runs inside Odoo; the rest outside, and knows nothing of the addon's code.
Whom a kind is about is told by the last digit of their number. Those are never merged
with anybody, so it is known whose a touch was.
"""

from datetime import datetime, timezone

ADDON = "mass_mailing_contact_strategy"
FIRM, HOME = (3, 4, 5), (6, 7)
WISHFUL, BLOCKED, ABROAD = 2, 8, 9
DRAW, SHARE = "torture", 4
# Hours; no multiples of a day: days pass in an instant
FIRM_CAP, HOME_PEOPLE, BUDGET, MOST = (5, 40), (1, 35), (6, 70), (6, 90)
APART, LADDER, SLOW, STOP = 25, 6, 45, 18
WISH = 2  # a week


def prepare(env):
    """Firms, homes, blocked people, people abroad; a guard with the rules."""
    people = env["res.partner"].search([("name", "=like", "Person %")], order="id")
    by_digit = [people.browse(people.ids[digit::10]) for digit in range(10)]
    for number, members in enumerate(zip(*(by_digit[d] for d in FIRM), strict=False)):
        firm = env["res.partner"].create({"name": f"Firm {number}", "is_company": True})
        for member in members:
            member.parent_id = firm
    for number, members in enumerate(zip(*(by_digit[d] for d in HOME), strict=False)):
        for member in members:
            member.write({"street": f"Street {number}", "city": "Torture"})
    for number, member in enumerate(by_digit[ABROAD]):
        member.tz = _abroad(6 if number % 2 else 18)
    wishes = env["contact.wish"].sudo()
    for member in by_digit[WISHFUL]:
        wishes._of(member.profile_id).write({"period": "week", "max_touches": WISH})
    env.ref(f"{ADDON}.contact_channel_email").cost = 1
    env["contact.policy"].create(
        {
            "name": "Kinds",
            "sequence": 3,
            "is_guard": True,
            "rule_ids": [(0, 0, rule) for rule in _rules(env, by_digit[BLOCKED])],
        }
    )


def _abroad(hour):
    """A time zone where it is about that hour now."""
    ahead = (hour - datetime.now(timezone.utc).hour + 11) % 24 - 11
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"


def _rules(env, blocked):
    dimension = env["contact.tag.dimension"].create({"name": "Torture trouble"})
    tag = env["contact.tag"].create(
        {"name": "Torture complaint", "dimension_id": dimension.id}
    )
    env["contact.tag.assignment"].create(
        [
            {"profile_id": who.id, "tag_id": tag.id, "kind": "explicit"}
            for who in blocked.profile_id
        ]
    )
    promotion, service = (
        env.ref(f"{ADDON}.contact_category_{code}") for code in ("promotion", "service")
    )
    steps = [
        {"after_touches": LADDER, "effect": "slow", **_window(SLOW)},
        {"after_touches": STOP, "effect": "stop"},
    ]
    return (
        _cap(FIRM_CAP, count_per="company"),
        _cap(HOME_PEOPLE, count_per="household", count_what="people"),
        {"rule_type": "cost", "max_cost": BUDGET[0], **_window(BUDGET[1])},
        {**_cap(MOST), "rule_type": "adaptive", "min_touches": 2},
        {
            "rule_type": "apart",
            "category_ids": [(6, 0, promotion.ids)],
            "other_category_ids": [(6, 0, service.ids)],
            **_window(APART),
        },
        {"rule_type": "block", "tag_ids": [(6, 0, tag.ids)], "on_exceed": "hold"},
        {"rule_type": "holdout", "holdout_share": SHARE, "holdout_key": DRAW},
        {"rule_type": "quiet", "quiet_from": 0.0, "quiet_to": 12.0},
        {"rule_type": "sunset", "step_ids": [(0, 0, step) for step in steps]},
    )


def _window(hours):
    return {"window_value": hours, "window_unit": "hour"}


def _cap(most, **values):
    maximum, hours = most
    return {
        "rule_type": "cap",
        "max_touches": maximum,
        **_window(hours),
        **values,
    }


# ------------------------------------------------------------
# Afterwards
# ------------------------------------------------------------

LEDGER = """
    CREATE TEMP TABLE torture_y AS
    SELECT t.id, t.profile_id, t.date, t.cost::float AS cost, d.id AS turn,
           d.decided_at, c.code AS category, p.tz, p.home,
           NULLIF(p.commercial_partner_id, p.partner_id) AS firm,
           COALESCE(c.obeys_caps, TRUE) AND t.override_id IS NULL AS obeys,
           EXISTS (SELECT FROM torture_move m WHERE m.touch_id = t.id) AS is_moved,
           EXISTS (SELECT FROM contact_touch answer
                    WHERE answer.profile_id = t.profile_id
                      AND (answer.opened OR answer.clicked OR answer.replied))
               AS has_answered
      FROM contact_touch t
      JOIN torture_decision d ON d.touch_id = t.id
      JOIN contact_profile p ON p.id = t.profile_id
      LEFT JOIN contact_category c ON c.id = t.category_id
     WHERE t.counts AND t.state IN ('reserved', 'sent')
"""
# Any window that holds x, and what was decided before x: see cap.sql.
WINDOWS = """
    WITH known AS (
        SELECT x.id AS x_id, x.date AS x_date, y.*
          FROM torture_y x JOIN torture_y y ON y.turn <= x.turn AND {same}
         WHERE x.obeys AND NOT x.is_moved AND NOT y.is_moved
    )
    SELECT ends.x_id, concat({measure}, ' ending ', ends.date)
      FROM known ends
      JOIN known inside ON inside.x_id = ends.x_id AND inside.date <= ends.date
       AND inside.date > ends.date - interval '{hours} hours'
     WHERE ends.date >= ends.x_date
       AND ends.date < ends.x_date + interval '{hours} hours'
     GROUP BY ends.x_id, ends.id, ends.date
    HAVING {measure} > {most}
"""
WINDOW_KINDS = {
    "too many at a company": ("y.firm = x.firm", "count(*)", FIRM_CAP),
    "too many people at home": (
        "y.home = x.home",
        "count(DISTINCT inside.profile_id)",
        HOME_PEOPLE,
    ),
    "too dear": ("y.profile_id = x.profile_id", "sum(inside.cost)", BUDGET),
    "more than at most": ("y.profile_id = x.profile_id", "count(*)", MOST),
    "more than wished": (
        "y.profile_id = x.profile_id AND EXISTS (SELECT FROM contact_wish wish"
        " WHERE wish.profile_id = x.profile_id AND wish.period = 'week')",
        "count(*)",
        (WISH, 7 * 24),
    ),
}
QUESTIONS = {
    "near a service message": f"""
        SELECT x.id, y.id FROM torture_y x
          JOIN torture_y y ON y.profile_id = x.profile_id AND y.turn < x.turn
           AND y.category = 'service' AND y.date > x.date - interval '{APART} hours'
           AND y.date < x.date + interval '{APART} hours'
         WHERE x.obeys AND x.category = 'promotion'
           AND NOT x.is_moved AND NOT y.is_moved
    """,
    "blocked": """
        SELECT x.id, known.id FROM torture_y x
          JOIN contact_tag_assignment known ON known.profile_id = x.profile_id
          JOIN contact_tag tag ON tag.id = known.tag_id
         WHERE x.obeys AND tag.name ->> 'en_US' = 'Torture complaint'
    """,
    "of the share that gets nothing": f"""
        SELECT x.id, x.profile_id FROM torture_y x
         WHERE x.obeys AND NOT x.is_moved
           AND ('x' || substr(md5('{DRAW}:' || x.profile_id), 1, 8))::bit(32)::bigint
               < 4294967296 * {SHARE} / 100
    """,
    "in the quiet hours": """
        SELECT x.id, x.decided_at FROM torture_y x
         WHERE x.obeys AND extract(hour FROM x.decided_at
               AT TIME ZONE COALESCE(NULLIF(x.tz, ''), 'UTC')) < 12
           AND x.tz LIKE 'Etc/%%'
    """,
    "on the ladder": f"""
        SELECT x.id, before.number FROM torture_y x
         CROSS JOIN LATERAL (
               SELECT count(*) AS number, max(y.date) AS last FROM torture_y y
                WHERE y.profile_id = x.profile_id AND y.turn < x.turn
                  AND y.date <= x.date) before
         WHERE x.obeys AND NOT x.is_moved AND NOT x.has_answered
           AND (before.number >= {STOP}
                OR before.number >= {LADDER}
                   AND before.last > x.date - interval '{SLOW} hours')
           AND NOT EXISTS (SELECT FROM torture_y moved
                            WHERE moved.profile_id = x.profile_id AND moved.is_moved)
    """,
}


def wrong(ask, run):
    """All that breaks a rule.

    :param ask: called with a statement, returns rows
    :param run: called with a statement that returns none
    :return: list of dicts: what, which touch, and what is known of it
    """
    run("DROP TABLE IF EXISTS torture_y")
    run(LEDGER)
    run("CREATE INDEX ON torture_y (profile_id); ANALYZE torture_y")
    statements = QUESTIONS | {
        what: WINDOWS.format(same=same, measure=measure, most=most, hours=hours)
        for what, (same, measure, (most, hours)) in WINDOW_KINDS.items()
    }
    return [
        {"what": what, "touch": touch_id, "found": known}
        for what, statement in statements.items()
        for touch_id, known in ask(statement)
    ]
