"""The check of torture must find every broken rule, whatever its kind."""

import pytest
from lib import torture_kinds
from test_torture_check import ledger, server  # noqa: F401

DAYS = "2026-03-02 10:00:00"
SEEDS = {
    "too many at a company": """
        UPDATE contact_profile SET commercial_partner_id = 7, partner_id = id;
        INSERT INTO contact_touch (profile_id, date, state)
        SELECT 11 + n % 3, timestamp '{day}' + n * interval '1 hour', 'sent'
          FROM generate_series(1, {n}) n
    """,
    "too many people at home": """
        UPDATE contact_profile SET home = 'street 1';
        INSERT INTO contact_touch (profile_id, date, state)
        SELECT 11 + n % 2, timestamp '{day}' + n * interval '1 hour', 'sent'
          FROM generate_series(1, {n}) n
    """,
    "too dear": """
        INSERT INTO contact_touch (profile_id, date, state, cost)
        SELECT 11, timestamp '{day}' + n * interval '1 hour', 'sent', 1
          FROM generate_series(1, {n}) n
    """,
    "more than at most": """
        INSERT INTO contact_touch (profile_id, date, state)
        SELECT 11, timestamp '{day}' + n * interval '1 hour', 'sent'
          FROM generate_series(1, {n}) n
    """,
    "more than wished": """
        INSERT INTO contact_wish VALUES (11, 'week');
        INSERT INTO contact_touch (profile_id, date, state)
        SELECT 11, timestamp '{day}' + n * interval '1 hour', 'sent'
          FROM generate_series(1, {n}) n
    """,
    "near a service message": """
        UPDATE contact_category SET code = 'service' WHERE id = 2;
        INSERT INTO contact_category VALUES (3, TRUE, TRUE, 'promotion');
        INSERT INTO contact_touch (profile_id, date, state, category_id) VALUES
            (11, '{day}', 'sent', 2), (11, timestamp '{day}' + {n} * interval '1 hour',
             'sent', 3)
    """,
    "blocked": """
        INSERT INTO contact_tag VALUES (8, '{{"en_US": "Torture complaint"}}');
        INSERT INTO contact_tag_assignment (profile_id, tag_id, kind)
        VALUES (11, 8, 'explicit');
        INSERT INTO contact_touch (profile_id, date, state)
        SELECT 11, '{day}', 'sent' FROM generate_series(1, {n})
    """,
    "on the ladder": """
        INSERT INTO contact_touch (profile_id, date, state)
        SELECT 11, timestamp '{day}' + n * interval '44 hours', 'sent'
          FROM generate_series(1, {n}) n
    """,
}
WRONG = {
    # what: (just right, one too many)
    "too many at a company": (5, 6),
    "too many people at home": (1, 2),
    "too dear": (6, 7),
    "more than at most": (6, 7),
    "more than wished": (2, 3),
    "near a service message": (25, 24),
    "blocked": (0, 1),
    "on the ladder": (6, 7),
}


def _found(ledger, what, number):  # noqa: F811
    ledger.run(SEEDS[what].format(day=DAYS, n=number))
    found = torture_kinds.wrong(_ask(ledger), ledger.cursor.execute)
    return [facts for facts in found if facts["what"] == what]


def _ask(ledger):  # noqa: F811
    def ask(statement):
        ledger.cursor.execute(statement)
        return ledger.cursor.fetchall()

    return ask


@pytest.mark.parametrize("what", WRONG)
def test_just_right(ledger, what):  # noqa: F811
    assert not _found(ledger, what, WRONG[what][0])


@pytest.mark.parametrize("what", WRONG)
def test_one_too_many(ledger, what):  # noqa: F811
    assert _found(ledger, what, WRONG[what][1])


def test_overridden_is_right(ledger):  # noqa: F811
    ledger.run(SEEDS["too dear"].format(day=DAYS, n=9))
    ledger.run("UPDATE contact_touch SET override_id = 1")
    assert not torture_kinds.wrong(_ask(ledger), ledger.cursor.execute)


def test_the_share(ledger):  # noqa: F811
    """About one in twenty-five; and always the same ones."""
    ledger.run("INSERT INTO contact_profile (id) SELECT generate_series(100, 1099)")
    ledger.run(
        "INSERT INTO contact_touch (profile_id, date, state)"
        " SELECT generate_series(100, 1099), '2026-03-02', 'sent'"
    )
    found = torture_kinds.wrong(_ask(ledger), ledger.cursor.execute)
    assert 20 < len(found) < 60
    assert {facts["what"] for facts in found} == {"of the share that gets nothing"}


def test_the_quiet_hours(ledger):  # noqa: F811
    for hour, expected in ((6, 1), (18, 0)):
        ledger.run("TRUNCATE contact_touch, torture_decision")
        zone = torture_kinds._abroad(hour)
        ledger.run("UPDATE contact_profile SET tz = %s", zone)
        ledger.run(
            "INSERT INTO contact_touch (profile_id, date, state)"
            " VALUES (11, '2026-03-02', 'sent')"
        )
        found = torture_kinds.wrong(_ask(ledger), ledger.cursor.execute)
        assert len(found) == expected
