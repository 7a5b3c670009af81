"""Measure signals (runs inside Odoo, see ``bench_script.py``).

Ten signals about the ledger are asked for everybody, and again after one fact in a
hundred is new: each about another person, and once more spread as the facts are, most
of them about those who have most. Beside it PostgreSQL reads and groups the same rows
once. All is done in turns on the same data and undone; the second answer must be that
of a full run.
"""

import contextlib
import json
import time
from collections import defaultdict
from datetime import timedelta
from pathlib import Path
from statistics import median
from unittest.mock import patch

import psycopg2

ROUNDS = 3
SETTINGS = "SET LOCAL jit = off; SET LOCAL work_mem = '256MB'"
# Few of many people, as signals are meant: most say something about one in twenty.
SIGNALS = (
    {"threshold": 30, "window_value": 30},
    {"threshold": 40, "window_value": 3, "window_unit": "month"},
    {"domain": "[('opened', '=', True)]", "threshold": 10, "window_value": 90},
    {"domain": "[('clicked', '=', True)]", "threshold": 3, "window_value": 30},
    {"domain": "[('clicked', '=', True)]", "threshold": 8},
    {"aggregate": "sum", "value_path": "cost", "threshold": 5, "window_value": 365},
    {"aggregate": "average", "value_path": "cost", "comparison": ">", "threshold": 0.5},
    {"aggregate": "latest", "threshold": 300},
    {"aggregate": "earliest", "comparison": "<=", "threshold": 30},
    {"aggregate": "gap_mean", "comparison": "<=", "threshold": 3, "window_value": 180},
)
ENGAGEMENT = (2, 3)
"""These also weigh each fact by its age; the others are for personas."""
SQL = """
    SELECT count(*), sum(touches), sum(cost), min(earliest), max(latest)
      FROM (
             SELECT profile_id, count(*) AS touches, sum(cost) AS cost,
                    min(date) AS earliest, max(date) AS latest
               FROM contact_touch
              GROUP BY profile_id
             OFFSET 0
           ) person
"""
"""All that was grouped is asked for: the rest PostgreSQL would not work out."""
LAST_SQL = """
    SELECT count(*), sum(touches), max(latest)
      FROM (
             SELECT profile_id, count(*) AS touches, max(date) AS latest
               FROM contact_touch
              GROUP BY profile_id
             OFFSET 0
           ) person
"""
"""The least that can be called grouping: the number and the last."""
PLANS = (
    "SET LOCAL enable_hashagg = on",
    "SET LOCAL max_parallel_workers_per_gather = 0",
    "SET LOCAL max_parallel_workers_per_gather = 0; SET LOCAL enable_hashagg = off",
)
"""As PostgreSQL would, by one process, and sorted: the fastest (median) counts."""
NEW = """
    INSERT INTO contact_touch (
           profile_id, address, channel_id, category_id, counts, date, state, cost,
           opened, clicked, company_id, create_uid, create_date, write_uid, write_date)
    SELECT person.id, old.address, old.channel_id, old.category_id, old.counts,
           %(moment)s - make_interval(secs => (old.id %% 3000)::int), 'sent', old.cost,
           old.opened, old.clicked, old.company_id, 1, %(moment)s, 1, %(moment)s
"""
EACH = f"""{NEW}
      FROM (
             SELECT id,
                    row_number() OVER (ORDER BY hashint4extended(id, 7)) AS number
               FROM contact_profile
           ) person
      JOIN (
             SELECT *, row_number() OVER () AS number
               FROM contact_touch WHERE id %% 100 = 3
           ) old ON old.number = person.number
"""
"""Each about another person, as a mailing: one person in ten."""
ALIKE = f"""{NEW}
      FROM contact_touch old
      JOIN contact_profile person ON person.id = old.profile_id
     WHERE old.id %% 100 = 3
"""
"""Spread as all facts are: fewer people, but those who have most."""
DELTAS = {"delta": EACH, "alike": ALIKE}


