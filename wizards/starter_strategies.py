"""Strategies to start from: what suits five trades, and why.

Numbers are where practitioners begin, not what is right for everybody: they are meant
to be changed when the reports say how people respond.
"""

from .starter_kit import Kit


def _retail_limits(env, kit):
    return {
        "name": env._("Retail: limits for all"),
        "is_guard": True,
        "why": env._(
            "Across all channels, at decent hours, and never an offer while "
            "somebody is angry. Two in a hundred get nothing, so that you see what "
            "the mailings bring."
        ),
        "rules": [
            kit.cap(5, 7, "day"),
            kit.quiet(21, 8),
            kit.quiet(0, 0, "sunday"),
            kit.ladder(12, 24, 40),
            kit.block("opinion_complained", days=30),
            kit.apart(3, "promotion", "service"),
            kit.holdout(2),
        ],
    }


def retail(env):
    """Shops: often to those who buy again, seldom to those who do not answer."""
    kit = Kit(env)
    return [
        {
            "name": env._("Retail: loyal customers"),
            "why": env._(
                "Whoever buys again likes to hear from you. The gap keeps even them "
                "from getting two messages on one day."
            ),
            "stages": kit.find("journey_stage", "repeat", "promoter"),
            "rules": [kit.cap(4, 7, "day", "email"), kit.gap(24, "hour", "email")],
        },
        {
            "name": env._("Retail: everybody"),
            "why": env._(
                "Others get as much as they respond to: the number follows their "
                "opens, clicks and purchases by itself."
            ),
            "rules": [
                kit.adaptive(1, 3, 7, "day", "email"),
                kit.gap(36, "hour", "email"),
            ],
        },
        _retail_limits(env, kit),
    ]


def b2b(env):
    """Companies: few messages, on working days, and not to the whole firm at once."""
    kit = Kit(env)
    return [
        {
            "name": env._("B2B: people in a purchase"),
            "why": env._("Who is about to decide needs facts, and soon."),
            "stages": kit.find("journey_stage", "lead", "opportunity"),
            "rules": [kit.cap(2, 7, "day", "email"), kit.gap(2, "day", "email")],
        },
        {
            "name": env._("B2B: everybody"),
            "why": env._("A good article every other week is read; more is deleted."),
            "rules": [kit.cap(2, 14, "day", "email"), kit.cap(1, 1, "month", "call")],
        },
        {
            "name": env._("B2B: limits for all"),
            "is_guard": True,
            "why": env._(
                "Colleagues talk: two people of one company a week are enough. Nobody "
                "is written to at night or at the weekend, and competitors not at all."
            ),
            "rules": [
                kit.cap(2, 7, "day", count_per="company", count_what="people"),
                kit.quiet(18, 8),
                kit.quiet(0, 0, "saturday", "sunday"),
                kit.ladder(8, 16, 24),
                kit.block("relation_competitor", "relation_employee"),
                kit.block("opinion_complained", days=30),
            ],
        },
    ]


def publishing(env):
    """Newspapers and blogs: what was asked for comes daily, offers seldom."""
    kit = Kit(env)
    newsletters = {"category_ids": kit.find("category", "newsletter")}
    offers = {"category_ids": kit.find("category", "promotion")}
    return [
        {
            "name": env._("Publishing: readers"),
            "why": env._(
                "Readers asked for the newsletter: whoever reads it gets it daily, the "
                "others the best of the week. Offers pay for it, and stay rare."
            ),
            "rules": [
                kit.adaptive(1, 7, 7, "day", "email") | newsletters,
                kit.cap(1, 7, "day", "email", **offers),
            ],
        },
        {
            "name": env._("Publishing: limits for all"),
            "is_guard": True,
            "why": env._(
                "One message a day, by the reader's own calendar. Who has not answered "
                "for weeks is asked less and less, which keeps the sender's name good."
            ),
            "rules": [
                kit.cap(1, 1, "day", "email", window_kind="calendar"),
                kit.quiet(22, 5),
                kit.ladder(20, 40, 60),
                kit.block("opinion_complained", days=14),
            ],
        },
    ]


def membership(env):
    """Clubs and associations: little, reliable, and post is dear."""
    kit = Kit(env)
    renewals = {"category_ids": kit.find("category", "renewal")}
    return [
        {
            "name": env._("Membership: everybody"),
            "why": env._(
                "Members expect a letter of news a month and an invitation now and "
                "then. A renewal is reminded of three times, not daily."
            ),
            "rules": [
                kit.cap(4, 1, "month", "email", window_kind="calendar"),
                kit.cap(3, 30, "day", **renewals),
            ],
        },
        {
            "name": env._("Membership: limits for all"),
            "is_guard": True,
            "why": env._(
                "One letter to a household, and no more postage in a year than a "
                "small part of the fee. No offer around a renewal."
            ),
            "rules": [
                kit.cap(1, 1, "month", "letter", count_per="household"),
                kit.cost(10, 12, "month", "letter"),
                kit.apart(14, "promotion", "renewal"),
                kit.quiet(20, 9),
                kit.block("opinion_complained", days=60),
            ],
        },
    ]


def travel(env):
    """Travel: much while people plan, little between two journeys."""
    kit = Kit(env)
    return [
        {
            "name": env._("Travel: people who plan"),
            "why": env._("Before booking people compare: help them while they do."),
            "stages": kit.find("journey_stage", "lead", "opportunity"),
            "rules": [kit.cap(3, 7, "day", "email"), kit.gap(24, "hour", "email")],
        },
        {
            "name": env._("Travel: everybody"),
            "why": env._(
                "One journey is not a wish for mail every three days. A message or two "
                "a month keeps you in mind; who responds gets more."
            ),
            "rules": [
                kit.adaptive(1, 4, 1, "month", "email"),
                kit.gap(5, "day", "email"),
            ],
        },
        {
            "name": env._("Travel: limits for all"),
            "is_guard": True,
            "why": env._(
                "A couple gets one catalogue, and post must not eat what a journey "
                "brought in. Without an answer it ends."
            ),
            "rules": [
                kit.cap(1, 2, "month", "letter", count_per="household"),
                kit.cost(12, 12, "month"),
                kit.ladder(6, 12, 18),
                kit.quiet(21, 9),
                kit.block("opinion_complained", days=60),
                kit.apart(7, "promotion", "service"),
            ],
        },
    ]


TRADES = {
    "retail": retail,
    "b2b": b2b,
    "publishing": publishing,
    "membership": membership,
    "travel": travel,
}
