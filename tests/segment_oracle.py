"""Segments as one would work them out by hand: people as plain values, no database."""

from dataclasses import dataclass, field
from datetime import timedelta

from . import signal_oracle
from .signal_oracle import Fact, Rule


@dataclass
class Person:
    """What is known of somebody."""

    name: str
    city: str | None = None
    has_contact: bool = True
    persona: str | None = None
    stage: str | None = None
    # (tag, kind, confidence, last seen)
    tags: list = field(default_factory=list)
    # (list, opted out)
    lists: list = field(default_factory=list)
    # (date, value, fits, mailing, what came back)
    touches: list = field(default_factory=list)
    place: float = 0.0
    score: int = 0


@dataclass(frozen=True)
class Line:
    """A line: its kind, what it asks, and what belongs to it."""

    kind: str
    asks: dict = field(default_factory=dict)
    is_negated: bool = False
    children: tuple = ()


def holds(line, person, now):
    """Is the line true of the person?"""
    return _is_true(line, person, now) != line.is_negated


def holds_all(lines, person, now):
    """On the first level all must hold."""
    return all(holds(line, person, now) for line in lines)


def pour(steps, people, now):
    """Who is in each segment of a waterfall: those who fit, whom no earlier one took,
    up to its limit, the highest score first.

    :param steps: pairs (lines, limit or 0), the first first
    :param people: pairs (id, Person)
    :return: list of sets of ids
    """
    taken, found = set(), []
    for lines, limit in steps:
        fitting = [
            (-person.score, id_)
            for id_, person in people
            if id_ not in taken and holds_all(lines, person, now)
        ]
        first = {id_ for _score, id_ in sorted(fitting)[: limit or None]}
        taken |= first
        found.append(first)
    return found


def _is_true(line, person, now):
    if line.kind == "all":
        return all(holds(child, person, now) for child in line.children)
    if line.kind == "any":
        return any(holds(child, person, now) for child in line.children)
    if line.kind == "none":
        return not any(holds(child, person, now) for child in line.children)
    return LEAVES[line.kind](line.asks, person, now)


def _city(asks, person, _now):
    operator, value = asks["operator"], asks["value"]
    city = person.city if person.has_contact else None
    if operator == "=":
        return city == value if value else not city
    if operator == "!=":
        return city != value if value else bool(city)
    found = bool(city) and _plain(value) in _plain(city)
    return found if operator == "ilike" else not found


def _plain(text):
    return text.lower().translate(str.maketrans("áåéöø", "aaeoø"))


def _persona(asks, person, _now):
    return person.persona in asks["names"] if asks["names"] else not person.persona


def _stage(asks, person, _now):
    return person.stage in asks["names"] if asks["names"] else not person.stage


def _tag(asks, person, now):
    for tag, kind, confidence, seen in person.tags:
        if asks["names"] and tag not in asks["names"]:
            continue
        if asks["kind"] not in ("either", kind):
            continue
        if confidence < asks["confidence"]:
            continue
        if asks["days"] and seen <= now - timedelta(days=asks["days"]):
            continue
        return bool(asks["names"])
    return not asks["names"]


def _list(asks, person, _now):
    mine = [(name, out) for name, out in person.lists if name in asks["names"]]
    if not asks["names"]:
        return not any(not out for _name, out in person.lists)
    if asks["state"] == "in":
        return any(not out for _name, out in mine)
    inside = {name for name, out in mine if not out}
    return any(out and name not in inside for name, out in mine)


def _response(asks, person, _now):
    for _date, _value, _fits, mailing, answers in person.touches:
        if mailing not in asks["names"]:
            continue
        if asks["response"] == "sent" and "bounced" not in answers:
            return True
        if asks["response"] in answers:
            return True
    return False


def _share(asks, person, _now):
    return asks["first"] <= person.place < asks["last"]


def _segment(asks, person, now):
    return any(holds_all(lines, person, now) for lines in asks["segments"])


def _behaviour(asks, person, now):
    rule = asks["rule"]
    touches = [touch for touch in person.touches if _lies_in(asks, rule, touch[0], now)]
    if asks.get("needs_contact") and not person.has_contact:
        touches = []  # nobody to whom the records would lead
    if asks["last"]:
        latest = sorted(range(len(touches)), key=lambda i: (touches[i][0], i))
        touches = [touches[i] for i in latest[-asks["last"] :]]
    facts = [
        Fact(0, date, value, fits)
        for date, value, fits, _mailing, _answers in touches
        if fits or not rule.needs_fit
    ]
    if rule.aggregate in ("count", "sum", "distinct"):
        number = signal_oracle.number_of(rule.aggregate, facts, now) if facts else 0
        return signal_oracle.compares(rule, number or 0)
    return bool(signal_oracle.answer(rule, facts, now))


def _lies_in(asks, rule, date, now):
    first, last = asks["days"]
    local = date + timedelta(hours=asks["offset"])
    if (first and local.date() < first) or (last and local.date() > last):
        return False
    return signal_oracle.counts(
        Rule(rule.aggregate, rule.comparison, 0, window=rule.window),
        Fact(0, date),
        now,
    )


LEAVES = {
    "domain": _city,
    "persona": _persona,
    "stage": _stage,
    "tag": _tag,
    "list": _list,
    "response": _response,
    "share": _share,
    "segment": _segment,
    "behaviour": _behaviour,
}
