"""The demo's checks of its two units find what is wrong."""

import pytest
from lib import demo_guests, demo_units_check


def right():
    """What is found where everything is as meant."""
    offer, stay = demo_guests.OFFER, demo_guests.STAY
    return {
        "holds": [
            (offer, g.name, g.state, g.why, g.policy, g.name == demo_guests.NORA)
            for g in demo_guests.GUESTS
            if g.state
        ]
        + [(stay, "Carla Complaint", "held", "block", demo_guests.SHARED, False)],
        "sent": [
            (offer, g.name, demo_guests.SHOPS, g.name == demo_guests.OSCAR)
            for g in demo_guests.GUESTS
            if g.state in (None, demo_guests.OVERRIDDEN)
        ]
        + [(stay, "Quinn Quota", demo_guests.LODGE, False)],
        "costs": list(demo_guests.COSTS.items()),
        "booked": [(code,) for code in demo_guests.COSTS],
        "units": [
            (demo_guests.SHOPS, demo_guests.OF_SHOPS),
            (demo_guests.LODGE, demo_guests.OF_LODGE),
        ],
        "kept": [(demo_guests.LODGE, 1)],
        "overrides": [("director", demo_guests.REASON, True)],
        "planned": [(demo_guests.PLANNED, 20)],
    }


def wrong(found):
    """What the checks say about it."""
    judge = demo_units_check.Checks(found)
    judge.run()
    return judge.wrong


def test_what_is_right_is_not_complained_about():
    assert not wrong(right())


@pytest.mark.parametrize("name", sorted(demo_units_check.QUERIES))
def test_whatever_is_missing_is_found(name):
    assert wrong({**right(), name: []})


@pytest.mark.parametrize("guest", [g for g in demo_guests.GUESTS if g.state])
def test_each_hold_is_needed(guest):
    found = right()
    found["holds"] = [
        row
        for row in found["holds"]
        if (row[0], row[1]) != (demo_guests.OFFER, guest.name)
    ]
    assert any(line.startswith(guest.name) for line in wrong(found))


def test_an_override_that_was_not_needed_is_found():
    found = right()
    found["sent"] = [(*row[:3], False) for row in found["sent"]]
    assert len(wrong(found)) == 1


def test_a_guest_of_each_kind():
    rules = [guest.why for guest in demo_guests.GUESTS]
    assert {"block", "sunset", "cap", "cost", None} == set(rules)
    assert rules.count("sunset") == 2, "somebody slowed, and somebody paused"
    homes = [guest.street for guest in demo_guests.GUESTS if guest.street]
    assert len(homes) == 2 == len(set(homes)) + 1, "two of one household"
