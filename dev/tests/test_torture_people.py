"""The check of torture must find what may never be true of people: each seeded once."""

import pytest
from test_torture_check import ledger, server  # noqa: F401

UNSAID = (
    "UPDATE contact_profile SET persona_kind = NULL, persona_id = NULL WHERE id = 11"
)
MOVED = """
    BEGIN;
    INSERT INTO contact_journey_move (profile_id, from_stage_id, stage_id)
    VALUES (11, 2, 3);
    UPDATE contact_profile SET journey_stage_id = 3 WHERE id = 11;
    COMMIT
"""


@pytest.fixture
def people(ledger):  # noqa: F811
    """Of whom everything is known, and right."""
    ledger.run(
        """
        UPDATE contact_profile SET journey_stage_id = 2;
        UPDATE contact_profile SET persona_id = 2, persona_kind = 'explicit'
         WHERE id = 11;
        UPDATE contact_profile SET persona_id = 1, persona_kind = 'implicit'
         WHERE id = 12;
        INSERT INTO contact_persona_candidate VALUES
            (11, 1, 9), (12, 1, 3), (12, 2, 3), (13, 1, 1.9);
        INSERT INTO contact_touch (profile_id, date, state, counts, clicked) VALUES
            (11, '2026-03-01', 'sent', FALSE, TRUE),
            (11, '2026-03-02', 'sent', FALSE, TRUE),
            (12, '2026-03-02', 'sent', FALSE, FALSE),
            (12, '2096-03-02', 'sent', FALSE, TRUE);
        INSERT INTO contact_signal_hit (signal_id, profile_id, fact_count)
        VALUES (1, 11, 2);
        INSERT INTO contact_tag_assignment
            (profile_id, tag_id, kind, active, times_seen, times_told) VALUES
            (11, 7, 'implicit', TRUE, 3, 1), (11, 7, 'implicit', FALSE, 9, 1),
            (11, 7, 'explicit', TRUE, 1, 1);
        INSERT INTO contact_profile_quality_rel VALUES (11, 1), (12, 1), (12, 2);
        UPDATE contact_profile SET quality_score = 70 WHERE id = 11;
        UPDATE contact_profile SET quality_score = 0 WHERE id = 12;
        TRUNCATE torture_stage
        """
    )
    ledger.run(MOVED)
    return ledger


def _found(people):
    figures, kinds = people.check()
    found = kinds.pop("wrong_profiles", [])
    assert not kinds
    assert figures["wrong_profiles"] == len(found)
    return [facts["what"] for facts in found]


def test_nothing_wrong(people):
    assert _found(people) == []


def test_taken_back_and_merged_are_right(people):
    """Users take back what was said; a merge sets the stage of the other journey."""
    people.run(
        "BEGIN; INSERT INTO contact_persona_change (profile_id, source)"
        f" VALUES (11, 'user'); {UNSAID};"
        " UPDATE contact_profile SET persona_id = 1, persona_kind = 'implicit'"
        " WHERE id = 11; COMMIT"
    )
    people.run(
        "BEGIN; UPDATE contact_profile SET journey_stage_id = 4 WHERE id = 12;"
        " DELETE FROM contact_profile WHERE id = 13; COMMIT"
    )
    assert _found(people) == []


@pytest.mark.parametrize(
    "break_it, what",
    [
        (
            "INSERT INTO contact_tag_assignment (profile_id, tag_id, kind)"
            " VALUES (11, 7, 'explicit')",
            ["two live rows of one tag"],
        ),
        (
            "UPDATE contact_profile SET is_seed = TRUE WHERE id = 11",
            ["a hit of nobody"],
        ),
        (
            "INSERT INTO contact_signal_hit (signal_id, profile_id, fact_count)"
            " VALUES (2, 99, 1)",
            ["a hit of nobody"],
        ),
        (
            "INSERT INTO contact_signal_hit (signal_id, profile_id, fact_count)"
            " VALUES (2, 12, 1), (2, 12, 1)",
            ["two hits of one signal"],
        ),
        (
            f"{UNSAID}; UPDATE contact_profile SET persona_id = 1,"
            " persona_kind = 'implicit' WHERE id = 11",
            ["a persona that was said, overwritten"],
        ),
        (
            "UPDATE contact_profile SET persona_id = 2 WHERE id = 12",
            ["not the best persona"],
        ),
        (
            "UPDATE contact_profile SET journey_stage_id = 5 WHERE id = 12",
            ["a stage without its move"],
        ),
        (
            "INSERT INTO contact_journey_move (profile_id, from_stage_id, stage_id)"
            " VALUES (12, 1, 2)",
            ["a move without a change of stage"],
        ),
        (
            "INSERT INTO contact_journey_move (profile_id, from_stage_id, stage_id)"
            " VALUES (11, 2, 3)",
            ["a move without a change of stage"],
        ),
        (
            "DELETE FROM torture_stage; DELETE FROM torture_stage_move;"
            " UPDATE contact_journey_move SET stage_id = 4",
            ["not in the stage of the last move"],
        ),
        (
            "UPDATE contact_tag_assignment SET times_seen = 4"
            " WHERE kind = 'implicit' AND active",
            ["a tag that counts otherwise than its signals"],
        ),
        (
            "UPDATE contact_tag_assignment SET active = FALSE WHERE kind = 'implicit'",
            ["a hit without its tag"],
        ),
        (
            "UPDATE contact_profile SET quality_score = 71 WHERE id = 11",
            ["quality otherwise than its faults"],
        ),
        (
            "UPDATE contact_signal_hit SET fact_count = 1;"
            " UPDATE contact_tag_assignment SET times_seen = 2 WHERE times_seen = 3",
            ["hits otherwise than the facts"],
        ),
        (
            "DELETE FROM contact_signal_hit;"
            " UPDATE contact_tag_assignment SET times_seen = times_told",
            ["hits otherwise than the facts"],
        ),
        (
            "UPDATE contact_touch SET clicked = FALSE",
            ["hits otherwise than the facts"],
        ),
    ],
)
def test_what_is_wrong(people, break_it, what):
    people.run(break_it)
    assert _found(people) == what
