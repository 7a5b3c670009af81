"""The check of torture must find what is wrong: each kind is seeded once.

On a real database of a few tables, made as the check expects them.
"""

import contextlib
import json

import pytest
from lib import postgres
from torture_ledger import Ledger

DAY = "2026-03-0{} 10:00"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server of its own, as for torture: it says when each transaction ended."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("cache")
        folder.chmod(0o755)
        patch.setattr(postgres.paths, "CACHE", folder)
        patch.setattr(postgres.paths, "RUN", folder / "run")
        yield postgres.start("torture")
        postgres.release("torture")


@pytest.fixture
def ledger(server):
    """An empty database."""
    with contextlib.closing(server.connect()) as admin, admin.cursor() as cursor:
        cursor.execute("DROP DATABASE IF EXISTS torture_check")
        cursor.execute("CREATE DATABASE torture_check")
    with (
        contextlib.closing(server.connect("torture_check")) as link,
        link.cursor() as cursor,
    ):
        yield Ledger(cursor)


def _well(ledger, *mailings):
    """Mailings a week apart that reached both contacts."""
    for number in mailings:
        ledger.mailing(number)
        for person in (1, 2):
            ledger.sent(number, person, f"2026-0{number}-01 10:00")


def test_nothing_wrong(ledger):
    _well(ledger, 1, 2, 3)
    figures, kinds = ledger.check()
    assert kinds == {}
    assert (figures["mailings"], figures["recipients"]) == (3, 6)
    assert figures["smtp_messages"] == 6
    assert figures["uncertain"] is None


def test_one_more_than_the_rule_allows(ledger):
    _well(ledger, 1, 2)
    ledger.run(
        "UPDATE contact_touch SET date = %s WHERE mailing_id = 2 AND res_id = 1",
        "2026-01-03 09:59:59",
    )
    _figures, kinds = ledger.check()
    (found,) = kinds.pop("violations")
    assert (found["rule"], found["count"], found["maximum"]) == ("3", "2", "1")
    assert kinds == {}


def test_exactly_a_window_apart_is_allowed(ledger):
    _well(ledger, 1, 2)
    ledger.run(
        "UPDATE contact_touch SET date = %s WHERE mailing_id = 2 AND res_id = 1",
        "2026-01-03 10:00:00",
    )
    assert ledger.check()[1] == {}


def test_released_touches_do_not_count(ledger):
    _well(ledger, 1)
    ledger.touch(1, 1, "2026-01-01 11:00", state="released")
    assert ledger.check()[1] == {}


def test_exempt_messages_count_but_obey_nothing(ledger):
    """An exempt one after the last that was allowed is no violation; before it is."""
    _well(ledger, 1)
    ledger.mailing(2, category=2)
    for person in (1, 2):
        ledger.sent(2, person, "2026-01-01 11:00", category=2)
    assert ledger.check()[1] == {}
    ledger.mailing(3)
    ledger.sent(3, 1, "2026-01-02 11:00")
    ledger.trace(3, 2, "cancel")
    ledger.cursor.execute("DROP TABLE torture_accepted, torture_recipient")
    _figures, kinds = ledger.check()
    assert [found["count"] for found in kinds["violations"]] == ["3"]


def test_inbox_that_two_people_share(ledger):
    for number in (1, 2):
        ledger.mailing(number)
        for person in (1, 2):
            ledger.sent(number, person, DAY.format(2 + 2 * number), address="a@x.test")
    ledger.run("UPDATE contact_touch SET date = '2026-03-05'")
    ledger.run("UPDATE contact_touch SET profile_id = profile_id + mailing_id * 10")
    _figures, kinds = ledger.check()
    by_rule = {found["rule"] for found in kinds["violations"]}
    assert by_rule == {"1"}


def test_calendar_day_of_loyal_people(ledger):
    for number in (1, 2, 3):
        ledger.mailing(number)
        ledger.trace(number, 2, "cancel")
        ledger.sent(number, 1, f"2026-03-01 2{number}:30", address="loyal.1@x.test")
    ledger.run("UPDATE contact_policy_rule SET max_touches = 9 WHERE id = 1")
    _figures, kinds = ledger.check()
    (found,) = kinds["violations"]
    assert (found["rule"], found["count"], found["maximum"]) == ("2", "3", "2")


def test_merging_is_no_violation_but_what_follows_is(ledger):
    """Two people, each with what they may get, become one; then one more is sent."""
    _well(ledger, 1)
    ledger.run("SELECT pg_sleep(0.05)")
    ledger.run("UPDATE contact_touch SET profile_id = 11")
    assert "violations" not in ledger.check()[1]
    ledger.cursor.execute("DROP TABLE torture_accepted, torture_recipient")
    ledger.run("SELECT pg_sleep(0.05)")
    ledger.mailing(2)
    ledger.sent(2, 1, "2026-01-02 10:00")
    ledger.trace(2, 2, "cancel")
    (found,) = ledger.check()[1]["violations"]
    assert found["count"] == "3"


