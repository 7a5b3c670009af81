"""What has become known of the people: tables, and whether it is right.

Read by plain SQL, and counted once more from the samples, without the addon's code.
"""

import contextlib
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from statistics import mean, pstdev

from . import console, demo_people, demo_plan, demo_purchases, demo_signals, demo_table

LEAST = {"personas": 3, "stages": 6, "concluded tags": 10}
FEW, MOST = 10, 0.9
"""So many people at least, and at most this share of all, make it worth telling."""
DAY = timedelta(days=1)

PERSONAS = """
    SELECT p.name ->> 'en_US', count(*),
           count(*) FILTER (WHERE c.persona_kind = 'explicit'),
           count(*) FILTER (WHERE c.persona_kind = 'implicit'),
           round(avg(c.engagement_score))::int
      FROM contact_profile c JOIN contact_persona p ON p.id = c.persona_id
     WHERE c.active
     GROUP BY p.id ORDER BY p.sequence, p.id
"""
STAGES = """
    SELECT s.name ->> 'en_US',
           (SELECT count(*) FROM contact_profile c
             WHERE c.journey_stage_id = s.id AND c.active),
           (SELECT count(*) FROM contact_journey_move m WHERE m.stage_id = s.id),
           (SELECT count(*) FROM contact_journey_move m WHERE m.from_stage_id = s.id)
      FROM contact_journey_stage s WHERE s.active
     ORDER BY s.sequence, s.id
"""
TAGS = """
    SELECT (d.name ->> 'en_US') || ': ' || (t.name ->> 'en_US'),
           count(*) FILTER (WHERE a.kind = 'explicit'),
           count(*) FILTER (WHERE a.kind = 'implicit'),
           COALESCE(sum(a.times_seen) FILTER (WHERE a.kind = 'implicit'), 0)::int,
           round(avg(a.confidence) FILTER (WHERE a.kind = 'implicit') * 100)::int
      FROM contact_tag_assignment a
      JOIN contact_profile c ON c.id = a.profile_id AND c.active
      JOIN contact_tag t ON t.id = a.tag_id
      JOIN contact_tag_dimension d ON d.id = t.dimension_id
     WHERE a.active
     GROUP BY d.id, t.id ORDER BY d.sequence, d.id, t.sequence, t.id
"""
CONCLUDED = """
    SELECT t.name ->> 'en_US', c.email_normalized
      FROM contact_tag_assignment a
      JOIN contact_profile c ON c.id = a.profile_id AND c.active
      JOIN contact_tag t ON t.id = a.tag_id
     WHERE a.active AND a.kind = 'implicit'
"""
WHERE = """
    SELECT c.email_normalized, s.name ->> 'en_US'
      FROM contact_profile c JOIN contact_journey_stage s ON s.id = c.journey_stage_id
     WHERE c.active
"""
COUNT = "SELECT count(*) FROM contact_profile WHERE active"


@dataclass
class Known:
    """Rows, as they are shown and checked."""

    personas: list
    stages: list
    tags: list
    concluded: set  # pairs (tag, address)
    where: dict  # address: stage
    people: int


def read(env):
    """Read the database."""
    with (
        contextlib.closing(env.pg.connect(demo_plan.DATABASE)) as link,
        link.cursor() as cursor,
    ):
        rows = []
        for query in (PERSONAS, STAGES, TAGS, CONCLUDED, WHERE, COUNT):
            cursor.execute(query)
            rows.append(cursor.fetchall())
    personas, stages, tags, concluded, where, ((people,),) = rows
    return Known(personas, stages, tags, set(concluded), dict(where), people)


def show(known):
    """Three tables."""
    for title, head, rows in (
        (
            "Who they are, and how sure that is:",
            ("persona", "people", "said", "concluded", "engagement"),
            known.personas,
        ),
        (
            "Where they are on their journey, and how they moved:",
            ("stage", "people", "came", "left"),
            known.stages,
        ),
        (
            "What they said, and what was concluded from what they did:",
            ("tag", "said", "concluded", "from records", "sure (%)"),
            known.tags,
        ),
    ):
        console.note(f"\n{title}\n")
        demo_table.show_rows([head, *([cell or 0 for cell in row] for row in rows)])


