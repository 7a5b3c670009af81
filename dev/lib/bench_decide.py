"""Measure the decision (runs inside Odoo, see ``bench_script.py``).

All ways to decide are measured in turns, several rounds on the same data, and must
agree about who is refused by which rule; and what is written must be the same, too.
"""

import contextlib
import json
import time
from collections import defaultdict
from pathlib import Path
from statistics import median
from unittest.mock import patch

import psycopg2

from odoo import SUPERUSER_ID, api, fields
from odoo.modules.registry import Registry

from . import bench_decide_sql, bench_screens_data
from .bench_decide_addon import SUBJECT, Addon, clean, make_rules
from .bench_memory import forget_peak, peak_mb

ROUNDS, LARGE_ROUNDS, LARGE = 5, 3, 500_000
WRITES = ("reserve_sql_s", "reserve_s", "half_reserve_s")


def main(env, target, thin, *counts):
    """Write the figures, in seconds, as JSON to ``target``.

    :param thin: name of a database with a tenth of the history, or nothing
    :param counts: numbers of recipients
    """
    env.cr.execute("SELECT contacts, touches FROM bench.facts")
    contacts, touches = env.cr.fetchone()
    counts = sorted(map(int, counts))
    rules = _begin(env)
    with _other(thin) as thin_env:
        thin_rules = thin_env and _begin(thin_env)
        sizes = {}
        for count in counts:
            if sizes:
                _forget_dead_rows(env)
            sizes[count] = Size(
                Addon(env, rules, count),
                Addon(env, rules, count // 2) if count > 1 else None,
                thin_env and Addon(thin_env, thin_rules, count),
                is_last=count == counts[-1],
            ).figures()
    figures = sizes[counts[-1]] | {
        "contacts": contacts,
        "touches": touches,
        "sizes": sizes,
        "bytes_per_touch": _bytes_per_touch(env),
        "peak_mb": max(size["peak_mb"] for size in sizes.values()),
    }
    Path(target).write_text(json.dumps(figures), encoding="utf-8")


def _begin(env):
    """Forget the run before this one, and make the strategy."""
    mailings = env["mailing.mailing"].search([("subject", "=", SUBJECT)])
    if mailings:
        clean(env, mailings)
        env.cr.rollback()  # to see what another connection has cleaned
        mailings.unlink()
    return make_rules(env)


def _forget_dead_rows(env):
    """What was reserved and taken back is in the way of the next size: where nobody
    measures, the database itself puts that in order."""
    with contextlib.closing(psycopg2.connect(dbname=env.cr.dbname)) as link:
        link.autocommit = True
        link.cursor().execute("VACUUM contact_touch")


class _other:
    """Another database in the same process: so both can be measured in turns."""

    def __init__(self, name):
        self.cursor = name and Registry(name).cursor()

    def __enter__(self):
        return self.cursor and api.Environment(self.cursor, SUPERUSER_ID, {})

    def __exit__(self, *_error):
        if self.cursor:
            self.cursor.close()


def _bytes_per_touch(env):
    """What a touch takes: in the table, and in its indexes."""
    env.cr.execute(
        "SELECT pg_table_size('contact_touch')::float / count(*),"
        " pg_indexes_size('contact_touch')::float / count(*) FROM contact_touch"
    )
    table, indexes = env.cr.fetchone()
    return {"table": round(table), "indexes": round(indexes)}


class Size:
    """The measurements for one number of recipients.

    :param addon: a mailing to that many people
    :param half: one to half of them
    :param thin: one to as many, in the database with less history
    :param bool is_last: leave what the last step wrote, for the screens
    """

    def __init__(self, addon, half, thin, is_last):
        self.addon, self.half, self.thin = addon, half, thin
        self.is_last = is_last
        self.by_hand = bench_decide_sql.ByHand(addon)
        self.rounds = LARGE_ROUNDS if addon.count >= LARGE else ROUNDS
        self.times = defaultdict(list)
        self.by_hand_wrote = None

    def figures(self):
        """{key: median seconds} and ratios."""
        try:
            # The ledger's last day stays "today": the gate itself asks for the time.
            moment = self.addon.moment
            with patch.object(fields.Datetime, "now", staticmethod(lambda *_: moment)):
                forms = self.by_hand.choose_best()
                self._measure()
                if self.is_last:
                    bench_screens_data.prepare(self.addon)
        finally:
            self.by_hand.close()
        found = {name: median(seconds) for name, seconds in self.times.items()}
        found["naive_s"] = (
            sum(self.times["naive_s"]) * self.addon.count / self.by_hand.sampled
        )
        return found | {
            "recipients": self.addon.count,
            "refused": sum(map(bool, self.addon.refused.values())),
            "sampled": self.by_hand.sampled,
            "peak_mb": self.addon.peak_mb,
            "form": self.by_hand.form,
            "forms": forms,
            "times": dict(self.times),
            **self._ratios(found),
        }

    def _ratios(self, found):
        """Medians of the ratios within each round."""
        times = self.times
        pairs = {
            "decide_ratio": ("decide_s", "sql_s", 1),
            "explain_ratio": ("explain_s", "explain_sql_s", 1),
            "reserve_ratio": ("reserve_s", "reserve_sql_s", 1),
            "linear": ("decide_s", "half_decide_s", 2),
            "linear_reserve": ("reserve_s", "half_reserve_s", 2),
            "history": ("decide_s", "thin_decide_s", 1),
        }
        ratios = {
            key: median(
                a / b / times_as_large
                for a, b in zip(times[over], times[under], strict=True)
            )
            for key, (over, under, times_as_large) in pairs.items()
            if over in times and under in times
        }
        return ratios | {"naive_ratio": found["naive_s"] / found["decide_s"]}

    def _reads(self):
        steps = {
            "floor_s": self.by_hand.floor,
            "sql_s": self.by_hand.decide,
            "decide_s": self.addon.decide,
            "explain_sql_s": self.by_hand.explain,
            "explain_s": self.addon.explain,
            "scan_s": self.by_hand.scan,
            "stock_recipients_s": self.addon.stock_recipients,
        }
        if self.half:
            steps["half_decide_s"] = self.half.decide
        if self.thin:
            steps["thin_decide_s"] = self.thin.decide
        return steps

    def _writes(self):
        steps = {
            "reserve_sql_s": self.by_hand.reserve,
            "reserve_s": self.addon.reserve,
        }
        if self.half and self.addon.count < LARGE:
            steps = {"half_reserve_s": self.half.reserve} | steps
        return steps

    def _measure(self):
        """Fill ``times``. What is reserved and taken back leaves dead rows behind: all
        that only reads is measured before.
        """
        self._in_turns(self._reads())
        part = -(-bench_decide_sql.SAMPLE // self.rounds)
        for turn in range(self.rounds):
            sample = slice(turn * part, (turn + 1) * part)
            seconds = _timed(lambda sample=sample: self.by_hand.naive(sample))
            self.times["naive_s"].append(seconds)
        self._in_turns(self._writes())

    def _in_turns(self, steps):
        """A first round only warms up, what writes much is left out of it."""
        for turn in range(self.rounds + 1):
            for key, step in steps.items():
                if turn or key not in WRITES or self.addon.count < LARGE:
                    is_end = self.is_last and turn == self.rounds and key == "reserve_s"
                    self._step(key, step, keep=is_end)
            if not turn:
                for key in steps:
                    self.times.pop(key, None)

    def _step(self, key, step, keep):
        forget_peak()
        self.times[key].append(_timed(step))
        if key in ("decide_s", "reserve_s"):
            self.addon.peak_mb = max(self.addon.peak_mb, peak_mb())
        self._check(key)
        if key in WRITES and not keep:
            (self.half if key == "half_reserve_s" else self.addon).clean()

    def _check(self, key):
        """Everybody must give the same answer about the same people."""
        addon, by_hand = self.addon, self.by_hand
        if key == "decide_s":
            differing = by_hand.differing(addon.refused)
            assert not differing, f"{len(differing)} differ from SQL: {min(differing)}"
        elif key == "reserve_sql_s":
            self.by_hand_wrote = booked, held, *_contents = addon.written()
            assert held == len(by_hand.refused), f"{key}: {held} held back"
            assert booked == addon.count - held, f"{key}: {booked} reserved"
        elif key == "reserve_s":
            found = zip(
                ("number of touches", "number of holds", "touches", "holds"),
                self.by_hand_wrote,
                addon.written(),
                strict=True,
            )
            wrong = [what for what, by_hand, gate in found if by_hand != gate]
            assert not wrong, f"the gate and SQL wrote different {', '.join(wrong)}"
        elif key == "thin_decide_s":
            count = sum(map(bool, self.thin.refused.values()))
            assert count == len(by_hand.refused), f"with less history {count} refused"


def _timed(step):
    start = time.perf_counter()
    step()
    return time.perf_counter() - start
