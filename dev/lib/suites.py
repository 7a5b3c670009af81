"""Other people's test suites, run with this addon installed beside their modules."""

import json
from dataclasses import dataclass

from . import (
    baseline,
    console,
    databases,
    environment,
    logwatch,
    oca,
    paths,
    process,
    server,
)
from .outcome import Outcome

RUNNER = paths.DEV / "lib" / "suite_runner.py"


@dataclass(frozen=True)
class Suite:
    """A named set of modules whose tests are compared with the baseline."""

    name: str
    title: str
    modules: tuple
    installed: tuple
    limit: int  # seconds; tests under frozen time never time out by themselves

    def environment(self, env):
        """The environment with the addons folder that the modules need."""
        if self.name != "oca":
            return env
        return environment.setup(env.pg.cluster, (oca.ensure(),))


STOCK_MODULES = ("contacts", "mass_mailing", "mass_mailing_sms", "test_mass_mailing")
STOCK = Suite(
    "stock",
    "Odoo's own suites",
    STOCK_MODULES,
    databases.TESTS,
    1500,
)
OCA = Suite(
    "oca", "OCA addons' suites", oca.MODULES, (*databases.LEAN, *oca.MODULES), 1200
)
SUITES = {suite.name: suite for suite in (STOCK, OCA)}


def run(env, suite, title=None, part="", only=None, skip=()):
    """Run a suite (``only`` some tests, or without those to ``skip``) and compare."""
    recorded = baseline.load()
    before, known = recorded["suites"].get(suite.name, {}), recorded["known_failures"]
    chosen = (set(before) if only is None else set(only)) - set(skip)
    before = {name: before[name] for name in before if name in chosen}
    results, faults = _results(env, suite, True, part, only, skip)
    again = baseline.regressions(before, known, results)
    second_try = []
    if again and len(again) <= 12 and not faults:
        repeated, _faults = _results(env, suite, True, f"{part}-again", again)
        for name in again:
            if repeated.get(name, {}).get("outcome") == baseline.PASSED:
                results[name] = repeated[name]
                second_try.append(name)
    outcome = baseline.compare(title or suite.title, before, known, results)
    outcome.remarks += [f"passed at the second try only: {name}" for name in second_try]
    for fault in faults:
        outcome.fail(fault)
    return outcome


def record(env):
    """Run the suites without the addon and write the baseline."""
    recorded = baseline.load()
    recorded["odoo"] = env.odoo_build
    for suite in SUITES.values():
        with console.progress(f"run {suite.title} without the addon"):
            results, faults = _results(env, suite, False, "-without")
        if faults:
            console.fail(f"nothing is recorded: {faults[0]}")
        baseline.record(recorded, suite.name, results)
        counts = Outcome(suite.title)
        for entry in results.values():
            setattr(counts, entry["outcome"], getattr(counts, entry["outcome"]) + 1)
        console.note(f"recorded {suite.title}: {counts.sums()}")
    baseline.save(recorded)
    return 0


def _results(env, suite, with_addon, part, only=None, skip=()):
    """Run on a fresh database; return the results and the faults of the run."""
    env = suite.environment(env)
    template = databases.ensure_template(env, suite.installed, with_addon)
    name = f"{suite.name}{part}"
    database = databases.scratch_name(name.replace("-", "_"))
    log, report = paths.LOGS / f"test-{name}.log", paths.LOGS / f"test-{name}.json"
    for path in (log, report):
        path.unlink(missing_ok=True)
    databases.duplicate(env, template, database)
    try:
        code = _run(env, suite, database, log, report, only, skip)
    finally:
        databases.drop(env, database)
    results = json.loads(report.read_text(encoding="utf-8")) if report.is_file() else {}
    return results, _faults(suite, code, log, with_addon)


def _run(env, suite, database, log, report, only, skip):
    parameters = {
        "modules": suite.modules,
        "tags": ",".join(f"/{module}" for module in suite.modules),
        "report": str(report),
        "only": None if only is None else sorted(only),
        "skip": sorted(skip),
    }
    options = ("-d", database, "--http-port", server.free_port())
    command = env.odoo_command("shell", *options, "--shell-interface=python")
    variables = env.process_environment(CS_SUITE=json.dumps(parameters))
    with open(RUNNER, encoding="utf-8") as script:
        return process.call(command, log, suite.limit, stdin=script, env=variables)


def _faults(suite, code, log, with_addon):
    """What went wrong around the tests."""
    faults = []
    if code is None:
        faults.append(f"stopped after {suite.limit} s: a test never ended, see {log}")
    elif code:
        reason = process.explain(process.tail(log)) or "see the log"
        faults.append(f"the run ended with code {code}: {reason} ({log})")
    if with_addon:
        for record in logwatch.problems(log):
            shown = "\n".join(record.splitlines()[:12])[:1500]
            faults.append(f"logged in the tests: {shown}")
    return faults
