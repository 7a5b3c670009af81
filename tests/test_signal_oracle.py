import random
from datetime import datetime, timedelta

from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from odoo.tests import tagged

from . import signal_oracle
from .common import DAY, SECOND
from .signal_common import OLD, SignalCase
from .signal_oracle import Fact, Rule

ANCHORS = (
    datetime(2026, 3, 31, 9),
    datetime(2026, 3, 1),
    datetime(2024, 2, 29, 22),
    datetime(2026, 5, 12, 9),
    datetime(2026, 12, 31, 23, 59, 59),
)
AGGREGATES = (
    *("count", "count", "sum", "average", "distinct", "latest", "earliest", "next"),
    *("gap_mean", "gap_spread", "cycle"),
)
PEOPLE = 5
HYPOTHESIS = settings(
    deadline=None, database=None, suppress_health_check=list(HealthCheck)
)


@tagged("post_install", "-at_install")
class TestSignalOracle(SignalCase):
    """Random records, signals and moments: the answer is as by hand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["contact.touch"].search([]).unlink()
        cls.people = [cls._create_person(f"p{index}") for index in range(PEOPLE)]

    def _random_signal(self, rnd, number):
        aggregate = rnd.choice(AGGREGATES)
        comparison = rnd.choice((">=", ">=", ">", "<=", "<", "between"))
        threshold = {
            "count": (1, 2, 3),
            "sum": (0, 10, 20.5, 31),
            "average": (0, 5, 10.25),
            "distinct": (1, 2),
            "gap_mean": (0, 1, 7, 12.5),
            "gap_spread": (0, 1, 3),
            "cycle": (0.5, 0.8, 1, 2),
        }.get(aggregate, (0, 1, 7, 30, 31))
        first, second = sorted(rnd.sample(threshold, 2))
        window = rnd.choice((0, 0, 1, 7, 30, 2))
        unit = "month" if window == 2 else rnd.choice(("day", "day", "week"))
        needs_value = aggregate in ("sum", "average", "distinct")
        needs_fit = rnd.random() < 0.3
        signal = self._create_signal(
            name=f"Signal {number}",
            aggregate=aggregate,
            value_path="cost" if needs_value else False,
            comparison=comparison,
            threshold=first,
            threshold_to=second,
            window_value=window,
            window_unit=unit,
            domain="[('note', '=', 'fits')]" if needs_fit else "[]",
        )
        rule = Rule(
            aggregate,
            comparison,
            first,
            second,
            self._window(window, unit),
            needs_fit,
        )
        return signal, rule

    def _random_date(self, rnd, now):
        """Often at the very edge of some window."""
        shift = rnd.choice((0, 1, 7, 14, 28, 29, 30, 31, 59, 61, 90)) * DAY
        jitter = rnd.choice((0, 0, 1, -1)) * SECOND
        if rnd.random() < 0.4:
            jitter += timedelta(seconds=rnd.randint(-20 * 86400, 20 * 86400))
        return now + rnd.choice((-1, -1, -1, 1)) * shift + jitter

    def _random_fact(self, rnd, now):
        return Fact(
            rnd.choice(self.people).id,
            self._random_date(rnd, now),
            rnd.choice((0, 5, 10.25, 10.25, 20.5)),
            rnd.random() < 0.6,
        )

    def _expected(self, pairs, now):
        facts = self._facts()
        seeds = {person.id for person in self.people if person.is_seed}
        expected = {}
        for signal, rule in pairs:
            for person, found in signal_oracle.answer(rule, facts, now).items():
                if person not in seeds:
                    number = found.number
                    if rule.aggregate == "cycle":
                        span = (found.last - found.first).total_seconds()
                        number = span / 86400 / (found.count - 1)
                    elif rule.aggregate in ("latest", "earliest", "next"):
                        number = 0
                    expected[signal.id, person] = (
                        round(number, 6),
                        found.count,
                        found.first,
                        found.last,
                    )
        return expected

    def _compare(self, signals, pairs, now):
        hits = self._hits(signals)
        expected = self._expected(pairs, now)
        self.assertEqual(hits.keys(), expected.keys(), f"{pairs} at {now}")
        for key, (value, *others) in expected.items():
            self.assertAlmostEqual(hits[key][0], value, 4, f"{key} {pairs}")
            self.assertEqual(list(hits[key][1:]), others, f"{key} {pairs}")

    def _start(self, rnd):
        now = rnd.choice(ANCHORS) + timedelta(seconds=rnd.randint(0, 86400))
        facts = [self._random_fact(rnd, now) for _index in range(rnd.randint(0, 40))]
        self._write_facts(facts)
        pairs = [self._random_signal(rnd, number) for number in range(6)]
        signals = self.env["contact.signal"].union(*(signal for signal, _r in pairs))
        return now, pairs, signals

    @seed(19)
    @settings(HYPOTHESIS, max_examples=60)
    @given(st.integers(0, 2**32))
    def test_as_the_oracle_says(self, number):
        rnd = random.Random(number)
        with self.env.cr.savepoint() as savepoint:
            now, pairs, signals = self._start(rnd)
            rnd.choice(self.people).is_seed = rnd.random() < 0.3
            signals._evaluate(now=now, full=True)
            self._compare(signals, pairs, now)
            savepoint.rollback()
        self.env.invalidate_all()

    @seed(19)
    @settings(HYPOTHESIS, max_examples=60)
    @given(st.integers(0, 2**32))
    def test_what_happened_since_is_enough(self, number):
        """After any edits and any time looking at whom something happened to gives
        what looking at everybody gives."""
        rnd = random.Random(number)
        with self.env.cr.savepoint() as savepoint:
            now, pairs, signals = self._start(rnd)
            self.env.cr.execute("UPDATE contact_profile SET is_signal_due = NULL")
            signals._evaluate(now=now)
            self._compare(signals, pairs, now)
            for _step in range(3):
                now += rnd.choice((SECOND, DAY / 24, DAY, 7 * DAY, 31 * DAY))
                self._edit(rnd, now)
                signals._evaluate(now=now)
                self._compare(signals, pairs, now)
            savepoint.rollback()
        self.env.invalidate_all()

    def _edit(self, rnd, now):
        """New records and changed ones, written a little before."""
        written = now - rnd.choice((SECOND, DAY / 48))
        for _index in range(rnd.randint(0, 3)):
            self._write_facts([self._random_fact(rnd, now)], written)
        touches = self.env["contact.touch"].search([])
        for touch in touches.browse(rnd.sample(touches.ids, min(2, len(touches)))):
            touch.write(
                rnd.choice(
                    (
                        {"date": self._random_date(rnd, now)},
                        {"cost": rnd.choice((0, 5, 30))},
                        {"note": rnd.choice(("fits", False))},
                    )
                )
            )
            self._date_writing(touch, written)
        if rnd.random() < 0.2:
            person = rnd.choice(self.people)
            person.is_seed = not person.is_seed

    def test_old_records_stay_old(self):
        """The test above would say nothing if all records counted as new."""
        self._write_facts([Fact(self.people[0].id, OLD)])
        signal = self._create_signal()
        signal._evaluate(now=OLD + DAY)
        self.env["contact.signal.hit"].search([]).unlink()
        self.env.cr.execute("UPDATE contact_profile SET is_signal_due = NULL")
        signal._evaluate(now=OLD + 2 * DAY)
        self.assertFalse(signal.hit_ids)
        signal._evaluate(now=OLD + 2 * DAY, full=True)
        self.assertEqual(signal.hit_ids.profile_id, self.people[0])
