"""The demo's signals, as plain values: what follows from what people did.

Both sides read it, as ``demo_people``: how much, how often and how long ago.
"""

from dataclasses import dataclass, field, replace

OFTEN, STEADY, LONG, NEW, MANY, LAPSED = 45, 14, 180, 150, 5, 270
"""Days, days, days, days, purchases, days."""
BOUGHT = "[('converted', '=', True)]"
OFFERS = "('mass_mailing_id.category_id.code', '=', 'promotion')"
UNOPENED = "[('trace_status', '=', 'sent'), ('is_test_trace', '=', False)]"


@dataclass(frozen=True)
class Signal:
    """A signal; what follows from it is in ``tag``, ``stage``, ``persona`` or
    ``points`` alone."""

    name: str
    model: str
    person: str
    date: str
    domain: str
    tag: tuple = ()  # code of the dimension, name
    stage: str = ""
    persona: str = ""
    points: float = 0
    source: str = "rule"
    confidence: float = 0.5
    compares: dict = field(default_factory=dict)


CUSTOMER = {
    "model": "res.partner",
    "person": "id",
    "date": "create_date",
    "source": "purchase",
}
PURCHASE = {
    "model": "contact.touch",
    "person": "profile_id",
    "date": "converted_date",
    "domain": BOUGHT,
    "source": "purchase",
}
ORDER = {
    "model": "sale.order",
    "person": "partner_id",
    "date": "date_order",
    "domain": "[('state', '=', 'sale')]",
}
"""What a purchase is where the app Sales is installed."""
TRACE = {"model": "mailing.trace", "person": "email"}
CLICK = {**TRACE, "date": "links_click_datetime", "source": "click"}
OPEN = {**TRACE, "date": "open_datetime"}


def _knows(name, dimension, tag, domain, confidence):
    return Signal(
        name,
        tag=(dimension, tag),
        domain=f"[{domain}]",
        confidence=confidence,
        **CUSTOMER,
    )


def _buys(name, tag, confidence, **compares):
    return Signal(
        name,
        tag=("observed", tag),
        confidence=confidence,
        compares=compares,
        **PURCHASE,
    )


SIGNALS = (
    _knows(
        "Bought men's clothing within a year",
        *("wardrobe", "Men's clothing"),
        "('properties.bought_mens', '=', True)",
        0.7,
    ),
    _knows(
        "Bought women's clothing within a year",
        *("wardrobe", "Women's clothing"),
        "('properties.bought_womens', '=', True)",
        0.75,
    ),
    _knows(
        "Ordered on the web",
        *("buying_behaviour", "Buys online"),
        "('properties.bought_by', 'in', ('web', 'multichannel'))",
        0.9,
    ),
    _knows(
        "Spent 500 or more within a year",
        *("observed", "Buys for much"),
        "('properties.past_spend', '>=', 500)",
        0.9,
    ),
    _buys(
        f"Buys every {OFTEN} days or more often",
        "Orders often",
        0.7,
        aggregate="gap_mean",
        comparison="<=",
        threshold=OFTEN,
    ),
    _buys(
        "Buys at even intervals",
        "Orders regularly",
        0.6,
        aggregate="gap_spread",
        comparison="<=",
        threshold=STEADY,
    ),
    _buys(
        "The usual time between purchases is over",
        "Due to order again",
        0.6,
        aggregate="cycle",
        comparison="between",
        threshold=0.8,
        threshold_to=2,
    ),
    _buys(
        f"Bought nothing for {LONG} days",
        "Has not ordered for long",
        0.9,
        aggregate="latest",
        threshold=LONG,
    ),
    _buys(
        f"Bought for the first time within {NEW} days",
        "New customer",
        0.9,
        aggregate="earliest",
        comparison="<=",
        threshold=NEW,
    ),
    _buys(
        f"Bought {MANY} times in 12 months",
        "Buys again and again",
        0.8,
        threshold=MANY,
        window_value=365,
    ),
    Signal(
        "Clicked in a mail within 30 days",
        tag=("observed", "Clicks in our mails"),
        domain="[('links_click_datetime', '!=', False)]",
        confidence=0.7,
        compares={"window_value": 30},
        **CLICK,
    ),
    Signal(
        "Opened an offer within 30 days",
        tag=("buying_behaviour", "Waits for offers"),
        domain=f"[('open_datetime', '!=', False), {OFFERS}]",
        confidence=0.4,
        compares={"window_value": 30},
        **OPEN,
    ),
    Signal(
        "Did not open two mails within 30 days",
        tag=("observed", "Leaves our mails unread"),
        domain=UNOPENED,
        date="sent_datetime",
        confidence=0.3,
        compares={"window_value": 30, "threshold": 2},
        **TRACE,
    ),
    # the journey
    Signal("Bought for the first time", stage="customer", **PURCHASE),
    Signal("Bought again", stage="repeat", compares={"threshold": 2}, **PURCHASE),
    Signal(
        "Bought nothing for nine months",
        stage="lapsed",
        compares={"aggregate": "latest", "threshold": LAPSED},
        **PURCHASE,
    ),
    # personas
    Signal(
        "Bought four times in 12 months",
        persona="regular",
        points=1.5,
        compares={"threshold": 4, "window_value": 365},
        **PURCHASE,
    ),
    Signal(
        "Clicked in an offer for women",
        persona="stella",
        points=0.75,
        domain="[('links_click_datetime', '!=', False),"
        " ('mass_mailing_id.subject', 'ilike', 'women')]",
        **CLICK,
    ),
    # engagement
    Signal(
        "Clicked in a mail",
        points=3,
        domain="[('links_click_datetime', '!=', False)]",
        **CLICK,
    ),
    Signal("Bought", points=20, **PURCHASE),
)


def signals(with_sales):
    """All of them.

    :param bool with_sales: purchases are sales orders, not touches
    """
    if not with_sales:
        return SIGNALS
    return [
        replace(signal, **ORDER) if signal.model == PURCHASE["model"] else signal
        for signal in SIGNALS
    ]


STARTERS = ("engagement_open", "reads_mails")
"""Signals that come with the addon and are switched on."""
