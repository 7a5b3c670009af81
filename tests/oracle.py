"""What the rules mean, as plainly as it can be said in Python.

Slow and without a database; shares no code with the addon. The property tests compare
the addon's answers with these.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from .oracle_time import after_quiet, in_window, is_quiet, moments_of_change


@dataclass(frozen=True)
class Touch:
    person: int
    address: str | None
    channel: int
    category: int | None
    date: datetime
    state: str = "sent"
    counts: bool = True
    cost: Decimal = Decimal(0)
    answered: datetime | None = None
    planned_at: datetime | None = None  # known then, and not sent yet
    company: int | None = None


@dataclass(frozen=True)
class Quiet:
    start: int  # minutes after midnight
    end: int
    weekdays: frozenset
    dates: tuple = ()


@dataclass(frozen=True)
class Step:
    touches: int
    days: int
    value: int = 0  # of a gap; 0: stop
    unit: str = "day"


@dataclass(frozen=True)
class Rule:
    key: int
    maximum: int | None  # None: no cap
    value: int
    unit: str
    kind: str = "rolling"
    channels: frozenset = frozenset()
    categories: frozenset = frozenset()
    per: str = "person"
    on_exceed: str = "defer"
    # Further kinds
    kind_of: str = "count"
    measure: str = "touches"
    classes: tuple = ()  # adaptive: (engagement class, maximum)
    others: frozenset = frozenset()  # apart: categories
    mutual: bool = False
    budget: Decimal | None = None
    quiet: Quiet | None = None
    closed: tuple = ()  # block, holdout: (person, until or None)
    steps: tuple = ()  # sunset
    spared: frozenset = frozenset()
    kept: tuple = ()  # (business unit, touches)


@dataclass(frozen=True)
class Policy:
    members: frozenset | None  # None: everybody
    rules: tuple
    is_guard: bool = False
    active: bool = True
    company: int | None = None


@dataclass(frozen=True)
class Person:
    key: int
    address: str | None
    tz: str
    week_start: int = 1
    is_seed: bool = False
    engagement: str = "silent"
    firm: int | None = None
    number: str | None = None
    home: str | None = None

    def reached_by(self, inbox):
        """The person with the inbox that a message would go to."""
        return replace(self, address=getattr(self, inbox))


@dataclass(frozen=True)
class Letter:
    """A message somebody wants to send."""

    channel: int
    category: int | None
    company: int
    obeys: bool = True
    cost: Decimal = Decimal(0)
    inbox: str = "address"


def counted(rule, person, touch, now):
    if touch.planned_at and not in_window(touch.date, touch.planned_at, rule, person):
        return False
    mine = {
        "person": touch.person == person.key,
        "inbox": person.address and touch.address == person.address,
        "company": touch.person == person.key
        or (person.firm and touch.person in MATES.get(person.firm, ())),
        "household": touch.person == person.key
        or (person.home and touch.person in MATES.get(person.home, ())),
    }[rule.per]
    return bool(
        mine
        and touch.counts
        and touch.state in ("reserved", "sent")
        and (not rule.channels or touch.channel in rule.channels)
        and (not rule.categories or touch.category in rule.categories)
        and in_window(touch.date, now, rule, person)
    )


MATES = {}
"""{company or home: keys of the people there}, set by whoever asks."""


def binding(policies, person, letter):
    """The rules that bind this message to this person."""
    if not letter.obeys or person.is_seed:
        return []
    rules, fallen = [], False
    for policy in policies:
        if not policy.active or policy.company not in (None, letter.company):
            continue
        if policy.members is not None and person.key not in policy.members:
            continue
        if policy.is_guard:
            rules += policy.rules
        elif not fallen:
            fallen = True
            rules += policy.rules
    return [rule for rule in rules if concerns(rule, letter)]


def concerns(rule, letter):
    if rule.channels and letter.channel not in rule.channels:
        return False
    if not rule.categories or letter.category in rule.categories:
        return True
    return rule.mutual and letter.category in rule.others


def simply(rule, person, letter, touches, now):
    """What a rule of any kind says to this person now, as counts, quiet and closed."""
    if rule.kind_of == "adaptive":
        return [replace(rule, maximum=dict(rule.classes)[person.engagement])]
    if rule.kind_of == "apart":
        near = set()
        if not rule.categories or letter.category in rule.categories:
            near |= rule.others
        if rule.mutual and letter.category in rule.others:
            near |= rule.categories
            if not rule.categories:
                near = set()
        return [
            replace(rule, categories=frozenset(near), channels=frozenset(), maximum=1)
        ]
    if rule.kind_of == "sunset":
        return on_ladder(rule, person, touches, now)
    return [rule]


def on_ladder(rule, person, touches, now):
    if person.key in rule.spared:
        return []
    mine = [touch for touch in touches if touch.person == person.key]
    last = max((t.answered for t in mine if t.answered), default=datetime.min)
    silent = sorted(
        touch.date
        for touch in mine
        if touch.counts
        and touch.state in ("reserved", "sent")
        and last < touch.date <= now
        and not touch.planned_at
    )
    found = []
    for step in rule.steps:
        long = step.days and silent and silent[0] <= now - timedelta(days=step.days)
        if (step.touches and len(silent) >= step.touches) or long:
            found = [
                replace(rule, maximum=1, value=step.value, unit=step.unit)
                if step.value
                else replace(rule, closed=((person.key, None),), on_exceed="hold")
            ]
    return found


def first_free(rule, seen, now):
    """When what was seen then is so long ago as a rule says."""
    plain = Rule(0, 1, rule.window_value, rule.window_unit)
    person = Person(0, None, "UTC")
    if not in_window(seen, now, plain, person):
        return now
    return next(
        moment
        for moment in sorted(moments_of_change(plain, person, seen))
        if moment > now and not in_window(seen, moment, plain, person)
    )


def place_in_draw(key, person):
    """From 0 to 1, and always the same."""
    digest = hashlib.md5(f"{key}:{person}".encode(), usedforsecurity=False)
    return int(digest.hexdigest()[:8], 16) / 2**32


def refuses(rule, person, letter, touches, now):
    if rule.quiet:
        return is_quiet(rule.quiet, now, person.tz)
    if rule.closed or rule.kind_of in ("block", "holdout"):
        ends = dict(rule.closed)
        return person.key in ends and (
            ends[person.key] is None or now < ends[person.key]
        )
    those = [touch for touch in touches if counted(rule, person, touch, now)]
    if rule.budget is not None:
        return sum(touch.cost for touch in those) + letter.cost > rule.budget
    if rule.maximum is None:
        return False
    if rule.measure == "people":
        others = {touch.person for touch in those} - {person.key}
        return len(others) + 1 > rule.maximum
    used = len(those) + sum(
        max(number - sum(touch.company == unit for touch in those), 0)
        for unit, number in rule.kept
        if unit != letter.company
    )
    return used + 1 > rule.maximum


def ends_of(rule, person, touches, now):
    """Moments at which the rule may say something else."""
    if rule.quiet:
        return []
    if rule.closed:
        return [until for _person, until in rule.closed if until]
    return [
        moment
        for touch in touches
        if counted(rule, person, touch, now)
        for moment in moments_of_change(rule, person, touch.date)
    ]


def decide(policies, person, letter, touches, now):
    """(decision, first moment with nothing in the way or None, refusing rules)."""
    person = person.reached_by(letter.inbox)
    rules = [
        simple
        for rule in binding(policies, person, letter)
        for simple in simply(rule, person, letter, touches, now)
    ]

    def refusing(moment, among):
        return [r for r in among if refuses(r, person, letter, touches, moment)]

    no = refusing(now, rules)
    if not no:
        return "send", None, set()
    others = [rule for rule in no if not rule.quiet]
    changes = {now} | {
        moment for rule in others for moment in ends_of(rule, person, touches, now)
    }
    free = next(
        (m for m in sorted(changes) if m >= now and not refusing(m, others)), None
    )
    if free:
        free = after_quiet(rules, person, free)
    wait = free and all(rule.on_exceed == "defer" for rule in no)
    return "defer" if wait else "hold", free, {rule.key for rule in no}
