"""The addon's own tests, by pytest-odoo, on a fresh database, in a real browser."""

import re
import xml.etree.ElementTree as ElementTree

from . import browser, console, databases, logwatch, paths, process, server
from .outcome import Outcome

LIMIT = 1500  # seconds; tests under frozen time never time out by themselves
ABSENT = re.compile(r"not installed|not there|absent|is missing")
NO_TESTS = 5  # pytest's exit code


TITLES = {
    "own": "own tests",
    "lean": "own tests with nothing but what the addon depends on",
    "sales": "own tests about purchases, with the app Sales",
}
MODULES = {
    "own": databases.RICH,
    "lean": databases.LEAN,
    "sales": (*databases.LEAN, "sale"),
}
FILES = {
    "sales": (
        "tests/test_persona_card.py",
        "tests/test_rule_cost_orders.py",
        "tests/test_signal_starters.py",
    )
}
"""Variants that are about some of the tests alone."""


def run(env, arguments=(), variant="own"):
    """Run them all, or those that ``arguments`` (paths, pytest's options) choose.

    SMS, CRM, events are used where they are there, and nothing breaks where they are
    not: so there are two variants of the database. A test that needs an absent module
    skips itself; in the lean variant that is expected and not counted. A third one has
    the app Sales, and runs only what is about it.
    """
    arguments = arguments or FILES.get(variant, ())
    outcome = Outcome(TITLES[variant])
    template = databases.ensure_template(env, MODULES[variant])
    _judge_log(outcome, databases.install_log(template), "while being installed")
    database = databases.scratch_name(variant)
    log, report = (paths.LOGS / f"test-{variant}.{kind}" for kind in ("log", "xml"))
    odoo_log = paths.LOGS / f"test-{variant}-odoo.log"
    for path in (log, report, odoo_log):
        path.unlink(missing_ok=True)
    databases.duplicate(env, template, database)
    try:
        code = process.call(
            _command(env, database, report, odoo_log, arguments),
            log,
            LIMIT,
            cwd=paths.ROOT,
            env=env.process_environment(
                PYTHONUNBUFFERED="1",
                HYPOTHESIS_STORAGE_DIRECTORY=str(paths.CACHE / "hypothesis"),
            ),
        )
    finally:
        databases.drop(env, database)
    _judge(outcome, code, report, log)
    if outcome.failed:
        outcome.remarks.append(f"pytest's own words are in {log}")
        if arguments:
            console.note(process.tail(log))
    if variant == "lean":
        _forgive_absent_modules(outcome)
    _judge_log(outcome, odoo_log, "in the tests")
    return outcome


def _command(env, database, report, odoo_log, arguments):
    options = [
        f"--odoo-database={database}",
        "--odoo-http",
        "--odoo-log-level=warn",
        f"--odoo-extra=logfile={odoo_log}",
        f"--odoo-extra=http-port={server.free_port()}",
        f"--junitxml={report}",
        "-rs",
        "--color=no",
        "-o",
        f"cache_dir={paths.CACHE / 'pytest'}",
    ]
    return [env.python, "-m", "pytest", *options, *arguments]


def _judge(outcome, code, report, log):
    """Read pytest's report; without a whole one the stage has failed."""
    try:
        cases = list(ElementTree.parse(report).iter("testcase"))
    except (OSError, ElementTree.ParseError):
        cases = []
    for case in cases:
        name = f"{case.get('classname', '')}.{case.get('name')}"
        _judge_case(outcome, name.removeprefix(f"odoo.addons.{paths.ADDON}."), case)
    if code is None:
        outcome.fail(f"stopped after {LIMIT} s: the last test never ended, see {log}")
    elif code not in (0, 1, NO_TESTS) or (code and not outcome.failed):
        last = "\n".join(process.tail(log, 1500).splitlines()[-12:])
        outcome.fail(f"pytest ended with code {code}, see {log}\n{last}")


def _forgive_absent_modules(outcome):
    """Tests that skip for want of a module have run in the other variant."""
    expected = [remark for remark in outcome.remarks if ABSENT.search(remark)]
    outcome.skipped -= len(expected)
    outcome.remarks = [r for r in outcome.remarks if r not in expected]
    if expected:
        outcome.remarks.append(f"{len(expected)} tests need modules that are absent")


def _judge_case(outcome, name, case):
    broken = [found for kind in ("failure", "error") for found in case.findall(kind)]
    skipped = case.find("skipped")
    if broken:
        text = (broken[0].get("message") or broken[0].text or "").strip()
        if text == "collection failure":
            said = re.findall(r"^E +(.*)", broken[0].text or "", re.M)
            text = said[-1] if said else text
        outcome.fail(f"{name}: {' '.join(text.split())[:400]}")
    elif skipped is not None:
        reason = skipped.get("message") or ""
        if browser.find() is None and "hrome" in reason:
            reason = browser.MISSING
        outcome.skip(f"skipped {name}: {reason}")
    else:
        outcome.passed += 1


def _judge_log(outcome, log, when):
    """Warnings and errors of the addon in Odoo's log are failures."""
    for record in logwatch.problems(log):
        shown = "\n".join(record.splitlines()[:12])[:1500]
        outcome.fail(f"logged {when}: {shown}")
