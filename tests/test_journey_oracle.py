from dataclasses import dataclass
from datetime import datetime

from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from odoo.tests import tagged

from .common import DAY, NOW
from .journey_common import REASON, JourneyCase

NAMES = ("a", "b", "c", "d", "e")


@dataclass(frozen=True)
class Stage:
    """A stage, at its place in the order."""

    is_gate: bool
    is_way_back: bool
    is_detour: bool


@dataclass(frozen=True)
class Grant:
    """A stage that is open to the person; without ``news``: by its domain."""

    place: int
    news: datetime | None


stages = st.lists(
    st.builds(
        Stage, st.integers(0, 4).map(lambda n: not n), st.booleans(), st.booleans()
    ),
    min_size=len(NAMES),
    max_size=len(NAMES),
)
days = st.integers(-6, 0).map(lambda number: NOW + number * DAY)
grants = st.lists(
    st.builds(Grant, st.integers(0, len(NAMES) - 1), st.none() | days), max_size=5
)


def destination(order, place, since, came_back_from, given_grants):
    """Where the rules lead somebody: the place of a stage, or None.

    :param came_back_from: the place that somebody moved the person back from last
    """
    ahead = []
    for grant in given_grants:
        if grant.place <= place:
            continue
        if any(stage.is_gate for stage in order[place : grant.place]):
            continue
        if came_back_from is not None:
            if grant.news is None and grant.place <= came_back_from:
                continue
            if grant.news is not None and grant.news <= since:
                continue
        ahead.append(grant.place)
    if ahead:
        return max(ahead)
    if not order[place].is_detour or any(g.place == place for g in given_grants):
        return None
    back = [
        grant.place
        for grant in given_grants
        if grant.place < place
        and order[grant.place].is_way_back
        and grant.news is not None
        and grant.news > since
    ]
    return max(back, default=None)


@tagged("post_install", "-at_install")
class TestJourneyOracle(JourneyCase):
    """Random stages, people and rules: everybody goes where the oracle says."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls.Stage.create(
            [
                {"name": name, "sequence": index - 1000}
                for index, name in enumerate(NAMES)
            ]
        )
        cls.signals = [cls._create_signal(stage) for stage in cls.order]
        cls.person = cls._create_person("oracle")

    @seed(4)
    @settings(
        max_examples=150,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(
        order=stages,
        place=st.integers(0, len(NAMES) - 1),
        since=days,
        came_from=st.none() | st.integers(0, len(NAMES) - 1),
        given_grants=grants,
    )
    def test_destination(self, order, place, since, came_from, given_grants):
        by_place = {grant.place: grant for grant in given_grants}
        dated = [grant for grant in given_grants if grant.news]
        # one signal for each stage: its last word counts
        newest = {grant.place: grant for grant in sorted(dated, key=lambda g: g.news)}
        open_to = [*newest.values()]
        open_to += [grant for grant in by_place.values() if not grant.news]
        came_from = came_from if came_from is not None and came_from > place else None
        with self.cr.savepoint() as savepoint:
            self._arrange(order, place, since, came_from, newest, open_to)
            moves = self.env["contact.profile"]._advance(self.person.ids)
            reached = list(self.order).index(self.person.journey_stage_id)
            again = self.env["contact.profile"]._advance(self.person.ids)
            savepoint.rollback()
        self.env.invalidate_all()
        expected = destination(order, place, since, came_from, open_to)
        self.assertEqual(reached, place if expected is None else expected)
        self.assertEqual(len(moves), expected is not None)
        # Where they lead is where one stays: else people go to and fro each night.
        self.assertFalse(again)

    def _arrange(self, order, place, since, came_from, newest, open_to):
        for stage, planned in zip(self.order, order, strict=True):
            stage.write(
                {
                    "kind": "gate" if planned.is_gate else "inventory",
                    "is_way_back": planned.is_way_back,
                    "is_detour": planned.is_detour,
                    "is_automatic": False,
                    "domain": f"[('id', '=', {self.person.id})]",
                }
            )
        person = self.person
        if came_from is None:
            person._enter_stage(self.order[place], {person.id: since})
        else:
            person._enter_stage(self.order[came_from], {person.id: since})
            self.order[place].is_way_back = True
            person._move_to_stage(self.order[place], reason=REASON, date=since)
            self.order[place].is_way_back = order[place].is_way_back
        for grant in open_to:
            if grant.news:
                self._create_hit(self.signals[grant.place], person, grant.news)
            else:
                self.order[grant.place].is_automatic = True
