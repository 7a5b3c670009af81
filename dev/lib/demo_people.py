"""What the demo knows of its people, as plain values.

Which personas there are, and what people say of themselves. Both sides read it, as
``demo_plan``.
"""

from dataclasses import dataclass

QUESTION = "What do you look for first?"


@dataclass(frozen=True)
class Persona:
    """A persona with its rules."""

    key: str
    name: str
    title: str
    description: str
    goals: str
    pains: str
    objections: str
    answer: str
    domain: str
    weight: float = 1.0
    threshold: float = 1.0


MENS = "('partner_id.properties.bought_mens', '=', True)"
WOMENS = "('partner_id.properties.bought_womens', '=', True)"
NO_MENS = "('partner_id.properties.bought_mens', '=', False)"
NO_WOMENS = "('partner_id.properties.bought_womens', '=', False)"
PERSONAS = (
    Persona(
        "paul",
        "Practical Paul",
        "Buys little, and what lasts",
        "Out in any weather. Knows his size, orders the same jacket again.",
        "Things that keep dry and can be mended.",
        "Fashion that changes each year.",
        "My old one still does.",
        "Jackets and boots",
        f"[{MENS}, {NO_WOMENS}]",
    ),
    Persona(
        "stella",
        "Stylish Stella",
        "Buys with the season",
        "Reads the newsletter for the pictures and knows what was new last year.",
        "To find it before others do.",
        "What she wants is gone in her size.",
        "Will it still look good next year?",
        "Knitwear and dresses",
        f"[{WOMENS}, {NO_MENS}]",
    ),
    Persona(
        "fiona",
        "Family Fiona",
        "Buys for everybody at home",
        "Compares, asks on the phone, and sends back what does not fit.",
        "One parcel for all of them.",
        "Postage, and wrong sizes.",
        "Can I send back half of it?",
        "Something for everybody",
        f"[{MENS}, {WOMENS}]",
    ),
    Persona(
        "regular",
        "Regular Rita",
        "Knows us and comes back",
        "Buys without being asked, and tells others.",
        "To be recognised.",
        "Offers that are better for new customers.",
        "I have one already.",
        "That you know me",
        "[('partner_id.properties.past_spend', '>=', 500)]",
        weight=1.5,
        threshold=1.5,
    ),
)


DIMENSIONS = (
    # code, name, question, area, its tags
    ("wardrobe", "Wardrobe", "What do they wear?", "need", True),
    ("region", "Region", "Where do they live?", "market", True),
)
TAGS = (
    ("wardrobe", "Men's clothing"),
    ("wardrobe", "Women's clothing"),
    ("region", "Urban"),
    ("region", "Suburban"),
    ("region", "Rural"),
)
BY_CHANNEL = {
    "phone": ("Phone call",),
    "web": ("E-mail",),
    "multichannel": ("E-mail", "Phone call"),
}
RECOMMENDS = ("opinion", "Recommends us")


def registered(customer):
    """What the customer said when registering: (dimension, tag, source, note)."""
    if customer.index % 3:
        yield "region", customer.area.capitalize(), "form", "Registration"
    if customer.index % 2:
        for tag in BY_CHANNEL[customer.bought_by]:
            yield "channel_preference", tag, "form", "Registration"
    if customer.newcomer and customer.index % 4 == 1:
        yield "origin", "Referral", "origin", "Asked with the first order"


def answered(customer):
    """What the customer said in the survey before the week, as above.

    Every third says to wear what was not bought: said and done may disagree.
    """
    if customer.index % 9 == 4:
        does_mens = customer.bought_mens and not customer.bought_womens
        says_mens = does_mens != (customer.index % 27 == 4)
        tag = "Men's clothing" if says_mens else "Women's clothing"
        yield "wardrobe", tag, "survey", "Survey about sizes"
    if recommends(customer):
        yield *RECOMMENDS, "survey", "Would you recommend us? Yes"


def recommends(customer):
    """Of those who visit the shop, every second would."""
    return customer.visited and customer.index % 2 == 0


def says_persona(customer):
    """Key of the persona whose answer the customer gave, or nothing."""
    if customer.index % 25 == 6:
        return PERSONAS[customer.index // 25 % len(PERSONAS)].key
    return None