def main(env, target):
    """Write the figures, in seconds, as JSON to ``target``."""
    env.cr.execute("SELECT moment, contacts, touches FROM bench.facts")
    moment, contacts, facts = env.cr.fetchone()
    times, found = defaultdict(list), {}
    # There before the evaluation, as signals are: each hit locks its signal, which is
    # slow for a row of the same transaction.
    signals = _make_signals(env)
    # These people were looked at before: whoever is new is due.
    env.cr.execute(
        "UPDATE contact_profile SET is_signal_due = NULL WHERE is_signal_due"
    )
    env.cr.commit()
    try:
        for turn in range(ROUNDS + 1):
            found = _turn(env, signals, moment, times)
            _put_in_order(env)
            if not turn:
                times.clear()
    finally:
        personas = signals.persona_id
        signals.unlink()
        personas.unlink()
        env.cr.commit()
    for name in ("sql_s", "last_sql_s"):
        _keep_fastest(times, name)
    figures = {name: median(seconds) for name, seconds in times.items()}
    figures |= found | {"contacts": contacts, "facts": facts, "times": dict(times)}
    for ratio, over, under in (
        ("full_ratio", "full_s", "sql_s"),
        ("last_ratio", "full_s", "last_sql_s"),
        ("delta_ratio", "delta_s", "full_s"),
        ("alike_ratio", "alike_s", "full_s"),
    ):
        pairs = zip(times[over], times[under], strict=True)
        figures[ratio] = median(a / b for a, b in pairs)
    Path(target).write_text(json.dumps(figures), encoding="utf-8")


def _turn(env, signals, moment, times):
    """One turn of all steps, undone at its end."""
    later = moment + timedelta(hours=1)
    try:
        env.cr.execute(SETTINGS)
        _measure_plans(env.cr, times, "sql_s", SQL)
        _measure_plans(env.cr, times, "last_sql_s", LAST_SQL)
        _evaluate(signals, times, "full", moment, full=True)
        found = {"hits": _hits(env)[0]}
        for name, statement in DELTAS.items():
            with env.cr.savepoint(flush=False) as savepoint:
                found |= _again(env, signals, later, times, name, statement)
                savepoint.rollback()
            env.invalidate_all(flush=False)
        return found
    finally:
        env.cr.rollback()
        env.invalidate_all(flush=False)


def _again(env, signals, later, times, name, statement):
    """New facts, and whom something happened to: as a full run says."""
    before = _hits(env)
    env.cr.execute(statement, {"moment": later})
    new = env.cr.rowcount
    _evaluate(signals, times, name, later)
    answer = _hits(env)
    signals._evaluate(later, full=True)
    failed = signals.filtered("error")
    assert not failed, f"failed: {failed.mapped('error')}"
    assert answer == _hits(env), "what happened since was not enough"
    assert before[0] and before != answer, "nothing was found"
    return {"new_facts": new, "hits_then": answer[0]}


def _measure_plans(cr, times, name, query):
    for number, plan in enumerate(PLANS):
        with cr.savepoint(flush=False) as savepoint:
            cr.execute(plan)
            times[f"{name}_{number}"].append(_timed(lambda: cr.execute(query)))
            savepoint.rollback()


def _keep_fastest(times, name):
    plans = [times.pop(f"{name}_{number}") for number in range(len(PLANS))]
    times[name] = min(plans, key=median)


def _put_in_order(env):
    """New facts that were undone lie in the ledger and its indexes until it is swept:
    no run of signals finds them where the database sweeps by itself."""
    with contextlib.closing(psycopg2.connect(dbname=env.cr.dbname)) as link:
        link.autocommit = True
        link.cursor().execute("VACUUM contact_touch")


def _evaluate(signals, times, name, *args, **kwargs):
    """Measure asking the signals, and apart from it what is concluded from their
    answers: personas, and the engagement, are written to the profiles."""
    Signal, concluding = type(signals), []
    after = Signal._after_hits

    def timed_after(self, profile_ids):
        concluding.append(_timed(lambda: after(self, profile_ids)))

    with patch.object(Signal, "_after_hits", timed_after):
        seconds = _timed(lambda: signals._evaluate(*args, **kwargs))
    times[f"{name}_s"].append(seconds - sum(concluding))
    times[f"{name}_conclude_s"].append(sum(concluding))


def _make_signals(env):
    Signal = env["contact.signal"]
    Signal.search([]).write({"active": False})
    persona = env["contact.persona"].create({"name": "Bench"})
    signals = Signal.create(
        [
            {
                "name": f"Bench {number}",
                "active": True,
                "model_id": env["ir.model"]._get_id("contact.touch"),
                "person_path": "profile_id",
                "date_path": "date",
                "effect": "engagement" if number in ENGAGEMENT else "persona",
                "persona_id": persona.id,
                **values,
            }
            for number, values in enumerate(SIGNALS)
        ]
    )
    env.flush_all()
    return signals


def _hits(env):
    """How many, and a sum over all that they say."""
    env.flush_all()
    env.cr.execute(
        "SELECT count(*), sum(hashtextextended(concat_ws('|', signal_id, profile_id,"
        " fact_count, first_date, last_date), 0)) FROM contact_signal_hit"
    )
    return env.cr.fetchone()


def _timed(step):
    start = time.perf_counter()
    step()
    return time.perf_counter() - start
