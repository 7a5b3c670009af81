"""Torture must find what may never be true of members: each is seeded once."""

import pytest
from test_torture_check import ledger, server  # noqa: F401

TOLD = "INSERT INTO torture_told (segment_id, profile_id, what, transaction)"
CHANGED = "INSERT INTO torture_member_change"
NOW_XID = "pg_current_xact_id()::xid"


@pytest.fixture
def members(ledger):  # noqa: F811
    """Six segments with the members they should have, at noon of 5 March.

    One asks for a tag, one for two touches in three days, the third for neither of
    both; the fourth and fifth are a waterfall of which the first takes one.
    """
    ledger.run(
        """
        UPDATE contact_profile SET persona_id = NULL, journey_stage_id = 2,
               engagement_score = id, email_normalized = 'loyal.' || id;
        TRUNCATE torture_stage;
        UPDATE contact_signal SET active = FALSE;
        INSERT INTO contact_segment (id, name, max_members, waterfall_id,
                                     waterfall_sequence) VALUES
            (1, '{"en_US": "Torture tagged"}', 0, NULL, 10),
            (2, '{"en_US": "Torture busy"}', 0, NULL, 10),
            (3, '{"en_US": "Torture others"}', 0, NULL, 10),
            (4, '{"en_US": "Torture step 1"}', 1, 1, 1),
            (5, '{"en_US": "Torture step 2"}', 0, 1, 2),
            (6, '{"en_US": "Torture kept"}', 0, NULL, 10);
        UPDATE contact_segment SET refreshed_date = '2026-03-05 12:00';
        INSERT INTO contact_segment_condition
            (id, segment_id, sequence, kind, level, is_negated, domain, threshold,
             window_value, tag_kind) VALUES
            (1, 1, 0, 'tag', 0, FALSE, NULL, NULL, NULL, 'either'),
            (2, 2, 0, 'behaviour', 0, FALSE, '[("state", "=", "sent")]', 2, 3, NULL),
            (3, 3, 0, 'none', 0, FALSE, NULL, NULL, NULL, NULL),
            (4, 3, 1, 'segment', 1, FALSE, NULL, NULL, NULL, NULL),
            (5, 3, 2, 'behaviour', 1, FALSE, '[("opened", "=", True)]', 1, 9, NULL),
            (6, 4, 0, 'stage', 0, FALSE, NULL, NULL, NULL, NULL),
            (7, 5, 0, 'persona', 0, TRUE, NULL, NULL, NULL, NULL),
            (8, 6, 0, 'domain', 0, NULL, NULL, NULL, NULL, NULL);
        INSERT INTO contact_segment_condition_contact_tag_rel VALUES (1, 7);
        INSERT INTO contact_segment_condition_other VALUES (4, 1);
        INSERT INTO contact_journey_stage_contact_segment_condition_rel VALUES (6, 2);
        INSERT INTO contact_persona_contact_segment_condition_rel VALUES (7, 1);
        INSERT INTO contact_tag_assignment
            (profile_id, tag_id, kind, confidence, last_seen, expires) VALUES
            (11, 7, 'explicit', NULL, '2026-03-01', NULL),
            (11, 8, 'implicit', 0.9, '2026-03-02', NULL),
            (12, 7, 'implicit', 0.5, '2026-03-01', NULL),
            (12, 8, 'implicit', 0.8, '2026-03-01', NULL),
            (13, 7, 'explicit', NULL, '2026-03-01', '2026-03-05 12:00');
        INSERT INTO contact_touch (profile_id, date, state, counts, opened) VALUES
            (12, '2026-03-02 12:00:01', 'sent', FALSE, FALSE),
            (12, '2026-03-05 12:00:00', 'sent', FALSE, FALSE),
            (13, '2026-03-02 12:00:00', 'sent', FALSE, TRUE),
            (13, '2026-03-05 12:00:00', 'sent', FALSE, FALSE);
        INSERT INTO contact_segment_enter_action VALUES (1, 1);
        INSERT INTO contact_segment_member
            (segment_id, profile_id, since, until, is_cut)
        VALUES (2, 12, '2026-03-01', NULL, NULL),
               (3, 12, '2026-03-01', '2026-03-01', FALSE),
               (3, 12, '2026-03-02', NULL, FALSE),
               (4, 11, '2026-03-01', NULL, TRUE), (4, 12, '2026-03-01', NULL, TRUE),
               (4, 13, '2026-03-01', NULL, FALSE),
               (5, 11, '2026-03-01', NULL, NULL), (5, 12, '2026-03-01', NULL, NULL),
               (6, 11, '2026-03-01', NULL, NULL), (6, 12, '2026-03-01', NULL, NULL),
               (6, 13, '2026-03-01', NULL, NULL);
        """
    )
    ledger.run(
        "BEGIN; INSERT INTO contact_segment_member (segment_id, profile_id, since)"
        f" VALUES (1, 11, '2026-03-01'); {TOLD} VALUES (1, 11, 'entered', {NOW_XID});"
        " COMMIT"
    )
    return ledger


