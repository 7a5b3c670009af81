"""What the demo sets up and sends, as plain values.

Both sides read it: the side that runs Odoo to set it up, and the side that checks the
outcome afterwards, which knows nothing of the addon's code.
"""

from dataclasses import dataclass
from datetime import timedelta

DATABASE = "contact_strategy_demo"
LENGTH = timedelta(hours=180)
"""The simulated week: seven days and a half, so that it also shows what happens when
the first e-mail is seven days old."""

USERS = (
    # login, name, groups
    (
        "marketing",
        "Mira Marketing",
        ["mass_mailing.group_mass_mailing_user"],
    ),
    (
        "director",
        "Dora Director",
        ["mass_mailing_contact_strategy.mass_mailing_contact_strategy_group_manager"],
    ),
)


@dataclass(frozen=True)
class Rule:
    """A cap (``maximum`` touches per ``hours``) or, without a maximum, a gap."""

    hours: int
    maximum: int | None = None
    channel: str | None = None


@dataclass(frozen=True)
class Policy:
    """A policy with its rules."""

    key: str
    name: str
    rules: tuple
    domain: str = "[]"
    is_guard: bool = False
    description: str = ""

    def binds(self, customer):
        """Said once more, independently of the addon and its domain."""
        return self.is_guard or customer.is_loyal == (self.key == "loyal")


WEEK, MONTH = 7 * 24, 30 * 24
POLICIES = (
    Policy(
        "loyal",
        "Loyal customers",
        (Rule(WEEK, 3, "email"),),
        domain="[('partner_id.properties.past_spend', '>=', 500)]",
        description="Who spent 500 or more in the past year wants to hear more of us.",
    ),
    Policy(
        "everybody",
        "Everybody",
        (Rule(WEEK, 2, "email"), Rule(24, None, "email")),
        description="Two e-mails a week are welcome, two on one day are not.",
    ),
    Policy(
        "guard",
        "Never more than this",
        (Rule(MONTH, 8),),
        is_guard=True,
        description="Calls and letters count as well: nobody is to feel hunted.",
    ),
)


@dataclass(frozen=True)
class Mailing:
    """One mailing of the week."""

    key: str
    subject: str
    hour: int  # of the simulated week
    category: str
    domain: str  # of contacts, beside being a customer
    text: str
    useful_hours: int | None = None  # after the launch; None: as the category says

    def is_for(self, customer):
        """Said once more, independently of Odoo and the domain."""
        return {
            "newsletter": True,
            "mens": customer.bought_mens,
            "womens": customer.bought_womens,
            "renewal": customer.recency >= 9,
        }[self.key]


CUSTOMERS = "('category_id.name', '=', 'Customer')"
MAILINGS = (
    Mailing(
        "newsletter",
        "Newsletter: what is new this season",
        0,
        "newsletter",
        f"[{CUSTOMERS}]",
        "New arrivals, stories from the workshop, and the dates of our open days.",
    ),
    Mailing(
        "mens",
        "Men's offer: jackets and boots",
        20,
        "promotion",
        f"[{CUSTOMERS}, ('properties.bought_mens', '=', True)]",
        "Rain jackets and boots at a fifth off, until the weekend.",
        useful_hours=98,
    ),
    Mailing(
        "womens",
        "Women's offer: knitwear",
        72,
        "promotion",
        f"[{CUSTOMERS}, ('properties.bought_womens', '=', True)]",
        "Merino in eleven colours, two for the price of one and a half.",
    ),
    Mailing(
        "renewal",
        "Your club membership ends soon",
        126,
        "renewal",
        f"[{CUSTOMERS}, ('properties.recency', '>=', 9)]",
        "We have not seen you for a while. One click keeps your member's price.",
    ),
)
DRAFT = Mailing(
    "sale",
    "Winter sale: last pieces",
    180,
    "promotion",
    f"[{CUSTOMERS}]",
    "Everything that is left, at half the price, while it lasts.",
)
"""Left unsent, to see what the form says before sending."""


def history(customer):
    """Touches before the week: (hours relative to it, channel, note).

    An earlier newsletter for every eighth customer, a price list for every third of
    those; twenty people have been called and written to so often that the guard bites.
    """
    if customer.index % 50 == 7:
        first = -25 if customer.index % 100 == 7 else -12
        channels = ("call", "letter")
        return [
            (24 * (first + day), channels[day % 2], "Service campaign")
            for day in range(8)
        ]
    touches = []
    if customer.index % 8 == 3:
        touches.append((-108, "email", "Season preview (sent by an agency)"))
    if customer.index % 24 == 3:
        touches.append((-60, "email", "Price list (sent by an agency)"))
    return touches


def is_refused(customer):
    """The SMTP server refuses these addresses."""
    return customer.index % 199 == 11


def time_zone(customer):
    """Some have a time zone of their own; the others have the company's."""
    return {"rural": "America/Denver", "urban": "America/New_York"}.get(customer.area)


CLOSING_HOUR = 22
CLOSED, UNSUBSCRIBED = 3, 2
"""Between the men's offer and its re-check: so many of those who wait close their
account, so many unsubscribe from everything."""
