"""What the rules mean, as plainly as it can be said in Python.

Slow and without a database; shares no code with the addon. The property tests compare
the addon's answers with these.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

SECOND = timedelta(seconds=1)
ELAPSED = {
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(days=7),
}


@dataclass(frozen=True)
class Touch:
    person: int
    address: str | None
    channel: int
    category: int | None
    date: datetime
    state: str = "sent"
    counts: bool = True


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


@dataclass(frozen=True)
class Letter:
    """A message somebody wants to send."""

    channel: int
    category: int | None
    company: int
    obeys: bool = True


def local(moment, tz):
    return moment.replace(tzinfo=timezone.utc).astimezone(ZoneInfo(tz))


def period(moment, unit, person):
    """The running number of the hour, day, week or month, on the person's wall."""
    there = local(moment, person.tz)
    if unit == "hour":  # of whole hours from Greenwich only
        return (moment - datetime(2000, 1, 1)) // timedelta(hours=1)
    if unit == "day":
        return there.toordinal()
    if unit == "week":
        return (there.toordinal() - person.week_start) // 7
    return there.year * 12 + there.month


def in_window(touched, now, rule, person):
    """Does one window of the rule hold both moments?"""
    early, late = sorted((touched, now))
    if rule.kind == "calendar":
        apart = period(late, rule.unit, person) - period(early, rule.unit, person)
        return apart < rule.value
    if rule.unit == "month":
        return early > late - relativedelta(months=rule.value)
    return late - early < rule.value * ELAPSED[rule.unit]


def counted(rule, person, touch, now):
    mine = (
        touch.person == person.key
        if rule.per == "person"
        else person.address and touch.address == person.address
    )
    return bool(
        mine
        and touch.counts
        and touch.state in ("reserved", "sent")
        and (not rule.channels or touch.channel in rule.channels)
        and (not rule.categories or touch.category in rule.categories)
        and in_window(touch.date, now, rule, person)
    )


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
    return [
        rule
        for rule in rules
        if rule.maximum is not None
        and (not rule.channels or letter.channel in rule.channels)
        and (not rule.categories or letter.category in rule.categories)
    ]


def refusing(rules, person, touches, now):
    return [
        rule
        for rule in rules
        if sum(counted(rule, person, touch, now) for touch in touches) + 1
        > rule.maximum
    ]


def day_begins(day, tz):
    """First moment (naive UTC) of a local day, found by looking at the clock."""
    moment = datetime.combine(day, time()) - timedelta(hours=26)
    while local(moment, tz).date() < day:
        moment += timedelta(minutes=15)
    while local(moment - timedelta(minutes=1), tz).date() >= day:
        moment -= timedelta(minutes=1)
    return moment


def moments_of_change(rule, person, touched):
    """Moments at which a touch may leave the rule's window, and some more."""
    if rule.kind == "rolling":
        if rule.unit != "month":
            return [touched + rule.value * ELAPSED[rule.unit]]
        near = touched + relativedelta(months=rule.value)
        days = [near.date() + timedelta(days=shift) for shift in range(5)]
        return [datetime.combine(day, touched.time()) for day in days] + [
            datetime.combine(day, time()) for day in days
        ]
    if rule.unit == "hour":
        return [touched.replace(minute=0, second=0) + timedelta(hours=rule.value)]
    day = local(touched, person.tz).date()
    if rule.unit == "day":
        day += timedelta(days=rule.value)
    elif rule.unit == "week":
        day += timedelta(days=7 * rule.value)
        while day.isoweekday() != person.week_start:
            day -= timedelta(days=1)
    else:
        day = day.replace(day=1) + relativedelta(months=rule.value)
    return [day_begins(day, person.tz)]


def decide(policies, person, letter, touches, now):
    """(decision, first moment with nothing in the way or None, refusing rules)."""
    rules = binding(policies, person, letter)
    no = refusing(rules, person, touches, now)
    if not no:
        return "send", None, set()
    free = None
    if all(rule.maximum for rule in no):
        changes = {
            moment
            for rule in no
            for touch in touches
            if counted(rule, person, touch, now)
            for moment in moments_of_change(rule, person, touch.date)
        }
        free = next(
            moment
            for moment in sorted(changes)
            if moment > now and not refusing(rules, person, touches, moment)
        )
    wait = free and all(rule.on_exceed == "defer" for rule in no)
    return "defer" if wait else "hold", free, {rule.key for rule in no}