def _found(members):
    figures, kinds = members.check()
    found = kinds.pop("wrong_members", [])
    assert not kinds
    assert figures["wrong_members"] == len(found)
    return [facts["what"] for facts in found]


def test_nothing_wrong(members):
    assert _found(members) == []


def test_a_merge_ends_a_membership_without_an_action(members):
    members.run("INSERT INTO contact_profile (id) VALUES (14)")
    members.run(
        "INSERT INTO contact_segment_member (segment_id, profile_id, since)"
        " VALUES (1, 14, '2026-03-01')"
    )
    members.run("TRUNCATE torture_member_change, torture_told")
    members.run(
        "BEGIN; UPDATE contact_segment_member SET until = '2026-03-02', profile_id = 11"
        " WHERE profile_id = 14; DELETE FROM contact_profile WHERE id = 14; COMMIT"
    )
    assert _found(members) == []


@pytest.mark.parametrize(
    "break_it, what",
    [
        (
            "INSERT INTO contact_segment_member (segment_id, profile_id, since)"
            " VALUES (2, 12, '2026-03-03')",
            ["two open memberships in one segment"],
        ),
        (
            "INSERT INTO contact_segment_member (segment_id, profile_id, until)"
            " VALUES (2, 99, '2026-03-03')",
            ["a membership of nobody"],
        ),
        (
            "UPDATE contact_segment_member SET since = '2026-03-03'"
            " WHERE until IS NOT NULL",
            ["left before entering"],
        ),
        (
            "INSERT INTO contact_segment_member (segment_id, profile_id)"
            " VALUES (5, 13)",
            [
                "in two segments of one waterfall",
                "a member, and should not be",
            ],
        ),
        ("TRUNCATE torture_told", ["entered or left, and no action ran"]),
        (
            "BEGIN; DELETE FROM contact_segment_member WHERE segment_id = 1;"
            " INSERT INTO contact_segment_member (segment_id, profile_id, is_cut)"
            " VALUES (1, 11, TRUE); COMMIT;"
            " UPDATE contact_segment_member SET is_cut = FALSE WHERE segment_id = 1",
            ["entered or left, and no action ran"],
        ),
        (
            "INSERT INTO contact_segment_member (segment_id, profile_id, until)"
            " VALUES (1, 12, NULL);"
            " TRUNCATE torture_member_change, torture_told;"
            " UPDATE contact_segment_member SET until = now()"
            " WHERE segment_id = 1 AND profile_id = 12",
            ["entered or left, and no action ran"],
        ),
        (
            f"{TOLD} VALUES (1, 12, 'left', {NOW_XID})",
            ["an action ran, and nobody entered or left"],
        ),
        (
            "UPDATE contact_segment SET error = 'no' WHERE id = 2",
            ["a segment that could not be refreshed"],
        ),
        (
            "DELETE FROM contact_segment_member WHERE segment_id = 2",
            ["not a member, and should be"],
        ),
        (
            "UPDATE contact_segment_member SET is_cut = TRUE WHERE segment_id = 2",
            ["not a member, and should be"],
        ),
        (
            "UPDATE contact_segment SET refreshed_date = '2026-03-05 12:00:01'"
            " WHERE id = 2",
            ["a member, and should not be"],
        ),
        (
            "UPDATE contact_segment_condition SET threshold = 1 WHERE id = 2",
            ["not a member, and should be"],
        ),
        (
            "UPDATE contact_tag_assignment SET tag_id = 8 WHERE kind = 'explicit'",
            ["a member, and should not be"],
        ),
        (
            "UPDATE contact_segment_condition SET tag_kind = 'implicit' WHERE id = 1",
            ["not a member, and should be", "a member, and should not be"],
        ),
        (
            "UPDATE contact_profile SET engagement_score = 99 WHERE id = 11",
            [
                *("not a member, and should be", "a member, and should not be"),
                *("not a member, and should be", "a member, and should not be"),
            ],
        ),
        (
            "UPDATE contact_segment_condition SET is_negated = FALSE WHERE id = 7",
            ["a member, and should not be"] * 2,
        ),
        (
            "UPDATE contact_profile SET email_normalized = 'x' WHERE id = 12",
            ["a member, and should not be"],
        ),
    ],
)
def test_what_is_wrong(members, break_it, what):
    members.run(break_it)
    assert sorted(_found(members)) == sorted(what)