def test_a_rule_that_was_looser_at_the_time(ledger):
    ledger.run("UPDATE contact_policy_rule SET max_touches = 2 WHERE id = 3")
    _well(ledger, 1)
    ledger.mailing(2)
    for person in (1, 2):
        ledger.sent(2, person, "2026-01-01 12:00")
    ledger.run("UPDATE contact_policy_rule SET max_touches = 1 WHERE id = 3")
    assert ledger.check()[1] == {}


def test_a_rule_that_was_looser_long_ago(ledger):
    _well(ledger, 1)
    ledger.mailing(2)
    for person in (1, 2):
        ledger.sent(2, person, "2026-01-01 12:00")
    ledger.run("UPDATE torture_rule_value SET maximum = 2 WHERE rule_id = 3")
    ledger.run(
        "INSERT INTO torture_rule_value (rule_id, maximum, said_at)"
        " VALUES (3, 1, now() - interval '1 hour')"
    )
    assert len(ledger.check()[1]["violations"]) == 2


def test_accepted_twice(ledger):
    _well(ledger, 1)
    ledger.take(1, 1, times=2)
    figures, kinds = ledger.check()
    assert figures["double_sends"] == 2
    assert set(kinds) == {"double_sends"}


def test_taken_but_not_counted(ledger):
    _well(ledger, 1)
    ledger.run("UPDATE contact_touch SET state = 'failed' WHERE res_id = 1")
    _figures, kinds = ledger.check()
    (found,) = kinds["violations"]
    assert found["what"] == "taken by the mail server, not counted"


def test_more_at_the_server_than_in_the_ledger(ledger):
    """The mail server's own record is asked, whatever the ledger's dates say."""
    ledger.mailing(1)
    ledger.trace(1, 2, "cancel")
    ledger.sent(1, 1, DAY.format(1))
    for number in (2, 3, 4):
        ledger.mailing(number)
        ledger.trace(number, 2, "cancel")
        ledger.sent(number, 1, f"2026-0{number}-01 10:00")
    ledger.accepted = [
        json.dumps({**json.loads(line), "at": 1772445600}) for line in ledger.accepted
    ]
    _figures, kinds = ledger.check()
    assert "person.1@x.test" in {found.get("inbox") for found in kinds["violations"]}


@pytest.mark.parametrize(
    "break_it, what",
    [
        ("DELETE FROM mailing_trace WHERE res_id = 1", "no outcome"),
        (
            "UPDATE mailing_trace SET trace_status = 'outgoing' WHERE res_id = 1",
            "a message that waits for ever",
        ),
        (
            "INSERT INTO contact_hold VALUES (1, 'res.partner', 1, 'held')",
            "a message and a hold",
        ),
        (
            "INSERT INTO mailing_trace (mass_mailing_id, model, res_id, trace_status)"
            " VALUES (1, 'res.partner', 1, 'sent')",
            "two messages",
        ),
        (
            "DELETE FROM mailing_trace WHERE res_id = 1; INSERT INTO contact_hold"
            " VALUES (1, 'res.partner', 1, 'deferred')",
            "waits, and nobody will ask",
        ),
    ],
)
def test_lost(ledger, break_it, what):
    _well(ledger, 1)
    ledger.run(break_it)
    figures, kinds = ledger.check()
    assert [found["what"] for found in kinds["lost"]] == [what]
    assert figures["lost"] == 1


def test_held_back_as_another_one(ledger):
    """Somebody was held back, and is merged with somebody who got the message."""
    _well(ledger, 1)
    ledger.run("INSERT INTO contact_hold VALUES (1, 'res.partner', 1, 'held', 13)")
    ledger.run("UPDATE contact_hold SET profile_id = 11")
    assert ledger.check()[1] == {}


def test_said_to_be_sent_and_nobody_took_it(ledger):
    _well(ledger, 1)
    del ledger.accepted[0]
    (found,) = ledger.check()[1]["lost"]
    assert found["what"] == "said to be sent, and nobody took it"


def test_reservation_without_a_message(ledger):
    _well(ledger, 1)
    ledger.touch(1, 3, "2026-08-01 10:00", state="reserved")
    figures, _kinds = ledger.check()
    assert figures["stale_reservations"] == 1


def test_counters_of_a_form(ledger):
    _well(ledger, 1)
    right = {1: {"expected": 2, "delivered": 2, "held_count": 0}}
    assert ledger.check(right)[0]["wrong_counters"] == 0
    ledger.cursor.execute("DROP TABLE torture_accepted, torture_recipient")
    wrong = {1: {**right[1], "delivered": 1}}
    assert ledger.check(wrong)[0]["wrong_counters"] == 1
