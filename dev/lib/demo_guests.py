"""Guests of two business units: plain values, for whom each rule is shown once.

Both sides read it, as ``demo_plan``. The thousand customers have nothing to do with it:
their sums stay as they are.
"""

from dataclasses import dataclass

SHOPS, LODGE = "Hillside Outfitters", "Hillside Lodge"
"""The company that there is, which has the shops, and a branch of it. What is shown is
the shops': who logs in sees it at once."""
TAG = "Guest"
COSTS = {"email": 0.01, "sms": 0.08, "letter": 1.2, "call": 4.0, "event": 20.0}
"""What a touch costs; "event" is a channel that the demo adds."""


@dataclass(frozen=True)
class Guest:
    """Somebody, what went before, and how the offer of the shops ends.

    ``before`` are days before the offer and a channel; ``why`` is the type of the rule
    that holds it back, and ``policy`` the policy of that rule.
    """

    name: str
    before: tuple = ()
    state: str | None = None  # of the hold; None: sent at once
    why: str | None = None
    policy: str | None = None
    complained: bool = False
    street: str | None = None
    has_card: bool = False  # a reservation card: for its holders something is planned

    @property
    def email(self):
        """An address of nobody."""
        return f"{self.name.lower().replace(' ', '.')}@guest.example.com"


SHARED, OF_SHOPS, OF_LODGE = "Guests of both units", "Shops' guests", "Lodge's guests"
SILENCE = tuple((days, "email") for days in (94, 80, 66, 52))
LONG_SILENCE = tuple((days, "email") for days in range(150, 38, -14))
OVERRIDDEN = "overridden"
"""State of a hold that somebody has overridden."""
NORA = "Nora Next"
OSCAR = "Oscar Override"
GUESTS = (
    Guest("Carla Complaint", (), "held", "block", SHARED, complained=True),
    Guest("Silas Slow", (*SILENCE, (12, "email")), "held", "sunset", SHARED),
    Guest("Paula Pause", LONG_SILENCE, "held", "sunset", SHARED),
    Guest("Hanna Lake", street="4 Lake Road"),
    Guest("Henry Lake", (), "deferred", "cap", SHARED, street="4 Lake Road"),
    Guest(NORA, ((1, "email"),), "deferred", "cap", OF_SHOPS, has_card=True),
    Guest("Quinn Quota", ((6, "email"), (5, "email")), "deferred", "cap", SHARED),
    Guest(OSCAR, ((2, "email"), (1, "email")), OVERRIDDEN, "cap", OF_SHOPS),
    Guest(
        "Konrad Cost",
        ((40, "event"), (30, "call"), (15, "letter"), (9, "sms")),
        "held",
        "cost",
        SHARED,
    ),
    Guest("Greta Green", has_card=True),
)
REASON = "His order is in this offer: he asked on the phone to get it."
OFFER = "Shops: lanterns for the terrace"
PLANNED = "Shops: your reservation card ends"
STAY = "Lodge: rooms for the first snow"


def unit_of(subject):
    """Which unit sends it."""
    return LODGE if subject.startswith("Lodge") else SHOPS
