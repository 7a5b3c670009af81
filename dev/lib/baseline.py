"""What other people's tests gave without this addon, and the comparison with now.

``dev/stock_baseline.json`` holds, per suite, each test with its outcome, and the known
failures: tests that fail without the addon too, each with its reason. A known failure
that passes again must leave the list, unless it is marked as flaky.
"""

import json

from . import browser, paths
from .outcome import Outcome

FILE = paths.DEV / "stock_baseline.json"
PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"


def load():
    """The recorded baseline; empty before the first recording."""
    if not FILE.is_file():
        return {"odoo": "", "known_failures": {}, "suites": {}}
    return json.loads(FILE.read_text(encoding="utf-8"))


def save(baseline):
    """Write the baseline, ordered so that a difference can be read."""
    text = json.dumps(baseline, indent=2, sort_keys=True, ensure_ascii=False)
    FILE.write_text(text + "\n", encoding="utf-8")


def record(baseline, suite, results):
    """Take over a suite's outcomes; new failures need a reason from a person."""
    recorded = {name: entry["outcome"] for name, entry in results.items()}
    baseline["suites"][suite] = recorded
    known = baseline["known_failures"]
    for name, outcome in recorded.items():
        if outcome == FAILED:
            known.setdefault(name, {"reason": "TODO: say why", "flaky": False})
        elif not known.get(name, {}).get("flaky"):
            known.pop(name, None)


def regressions(suite_baseline, known, results):
    """The tests that went wrong and should not have."""
    return [
        name
        for name, entry in results.items()
        if entry["outcome"] == FAILED and name not in known
    ] + [name for name in suite_baseline if name not in results]


def compare(title, suite_baseline, known, results, has_browser=None):
    """Judge results against the baseline, test by test."""
    outcome = Outcome(title)
    has_browser = browser.find() is not None if has_browser is None else has_browser
    if not suite_baseline:
        outcome.fail("no baseline: record one with ./dev/test --record-baseline")
    for name in sorted({*suite_baseline, *results}):
        entry = results.get(name, {"outcome": None})
        judge = JUDGES[entry["outcome"]]
        judge(outcome, name, entry, suite_baseline.get(name), known.get(name))
    if not has_browser and outcome.skipped:
        outcome.remarks.append(browser.MISSING)
    return outcome


def _passed(outcome, name, entry, before, known):
    if known and not known["flaky"]:
        outcome.fail(
            f"{name} passes again: take it off the known failures in {FILE.name}"
        )
    else:
        outcome.passed += 1


def _failed(outcome, name, entry, before, known):
    if known:
        outcome.skip(f"known failure {name}: {known['reason']}")
    else:
        outcome.fail(f"{name} ({before or 'new'} before): {entry.get('detail', '')}")


def _skipped(outcome, name, entry, before, known):
    reason = entry.get("detail", "")
    if before == SKIPPED or "hrome" in reason:
        outcome.skip(f"skipped {name}: {reason}")
    else:
        outcome.fail(f"{name} ({before or 'new'} before) is skipped now: {reason}")


def _missing(outcome, name, entry, before, known):
    outcome.fail(f"{name} ({before} before) did not run")


JUDGES = {PASSED: _passed, FAILED: _failed, SKIPPED: _skipped, None: _missing}
