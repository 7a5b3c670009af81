"""The check of torture knows tests of two versions and their winner."""

import pytest
from test_torture_check import ledger, server  # noqa: F401

DATES = ("2026-01-01 10:00", "2026-02-01 10:00")


@pytest.fixture
def tested(ledger):  # noqa: F811
    """A version that went to the first contact; its winner, which has its subject."""
    ledger.run("INSERT INTO utm_campaign VALUES (7, 2)")
    for number in (1, 2):
        ledger.mailing(number)
    ledger.run(
        "UPDATE mailing_mailing SET ab_testing_enabled = TRUE, campaign_id = 7,"
        " subject = 'Torture 1'"
    )
    ledger.sent(1, 1, DATES[0])
    return ledger


def _wins(tested, person):
    """The winner goes to somebody, under the subject of the version."""
    tested.trace(2, person)
    tested.touch(2, person, DATES[1])
    tested.take(1, person)


def test_a_version_and_its_winner(tested):
    _wins(tested, 2)
    figures, kinds = tested.check()
    assert kinds == {}
    assert figures["recipients"] == 2


def test_whom_neither_reached(tested):
    _figures, kinds = tested.check()
    (found,) = kinds.pop("lost")
    assert (found["what"], found["record"]) == ("no outcome", "res.partner,2")
    assert kinds == {}


def test_no_winner_yet(tested):
    """Then nobody was left out."""
    tested.run("UPDATE utm_campaign SET ab_testing_winner_mailing_id = NULL")
    assert tested.check()[1] == {}


def test_whom_both_reached(tested):
    _wins(tested, 2)
    _wins(tested, 1)
    _figures, kinds = tested.check()
    assert len(kinds["double_sends"]) == 1
