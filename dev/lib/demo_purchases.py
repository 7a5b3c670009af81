"""When the demo's customers bought: a fixed sample of real, dated purchases.

The customers of the demo (``demo_sample``) come without dates. Each is given the
purchases of one person of another public data set, whose last purchase is as long ago;
of those, whoever spent more has the one who bought more often. Beside them are people
who had not bought yet.

The sample is in the repository. To make it again from the whole data set::

    python -m lib.demo_purchases purchases.csv     # in dev/, writes demo_data/...
"""

import csv
import sys
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import groupby

from . import demo_sample, paths

FILE = paths.DEV / "demo_data" / "purchases.csv"
LAST_DAY = date(2014, 12, 31)  # of the data set: the day before the demo's week
PROSPECTS_DAY = date(2014, 7, 31)  # the same day for those who had not bought yet
PROSPECTS = 240
MONTH = 365 / 12
OFFER_DAYS, LEAD_DAYS = 7, 15


@dataclass(frozen=True)
class Prospect:
    """Somebody who has not bought yet, and, as we know, will."""

    index: int
    number: int  # in the data set
    days_ahead: int  # until the first purchase

    @property
    def email(self):
        """Made from the number: the data set has no addresses."""
        return f"prospect{self.number}@example.com"

    @property
    def name(self):
        """A made-up name that stays the same."""
        return demo_sample.name_of("prospect", self.number)

    @cached_property
    def interest(self):
        """How near the purchase is: a year later everybody knows."""
        if self.days_ahead <= OFFER_DAYS:
            return "opportunity"
        if self.days_ahead <= LEAD_DAYS:
            return "lead"
        return "subscriber" if self.index % 4 else "stranger"


def moments(days, start):
    """Days before the week as moments, in office hours of the company.

    :param days: as in the sample
    :param datetime start: of the week
    """
    return [
        start - timedelta(days=day + 1) + timedelta(hours=number % 8)
        for number, day in enumerate(days)
    ]


def load():
    """What the customers bought: {row of the customer: days before, most first}."""
    found = defaultdict(list)
    for kind, key, days in _read():
        if kind == "customer":
            found[key].append(days)
    return found


def load_prospects():
    """Those who have not bought yet."""
    rows = [(key, days) for kind, key, days in _read() if kind == "prospect"]
    return [Prospect(index, *row) for index, row in enumerate(rows)]


def _read():
    with open(FILE, encoding="utf-8", newline="") as stream:
        for line in csv.DictReader(stream):
            yield line["who"], int(line["number"]), int(line["days"])


def make(source):
    """Draw the sample."""
    people = defaultdict(list)
    with open(source, encoding="utf-8", newline="") as stream:
        for line in csv.DictReader(stream):
            people[int(line["id"])].append(date.fromisoformat(line["date"][:10]))
    chosen = _match(demo_sample.load(), people)
    ahead = {
        number: (min(days) - PROSPECTS_DAY).days
        for number, days in people.items()
        if min(days) > PROSPECTS_DAY and number not in set(chosen.values())
    }
    drawn = sorted(ahead, key=lambda number: demo_sample.draw("prospect", number))
    with open(FILE, "w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["who", "number", "days"])
        for row, number in sorted(chosen.items()):
            for day in sorted(people[number]):
                writer.writerow(["customer", row, (LAST_DAY - day).days])
        for number in sorted(drawn[:PROSPECTS]):
            writer.writerow(["prospect", number, ahead[number]])


def _match(customers, people):
    """{row of a customer: person whose purchases are the customer's}."""
    free = defaultdict(list)
    for number, days in people.items():
        months = int((LAST_DAY - max(days)).days / MONTH) + 1
        free[months].append((demo_sample.draw("bought", number), number))
    for group in free.values():
        group.sort()
    chosen = {}
    spenders = sorted(customers, key=lambda c: (c.recency, -c.past_spend, c.row))
    for recency, group in groupby(spenders, key=lambda c: c.recency):
        alike = list(group)
        drawn = [_draw_near(free, recency) for _customer in alike]
        drawn.sort(key=lambda number: (-len(people[number]), number))
        chosen |= {c.row: number for c, number in zip(alike, drawn, strict=True)}
    return chosen


def _draw_near(free, recency):
    """Somebody whose last purchase is as many months ago, or nearly."""
    near = min(
        (months for months in free if free[months]),
        key=lambda months: (abs(months - recency), months),
    )
    return free[near].pop()[-1]


if __name__ == "__main__":
    make(sys.argv[1])
