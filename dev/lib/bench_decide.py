"""Measure the decision (runs inside Odoo, see ``bench_script.py``).

All ways to decide are measured in turns, several rounds on the same data, and must
agree about who is refused by which rule.
"""

import json
import time
from collections import defaultdict
from pathlib import Path
from statistics import median
from unittest.mock import patch

from odoo import fields

from . import bench_decide_addon, bench_decide_sql
from .bench_memory import forget_peak, peak_mb

ROUNDS = 5
SAMPLE = 1000


def main(env, target, recipients):
    """Write the figures, in seconds, as JSON to ``target``."""
    env.cr.execute("SELECT moment, partner, contacts, touches FROM bench.facts")
    moment, partner, contacts, touches = env.cr.fetchone()
    addon = bench_decide_addon.Addon(env, moment, partner, int(recipients or contacts))
    by_hand = bench_decide_sql.ByHand(addon)
    try:
        # The ledger's last day stays "today": the gate itself asks for the time.
        with patch.object(fields.Datetime, "now", staticmethod(lambda *_args: moment)):
            times = _measure(addon, by_hand)
    finally:
        addon.clean()
        by_hand.close()
    figures = {name: median(seconds) for name, seconds in times.items()}
    figures["naive_s"] = sum(times["naive_s"]) * addon.count / by_hand.sampled
    figures |= {
        "contacts": contacts,
        "touches": touches,
        "peak_mb": addon.peak_mb,
        "recipients": addon.count,
        "refused": sum(map(bool, addon.refused.values())),
        "sampled": by_hand.sampled,
        "times": times,
    }
    Path(target).write_text(json.dumps(figures), encoding="utf-8")


def _measure(addon, by_hand):
    """{key: seconds of each round}; the first round only warms up."""
    by_hand.choose_best()
    size = -(-SAMPLE // ROUNDS)
    steps = {
        "floor_s": by_hand.floor,
        "sql_s": by_hand.decide,
        "decide_s": addon.decide,
        "scan_s": by_hand.scan,
        "stock_recipients_s": addon.stock_recipients,
        "reserve_sql_s": by_hand.reserve,
        "reserve_s": addon.reserve,
    }
    times = defaultdict(list)
    for turn in range(ROUNDS + 1):
        for key, step in steps.items():
            forget_peak()
            times[key].append(_timed(step))
            if key in ("decide_s", "reserve_s"):
                addon.peak_mb = max(addon.peak_mb, peak_mb())
            _check(addon, by_hand, key)
            addon.clean()
        if turn:
            part = slice((turn - 1) * size, turn * size)
            times["naive_s"].append(_timed(lambda part=part: by_hand.naive(part)))
    for key in steps:
        del times[key][0]
    return times


def _timed(step):
    start = time.perf_counter()
    step()
    return time.perf_counter() - start


def _check(addon, by_hand, key):
    """Everybody must give the same answer about the same people."""
    if key == "decide_s":
        differing = {
            res_id
            for res_id in addon.res_ids
            if addon.refused.get(res_id, set()) != by_hand.refused.get(res_id, set())
        }
        assert not differing, f"{len(differing)} differ from SQL: {min(differing)}"
    elif key in ("reserve_s", "reserve_sql_s"):
        booked, held = addon.written()
        refused = sum(map(bool, by_hand.refused.values()))
        assert held == refused, f"{key}: {held} held back, not {refused}"
        allowed = addon.count - refused
        assert booked == allowed, f"{key}: {booked} reserved, not {allowed}"
