"""The stages of a test run, and how they share the processor."""

import time
from concurrent.futures import ThreadPoolExecutor

from . import console, stage_own
from .outcome import Outcome

NAMES = ("own",)


def run(env, names, pytest_arguments=(), jobs=2):
    """Run stages side by side; return their outcomes in order."""
    work = {"own": lambda: stage_own.run(env, pytest_arguments)}
    with ThreadPoolExecutor(max_workers=max(1, jobs)) as pool:
        futures = [pool.submit(_timed, name, work[name]) for name in names]
        return [future.result() for future in futures]


def _timed(name, stage):
    """Run one stage; a failure of the tooling fails the stage, not the others."""
    start = time.monotonic()
    try:
        outcome = stage()
    except console.Failure as failure:
        outcome = Outcome(name)
        outcome.fail(str(failure))
    outcome.seconds = time.monotonic() - start
    return outcome
