"""Other people's test suites, run with this addon installed beside their modules."""

import json
from dataclasses import dataclass

from . import baseline, console, databases, environment, locks, logwatch, oca, paths
from . import process, server
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
    (*databases.BASE, "test_mass_mailing"),
    1500,
)
OCA = Suite(
    "oca", "OCA addons' suites", oca.MODULES, ("contacts", *oca.MODULES), 1200
)
SUITES = {suite.name: suite for suite in (STOCK, OCA)}


def run(env, suite, only=None, title=None):
    """Run a suite (or the tests ``only``) with the addon and compare."""
    recorded = baseline.load()
    before, known = recorded["suites"].get(suite.name, {}), recorded["known_failures"]
    if only is not None:
        before = {name: before[name] for name in before if name in only}
    results, faults = _results(env, suite, with_addon=True, only=only)
    again = baseline.regressions(before, known, results)
    second_try = []
    if again and len(again) <= 12 and not faults:
        repeated, _faults = _results(env, suite, with_addon=True, only=again)
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
            results, faults = _results(env, suite, with_addon=False)
        if faults:
            console.fail(f"nothing is recorded: {faults[0]}")
        baseline.record(recorded, suite.name, results)
        counts = Outcome(suite.title)
        for entry in results.values():
            setattr(counts, entry["outcome"], getattr(counts, entry["outcome"]) + 1)
        console.note(f"recorded {suite.title}: {counts.sums()}")
    baseline.save(recorded)
    return 0


def _results(env, suite, with_addon, only=None):
    """Run on a fresh database; return the results and the faults of the run."""
    env = suite.environment(env)
    template = databases.ensure_template(env, suite.installed, with_addon)
    part = f"{suite.name}-{locks.fingerprint(*sorted(only))[:6]}" if only else suite.name
    database = databases.scratch_name(part.replace("-", "_"))
    log, report = paths.LOGS / f"test-{part}.log", paths.LOGS / f"test-{part}.json"
    for path in (log, report):
        path.unlink(missing_ok=True)
    databases.duplicate(env, template, database)
    try:
        code = _run(env, suite, database, log, report, only)
    finally:
        databases.drop(env, database)
    results = json.loads(report.read_text(encoding="utf-8")) if report.is_file() else {}
    return results, _faults(suite, code, log, with_addon)


def _run(env, suite, database, log, report, only):
    parameters = {
        "modules": suite.modules,
        "tags": ",".join(f"/{module}" for module in suite.modules),
        "report": str(report),
        "only": sorted(only) if only is not None else None,
    }
    command = env.odoo_command(
        "shell", "-d", database, "--http-port", server.free_port(), "--shell-interface=python"
    )
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
