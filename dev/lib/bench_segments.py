"""Measure a segment (runs inside Odoo, see ``bench_script.py``).

Five conditions (a persona, two tags, a behaviour within 180 days, and not a third tag)
and the first N by engagement, beside the best hand-written SQL for the same question.
Then the same segment as a refreshed one: one person in a hundred changes, and it is
refreshed in full, and again by looking only at those. All is done in turns on the same
data and undone; ways that disagree are worth nothing.
"""

import json
import time
from collections import defaultdict
from datetime import timedelta
from pathlib import Path
from statistics import median

from odoo.tools import SQL

from . import bench_data

ROUNDS = 3
SETTINGS = "SET LOCAL jit = off; SET LOCAL work_mem = '256MB'"
BY_HAND = ("segments_joined", "segments_narrowed")
SHARE = 200
"""One of so many people is among the first."""


def main(env, target):
    """Write the figures, in seconds, as JSON to ``target``."""
    env.cr.execute("SELECT moment, contacts, touches FROM bench.facts")
    moment, contacts, facts = env.cr.fetchone()
    _know(env)
    _summarize_again(env)
    # What was written until now, be it by an update, is nothing that has changed.
    at = max(moment, env.cr.now().replace(microsecond=0)) + timedelta(hours=2)
    segment = _make_segment(env, limit=contacts // SHARE)
    times, found = defaultdict(list), {}
    try:
        for turn in range(ROUNDS + 1):
            found = _ask(env, segment, at, times)
            if not turn:
                times.clear()
        found |= _refresh(env, segment, at, times)
    finally:
        env.cr.rollback()
        env.invalidate_all(flush=False)
        segment.unlink()
        env.cr.commit()
    figures = {name: median(seconds) for name, seconds in times.items()}
    figures["sql_s"] = min(figures[name] for name in BY_HAND)
    figures["form"] = min(BY_HAND, key=figures.get)
    figures |= found | {"contacts": contacts, "facts": facts, "times": dict(times)}
    figures["segment_ratio"] = figures["segment_s"] / figures["sql_s"]
    figures["delta_ratio"] = figures["refresh_delta_s"] / figures["refresh_full_s"]
    Path(target).write_text(json.dumps(figures), encoding="utf-8")


def _know(env):
    """Tags, once for each database."""
    env.cr.execute("SELECT to_regclass('bench.segments')")
    if env.cr.fetchone()[0]:
        return
    env.cr.execute(bench_data.sql("segments"))
    env.cr.commit()
    env.cr.execute("ANALYZE contact_tag_assignment")
    env.cr.commit()
    env.invalidate_all()


def _summarize_again(env):
    """What was measured before, and undone, still widens the summaries of pages."""
    for table in ("contact_touch", "contact_tag_assignment"):
        env.cr.execute(SQL("REINDEX INDEX %s", SQL.identifier(f"{table}_written_idx")))
    env.cr.commit()


def _tags(env):
    return env["contact.tag"].search(
        [("dimension_id.code", "=", "bench")], order="id", limit=3
    )


def _personas(env):
    return env["contact.persona"].search([], order="id", limit=2)


def _make_segment(env, limit):
    first, second, third = _tags(env)
    lines = [
        {"kind": "persona", "persona_ids": _personas(env).ids},
        {"kind": "tag", "tag_ids": first.ids},
        {"kind": "tag", "tag_ids": second.ids},
        {
            "kind": "behaviour",
            "model_id": env["ir.model"]._get_id("contact.touch"),
            "domain": "[('opened', '=', True)]",
            "person_path": "profile_id",
            "date_path": "date",
            "window_value": 180,
            "threshold": 2,
        },
        {"kind": "tag", "tag_ids": third.ids, "is_negated": True},
    ]
    segment = env["contact.segment"].create(
        {
            "name": "Benchmark",
            "max_members": limit,
            "rank_by": "field",
            "rank_path": "engagement_score",
            "condition_ids": [
                (0, 0, {"sequence": number, **line})
                for number, line in enumerate(lines)
            ],
        }
    )
    env.cr.commit()
    return segment


# ------------------------------------------------------------
# Who is in
# ------------------------------------------------------------


def _ask(env, segment, at, times):
    """The segment and each statement by hand, in turns."""
    people = {}
    values = {
        "moment": at,
        "personas": _personas(env).ids,
        "limit": segment.max_members,
        **dict(zip(("first", "second", "third"), _tags(env).ids, strict=True)),
    }
    env.cr.execute(SETTINGS)
    for name in BY_HAND:
        statement = bench_data.sql(name)

        def by_hand(statement=statement):
            env.cr.execute(statement, values)
            return [row[0] for row in env.cr.fetchall()]

        people[name] = _timed(times, name, by_hand)
    people["segment_s"] = _timed(
        times,
        "segment_s",
        lambda: env["contact.profile"].search(segment._get_domain(at), order="id").ids,
    )
    env.cr.rollback()
    env.invalidate_all(flush=False)
    sets = {name: set(ids) for name, ids in people.items()}
    assert sets["segment_s"], "nobody was found"
    for name in BY_HAND:
        assert sets[name] == sets["segment_s"], f"others were found by {name}"
    return {"people": len(people["segment_s"])}


# ------------------------------------------------------------
# Members
# ------------------------------------------------------------


def _refresh(env, segment, at, times):
    """In full and by what changed, from the same state."""
    start = time.perf_counter()
    segment.kind = "refreshed"
    env.flush_all()
    first = time.perf_counter() - start
    segment._refresh(at, full=True)
    _check(segment)
    env.cr.commit()
    later = at + timedelta(hours=1)
    figures = {"refresh_first_s": first}
    for turn in range(ROUNDS + 1):
        answers = {}
        for name, full in (("refresh_full_s", True), ("refresh_delta_s", False)):
            figures["changed"] = _change(env, at + timedelta(minutes=30))
            start = time.perf_counter()
            segment._refresh(later, full=full)
            taken = time.perf_counter() - start
            _check(segment)
            was_full = segment.full_date == later
            assert was_full == full, "everybody was looked at"
            if turn:  # not the first
                times[name].append(taken)
            answers[name] = _members(env, segment)
            env.cr.rollback()
            env.invalidate_all(flush=False)
        full, delta = answers.values()
        assert full == delta, "what changed was not enough"
    figures["fits"] = len(full)
    return figures


def _change(env, moment):
    tags = _tags(env)
    env.cr.execute(
        bench_data.sql("segments_changed"),
        {
            "moment": moment,
            "persona": _personas(env)[0].id,
            "tags": tags[:2].ids,
        },
    )
    env.cr.execute("SELECT count(*) FROM bench_changed")
    return env.cr.fetchone()[0]


def _check(segment):
    assert not segment.error, f"failed: {segment.error}"


def _members(env, segment):
    env.flush_all()
    env.cr.execute(
        "SELECT profile_id, is_cut, rank_number FROM contact_segment_member"
        " WHERE segment_id = %s AND until IS NULL ORDER BY profile_id",
        [segment.id],
    )
    return env.cr.fetchall()


def _timed(times, name, step):
    start = time.perf_counter()
    answer = step()
    times[name].append(time.perf_counter() - start)
    return answer