class Checks:
    """Collects what is wrong; empty is good.

    :param customers: of the sample
    :param set closed: addresses of accounts that were closed
    :param datetime end: when everything was looked at last
    """

    def __init__(self, known, customers, closed, end):
        self.known = known
        self.closed = closed
        self.customers = [c for c in customers if c.email not in closed]
        self.end = end
        bought, start = demo_purchases.load(), end - demo_plan.LENGTH
        self.bought = {
            c.row: sorted(demo_purchases.moments(bought[c.row], start))
            for c in self.customers
        }
        self.wrong = []
        self.lines = []

    def run(self):
        """All of them; the lines tell what was looked at."""
        self.worth_telling()
        self.tags()
        self.stages()
        return not self.wrong

    def worth_telling(self):
        """Are there enough, neither empty nor everybody's?"""
        counts = {
            "personas": [row[1] for row in self.known.personas],
            "stages": [row[1] for row in self.known.stages],
            "concluded tags": [row[2] for row in self.known.tags],
        }
        most = MOST * self.known.people
        for name, least in LEAST.items():
            found = sum(FEW <= count <= most for count in counts[name])
            if found < least:
                self.wrong.append(f"{found} {name} with people, not {least}")
            self.lines.append(f"{found} {name} with people, asked for {least}")

    def tags(self):
        """The people of tags that follow from the samples alone."""
        for tag, fits in TAG_RULES.items():
            expected = {
                c.email for c in self.customers if fits(c, self.bought[c.row], self.end)
            }
            found = {email for name, email in self.known.concluded if name == tag}
            self._compare(f"tag “{tag}”", expected, found - self.closed)
        self.lines.append(f"{len(TAG_RULES)} tags counted again: person by person")

    def stages(self):
        """Everybody is where the purchases and the survey say."""
        expected = {
            c.email: stage_of(c, self.bought[c.row], self.end) for c in self.customers
        } | {p.email: p.interest.capitalize() for p in demo_purchases.load_prospects()}
        found = {email: self.known.where.get(email) for email in expected}
        self._compare("stage", set(expected.items()), set(found.items()))
        self.lines.append(f"{len(found)} people are in the stage that is theirs")

    def _compare(self, what, expected, found):
        for text, more in (
            ("missing", expected - found),
            ("too many", found - expected),
        ):
            if more:
                self.wrong.append(f"{what}, {text}: {len(more)}, {min(more)}")


def stage_of(customer, bought, end):
    """Said once more, independently of the addon and its signals."""
    if (end - bought[-1]) / DAY >= demo_signals.LAPSED:
        return "Lapsed"
    if demo_people.recommends(customer):
        return "Promoter"
    return "Repeat Customer" if len(bought) > 1 else "Customer"


def gaps(bought):
    """Days between purchases."""
    return [(b - a) / DAY for a, b in pairwise(bought)]


TAG_RULES = {
    # also said once more
    "Men's clothing": lambda c, _bought, _end: c.bought_mens,
    "Women's clothing": lambda c, _bought, _end: c.bought_womens,
    "Buys online": lambda c, _bought, _end: c.bought_by != "phone",
    "Buys for much": lambda c, _bought, _end: c.is_loyal,
    "Orders often": lambda _c, bought, _end: (
        len(bought) > 1 and mean(gaps(bought)) <= demo_signals.OFTEN
    ),
    "Orders regularly": lambda _c, bought, _end: (
        len(bought) > 2 and pstdev(gaps(bought)) <= demo_signals.STEADY
    ),
    "Due to order again": lambda _c, bought, end: (
        len(bought) > 2 and 0.8 <= (end - bought[-1]) / DAY / mean(gaps(bought)) <= 2
    ),
    "Has not ordered for long": lambda _c, bought, end: (
        (end - bought[-1]) / DAY >= demo_signals.LONG
    ),
    "New customer": lambda _c, bought, end: (end - bought[0]) / DAY <= demo_signals.NEW,
    "Buys again and again": lambda _c, bought, end: (
        sum((end - b) / DAY < 365 for b in bought) >= demo_signals.MANY
    ),
}
