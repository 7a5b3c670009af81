"""Measure the decision with rules of all kinds (runs inside Odoo, after
``bench_decide``).

One rule of each kind, people who share companies and homes, and a ladder that looks at
all that somebody was ever sent; own programs are left out, as they take what they take.
"""

import json
import time
from collections import Counter, defaultdict
from pathlib import Path
from statistics import median
from unittest.mock import patch
from zoneinfo import ZoneInfo

from odoo import fields

from . import bench_by_hand, bench_data
from .bench_decide_addon import Addon, make_strategy

ROUNDS = 5
GUARD = "guard"
ZONES = (
    "Europe/Lisbon",
    "Europe/Vienna",
    "Europe/Berlin",
    "Asia/Tokyo",
    "America/New_York",
)
QUIET_ZONE = ZoneInfo("Asia/Tokyo")
COUNTING = (
    {"rule_type": "adaptive", "min_touches": 1, "max_touches": 4, "email": True},
    {"rule_type": "gap", "window_value": 24, "window_unit": "hour"},
    {
        "max_touches": 8,
        "window_value": 1,
        "window_unit": "month",
        "window_kind": "calendar",
        "email": True,
    },
    {"max_touches": 4, "count_per": "inbox"},
    {"max_touches": 4, "count_per": "company", "count_what": "people"},
    {"max_touches": 6, "count_per": "household"},
)
COST = {"max_cost": 2, "window_value": 30}
BLOCK = {"is_for_a_time": True, "window_value": 30}
STEPS = (
    {"after_touches": 10, "effect": "slow", "window_value": 10},
    {"after_touches": 20, "effect": "pause", "window_value": 21},
    {"after_touches": 60, "effect": "stop"},
)


def measure(env, count):
    """Decide for so many people in turns with SQL written by hand.

    :return: dict of seconds and ratios
    """
    rules, facts = _begin(env)
    addon = Addon(env, rules, count)
    by_hand = ByHand(addon, facts)
    moment = addon.moment
    try:
        with patch.object(fields.Datetime, "now", staticmethod(lambda *_: moment)):
            by_hand.choose_best()
            return _figures(addon, by_hand, _compare(addon, by_hand))
    finally:
        by_hand.close()


def _begin(env):
    """(the rules, what they are about): the strategy, and no other."""
    env.cr.execute("SELECT moment, to_regclass('bench.kinds') FROM bench.facts")
    moment, is_known = env.cr.fetchone()
    facts = {
        "tag": _record(env, "contact.tag", dimension_id=_dimension(env)).id,
        "campaign": _record(env, "utm.campaign", key="title").id,
        "quiet": moment.replace(tzinfo=ZoneInfo("UTC")).astimezone(QUIET_ZONE).hour,
    }
    env.cr.commit()
    if not is_known:
        env.cr.execute(bench_data.sql("kinds"), facts)
        env.cr.commit()
    rules = make_strategy(env, {GUARD: {"is_guard": True}}, _rules(env, facts))
    return rules, facts


def _record(env, model, key="name", **values):
    name = "Benchmark of kinds"
    Model = env[model]
    return Model.search([(key, "=", name)], limit=1) or Model.create(
        {key: name, **values}
    )


def _dimension(env):
    return _record(
        env, "contact.tag.dimension", code="bench_kinds", area="behaviour"
    ).id


def _rules(env, facts):
    """In the order of the bits in ``bench_sql``."""
    currency = env["contact.channel"].search([("code", "=", "email")]).currency_id
    by_fact = (
        {"rule_type": "cost", "currency_id": currency.id, **COST},
        {
            "rule_type": "quiet",
            "quiet_from": facts["quiet"],
            "quiet_to": (facts["quiet"] + 1) % 24,
        },
        {"rule_type": "block", "tag_ids": [facts["tag"]], **BLOCK},
        {"rule_type": "holdout", "holdout_share": 5},
        {
            "rule_type": "sunset",
            "step_ids": [(0, 0, step) for step in STEPS],
            "email": True,
        },
        {
            "rule_type": "apart",
            "other_campaign_ids": [facts["campaign"]],
            "window_value": 3,
        },
    )
    return [(GUARD, values) for values in (*COUNTING, *by_fact)]


class ByHand(bench_by_hand.ByHand):
    """The same questions in SQL for this strategy alone."""

    FORMS = bench_by_hand.forms(
        ("lateral", "decide_kinds_lateral", None),
        ("grouped", "decide_kinds_grouped", None),
    )

    def __init__(self, addon, facts):
        super().__init__(addon)
        addon.env.cr.execute(
            "SELECT array_agg(id) FROM mailing_mailing WHERE campaign_id = %s",
            [facts["campaign"]],
        )
        (mailings,) = addon.env.cr.fetchone()
        self.values |= facts | {"zones": list(ZONES), "mailings": mailings}


def _compare(addon, by_hand):
    """Decide in turns; all must say the same."""
    times = defaultdict(list)
    for turn in range(ROUNDS + 1):
        for key, step in (("sql_s", by_hand.decide), ("decide_s", addon.decide)):
            start = time.perf_counter()
            step()
            if turn:  # the first one only warms up
                times[key].append(time.perf_counter() - start)
        differing = by_hand.differing(addon.refused)
        assert not differing, _explain(addon, by_hand, differing)
    return times


def _explain(addon, by_hand, differing):
    """Which rules the two do not agree about."""
    wrong = Counter(
        rule
        for res_id in differing
        for rule in set(addon.refused.get(res_id, ()))
        ^ by_hand.refused.get(res_id, set())
    )
    sentences = {rule.id: rule.sentence for rule in addon.rules}
    found = {sentences[rule]: count for rule, count in wrong.items()}
    return f"{len(differing)} differ from SQL, such as {min(differing)}: {found}"


def _figures(addon, by_hand, times):
    pairs = zip(times["decide_s"], times["sql_s"], strict=True)
    by_rule = Counter(rule for rules in addon.refused.values() for rule in rules)
    return {
        "decide_s": median(times["decide_s"]),
        "sql_s": median(times["sql_s"]),
        "decide_ratio": median(addon_s / sql_s for addon_s, sql_s in pairs),
        "form": by_hand.form,
        "times": dict(times),
        "refused": len(by_hand.refused),
        "by_rule": {rule.sentence: by_rule[rule.id] for rule in addon.rules},
    }


def main(env, target, *counts):
    """Write the figures, in seconds, as JSON to ``target``."""
    sizes = {count: measure(env, int(count)) for count in counts}
    Path(target).write_text(json.dumps(sizes), encoding="utf-8")