def _mailing(ledger, table="mailing_mailing_segment_rel", segment=6):  # noqa: F811
    """A mailing of which only the loyal contact, number 2, is a recipient."""
    ledger.mailing(1)
    ledger.run(f"INSERT INTO {table} VALUES (1, %s)", segment)
    ledger.run(
        "INSERT INTO contact_segment (id, name, kind) VALUES"
        """ (6, '{"en_US": "Torture kept"}', 'live'),"""
        """ (7, '{"en_US": "Torture busy"}', 'live')"""
    )


def test_only_the_segment_is_written_to(ledger):  # noqa: F811
    _mailing(ledger)
    ledger.sent(1, 2, "2026-03-01 10:00", address="loyal.2@x.test")
    figures, kinds = ledger.check()
    assert (kinds, figures["recipients"]) == ({}, 1)


def test_somebody_of_the_segment_is_forgotten(ledger):  # noqa: F811
    _mailing(ledger)
    (found,) = ledger.check()[1]["lost"]
    assert found["record"] == "res.partner,2"


def test_somebody_outside_is_written_to(ledger):  # noqa: F811
    _mailing(ledger)
    ledger.sent(1, 2, "2026-03-01 10:00", address="loyal.2@x.test")
    ledger.sent(1, 1, "2026-03-01 10:00")
    (found,) = ledger.check()[1]["wrong_members"]
    assert found["found"] == "person.1@x.test, mailing 1"


def test_somebody_excluded_is_written_to(ledger):  # noqa: F811
    _mailing(ledger, "mailing_mailing_exclude_segment_rel")
    ledger.sent(1, 2, "2026-03-01 10:00", address="loyal.2@x.test")
    ledger.sent(1, 1, "2026-03-01 10:00")
    (found,) = ledger.check()[1]["wrong_members"]
    assert found["found"] == "loyal.2@x.test, mailing 1"


def test_who_was_in_any_other_segment_nobody_knows(ledger):  # noqa: F811
    """Whoever has an outcome was a recipient, and has only one."""
    _mailing(ledger, segment=7)
    ledger.sent(1, 1, "2026-03-01 10:00")
    figures, kinds = ledger.check()
    assert (kinds, figures["recipients"]) == ({}, 1)


@pytest.mark.parametrize("segment, count", [(6, 1), (7, 0)])
def test_a_guard_for_a_segment(ledger, segment, count):  # noqa: F811
    """Of loyal people it is known that they must obey it."""
    ledger.run(
        "INSERT INTO contact_segment (id, name, kind) VALUES"
        """ (6, '{"en_US": "Torture loyal"}', 'live'),"""
        """ (7, '{"en_US": "Torture busy"}', 'live');"""
        " INSERT INTO contact_policy VALUES (4, 1, TRUE, TRUE, '[]');"
        " INSERT INTO contact_policy_rule VALUES"
        " (4, 4, TRUE, 'cap', 1, 90, 'day', 'rolling', 'person');"
        f" INSERT INTO contact_policy_segment_rel VALUES (4, {segment})"
    )
    for number in (1, 2):
        ledger.mailing(number)
        date = f"2026-0{number}-01 10:00"
        ledger.sent(number, 1, date)
        ledger.sent(number, 2, date, address="loyal.2@x.test")
    assert len(ledger.check()[1].get("violations", ())) == count
