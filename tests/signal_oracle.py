"""Signals as one would work them out by hand: a list of facts, and no database."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import pstdev

from dateutil.relativedelta import relativedelta

DAY = 86400


@dataclass(frozen=True)
class Fact:
    """A record about a person."""

    person: int
    date: datetime
    value: float | None = None
    fits: bool = True


@dataclass(frozen=True)
class Rule:
    """A signal: what is compared, and how."""

    aggregate: str
    comparison: str
    threshold: float
    threshold_to: float = 0.0
    window: relativedelta | None = None
    needs_fit: bool = False


@dataclass(frozen=True)
class Answer:
    """What is known when it is true."""

    number: float
    count: int
    first: datetime
    last: datetime


def answer(rule, facts, now):
    """``{person: Answer}`` of those of whom the rule is true."""
    people = {}
    for fact in facts:
        if counts(rule, fact, now):
            people.setdefault(fact.person, []).append(fact)
    found = {}
    for person, own in people.items():
        number = number_of(rule.aggregate, own, now)
        if number is not None and compares(rule, number):
            dates = [fact.date for fact in own]
            found[person] = Answer(number, len(own), min(dates), max(dates))
    return found


def counts(rule, fact, now):
    """Does a fact fit, and lie in the window?"""
    if rule.needs_fit and not fact.fits:
        return False
    if rule.aggregate == "next":
        return fact.date >= now and (not rule.window or fact.date < now + rule.window)
    return fact.date <= now and (not rule.window or fact.date > now - rule.window)


def number_of(aggregate, facts, now):
    """What is compared, or None where there is no such number."""
    dates = sorted(fact.date for fact in facts)
    values = [fact.value for fact in facts if fact.value is not None]
    gaps = [(b - a).total_seconds() / DAY for a, b in pairwise(dates)]
    mean = sum(gaps) / len(gaps) if gaps else None
    since = _days(now - dates[-1])
    return {
        "count": lambda: len(facts),
        "sum": lambda: sum(values) if values else None,
        "average": lambda: sum(values) / len(values) if values else None,
        "distinct": lambda: len(set(values)),
        "latest": lambda: since,
        "earliest": lambda: _days(now - dates[0]),
        "next": lambda: _days(dates[0] - now),
        "gap_mean": lambda: mean,
        "gap_spread": lambda: pstdev(gaps) if len(gaps) > 1 else None,
        "cycle": lambda: since / mean if len(gaps) > 1 and mean else None,
    }[aggregate]()


def compares(rule, number):
    """Is the number as the rule says?"""
    return {
        ">=": number >= rule.threshold,
        ">": number > rule.threshold,
        "<=": number <= rule.threshold,
        "<": number < rule.threshold,
        "between": rule.threshold <= number <= rule.threshold_to,
    }[rule.comparison]


def _days(interval: timedelta):
    return interval.total_seconds() / DAY
