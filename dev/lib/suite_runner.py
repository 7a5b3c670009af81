"""Run the test suites of given modules over a loaded registry, test by test.

Fed to ``odoo shell`` (so ``env`` and ``odoo`` are there). Odoo runs *at install*
tests while a module is being loaded, when modules that depend on it are not there
yet: with our addon beside them those tests would prove nothing. Here the registry is
complete before the first test, ours included, and both kinds run in one process,
as Odoo's own ``odoo.tests.shell`` does.

Parameters come as JSON in ``CS_SUITE``: ``modules``, ``tags``, ``report`` (the file
to write), ``only`` (test ids, or null for all), ``skip`` (test ids).
"""

import json
import os
import time

import odoo
from odoo.tests import loader, result
from odoo.tests.case import _SubTest

PARAMETERS = json.loads(os.environ["CS_SUITE"])
OUTCOMES: dict = {}


def test_id(test) -> str:
    """A stable name: ``module/file.Class.method``, without the import path."""
    while isinstance(test, _SubTest):
        test = test.test_case
    identifier = test.id() if hasattr(test, "id") else str(test)
    return identifier.removeprefix("odoo.addons.").replace(".tests.", "/", 1)


class RecordingResult(result.OdooTestResult):
    """Odoo's result, which also keeps the outcome and the duration of each test."""

    def startTest(self, test):
        """Assume success: a success in a sub-test is not reported."""
        super().startTest(test)
        self.started = time.time()
        OUTCOMES[test_id(test)] = {"outcome": "passed", "seconds": 0, "detail": ""}

    def stopTest(self, test):
        """Note how long the test took."""
        super().stopTest(test)
        OUTCOMES[test_id(test)]["seconds"] = round(time.time() - self.started, 1)
        write_report()

    def addSkip(self, test, reason):
        """Skips of a whole class have no started test: count them as one."""
        super().addSkip(test, reason)
        OUTCOMES[test_id(test)] = {"outcome": "skipped", "seconds": 0, "detail": reason}

    def logError(self, flavour, test, error):
        """Failures and errors, of tests, sub-tests and class set-ups alike."""
        super().logError(flavour, test, error)
        entry = OUTCOMES.setdefault(test_id(test), {"seconds": 0})
        detail = str(error[1]).strip().splitlines() or [error[0].__name__]
        entry.update(outcome="failed", detail=detail[0][:300])


def write_report():
    """Write what is known so far, so that a killed run still tells how far it got."""
    partial = f"{PARAMETERS['report']}.part"
    with open(partial, "w", encoding="utf-8") as stream:
        json.dump(OUTCOMES, stream, indent=1, sort_keys=True)
    os.replace(partial, PARAMETERS["report"])


def run_position(position, registry):
    """Run the tests of one position; those at install before the registry is ready."""
    suite = loader.make_suite(PARAMETERS["modules"], position)
    only, skip = PARAMETERS["only"], PARAMETERS["skip"]
    suite._tests = [
        test
        for test in suite
        if (only is None or test_id(test) in only) and test_id(test) not in skip
    ]
    if not suite.countTestCases():
        return
    registry.loaded = registry.ready = position == "post_install"
    try:
        loader.run_suite(suite)
    finally:
        registry.loaded = registry.ready = True


def main(env):
    """Start the web server, generate the assets, run both kinds of tests."""
    from odoo.service.server import server

    server.http_spawn()
    env["ir.qweb"]._pregenerate_assets_bundles()
    env.cr.commit()
    loader.OdooTestResult = RecordingResult
    odoo.tools.config["test_tags"] = PARAMETERS["tags"]
    odoo.tools.config["test_enable"] = True
    with odoo.modules.registry.Registry._lock:
        run_position("at_install", env.registry)
    run_position("post_install", env.registry)
    write_report()


main(env)  # noqa: F821  (given by the shell)
os._exit(0)
