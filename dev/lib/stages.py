"""The stages of a test run, and how they share the processor."""

import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from . import baseline, console, process, stage_lint, stage_own, stage_upgrade, suites
from .outcome import Outcome

NAMES = ("lint", "own", "upgrade", "stock", "oca")


def run(env, names, pytest_arguments=(), jobs=2):
    """Run stages side by side; return their outcomes in order."""
    tasks = [task for name in names for task in _tasks(env, name, pytest_arguments)]
    with ThreadPoolExecutor(max_workers=max(1, jobs)) as pool:
        futures = [pool.submit(_timed, title, work) for title, work in tasks]
        try:
            return [future.result() for future in futures]
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            process.stop_all()
            raise


def record(env):
    """Record the baseline of the suites."""
    return suites.record(env)


def _tasks(env, name, pytest_arguments):
    """A stage's pieces of work: title and function."""
    if name == "lint":
        return [("linters", partial(stage_lint.run, env))]
    if name == "own":
        # a narrowed run is for quick answers: the rich database alone
        variants = ("own",) if pytest_arguments else tuple(stage_own.MODULES)
        return [
            (stage_own.TITLES[v], partial(stage_own.run, env, pytest_arguments, v))
            for v in variants
        ]
    if name == "upgrade":
        return [("upgrades and uninstalls", partial(stage_upgrade.run, env))]
    suite = suites.SUITES[name]
    return [
        (title, partial(suites.run, env, suite, title, part, only, skip))
        for title, part, only, skip in _parts(suite)
    ]


def _parts(suite):
    """Run the known failures apart: they do little but wait for their time to end."""
    recorded = baseline.load()
    tests = set(recorded["suites"].get(suite.name, ()))
    slow = tests & set(recorded["known_failures"])
    if not slow:
        return [(suite.title, "", None, ())]
    return [
        (suite.title, "", None, slow),
        (f"{suite.title}: known failures", "-known", slow, ()),
    ]


def _timed(title, work):
    """Run one task; a failure of the tooling fails the task, not the others."""
    start = time.monotonic()
    try:
        with console.progress(title):
            outcome = work()
    except console.Failure as failure:
        outcome = Outcome(title)
        outcome.fail(str(failure))
    outcome.seconds = time.monotonic() - start
    return outcome
