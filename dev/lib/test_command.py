"""``./dev/test [PATHS] [-k EXPRESSION]``: everything that must hold.

Without arguments all stages run: the linters and the tooling's tests (--lint), the
addon's own tests (--own), installing, updating and uninstalling it (--upgrade), Odoo's
own suites with the addon installed (--stock), and the suites of the OCA addons it
lives with (--oca). Paths or -k narrow it to own tests.
"""

import argparse
import os

from . import browser, console, databases, environment, paths, stage_lint, stages
from .outcome import total


def parse(argv):
    """Read the arguments; what is not known goes on to pytest."""
    parser = argparse.ArgumentParser(prog="dev/test", description=__doc__)
    for name in stages.NAMES:
        parser.add_argument(f"--{name}", action="store_true")
    parser.add_argument(
        "-j", "--jobs", type=int, default=min(2, os.cpu_count() or 1), help="workers"
    )
    parser.add_argument("-k", dest="expression", help="choose own tests, as in pytest")
    parser.add_argument(
        "--fix", action="store_true", help="let the linters repair what they can"
    )
    parser.add_argument("--install-system", action="store_true", help="allow apt")
    parser.add_argument(
        "--record-baseline",
        action="store_true",
        help="run the stock and OCA suites without the addon and record the outcome",
    )
    parser.add_argument("paths", nargs="*", help="own tests (files, file::Class::test)")
    return parser.parse_known_args(argv)


def main(argv):
    """Run the stages, show each outcome, end with one line of sums."""
    options, rest = parse(argv)
    if browser.ensure(options.install_system) is None:
        console.note(f"SKIPPING ALL BROWSER TESTS: {browser.MISSING}")
    env = environment.setup("test")
    databases.drop_abandoned(env)
    if options.fix:
        stage_lint.run(env, fix=True).show()
        return 0
    if options.record_baseline:
        return stages.record(env)
    pytest_arguments = [*options.paths, *rest]
    if options.expression:
        pytest_arguments += ["-k", options.expression]
    chosen = [name for name in stages.NAMES if getattr(options, name)]
    if pytest_arguments:
        chosen = chosen or ["own"]
    outcomes = stages.run(env, chosen or stages.NAMES, pytest_arguments, options.jobs)
    console.note("")
    for outcome in outcomes:
        outcome.show()
    sums = total(outcomes)
    console.note(f"\nlogs: {paths.LOGS}\n{sums.sums()}")
    return 1 if sums.failed or not sums.passed else 0
