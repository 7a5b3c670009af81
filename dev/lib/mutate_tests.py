"""Find and run tests inside Odoo, for ``./dev/mutate``."""

import os
from collections import defaultdict

from odoo.tests import HttpCase, loader, result
from odoo.tests.case import _SubTest
from odoo.tests.suite import OdooSuite


def collect(addon, files):
    """The tests of these files, by class in order: {class: tests}.

    Those with a web server are left out: its threads would not be copied.
    """
    found = defaultdict(list)
    for module in loader.get_test_modules(addon):
        if module.__name__.rpartition(".")[2] in files:
            for test in loader.get_module_test_cases(module):
                if not isinstance(test, HttpCase):
                    found[type(test)].append(test)
    return dict(found)


def name_of(test):
    """A name that is the same in every process."""
    while isinstance(test, _SubTest):
        test = test.test_case
    return ".".join(test.id().split(".")[-3:])


class Watching(result.OdooTestResult):
    """Odoo's result, which remembers who failed and how long each took.

    :param start: called with the name of each test that starts
    :param stop: called with it when it ends
    :param bool stops: end with the first failure
    """

    def __init__(self, start=None, stop=None, stops=False):
        super().__init__()
        self._start, self._stop, self._stops = start, stop, stops
        self.failed, self.seconds, self.skips = [], {}, []

    def startTest(self, test):
        """Note when."""
        super().startTest(test)
        self._since = os.times().elapsed  # also where a test has the clock stand still
        if self._start:
            self._start(name_of(test))

    def stopTest(self, test):
        """Note how long."""
        super().stopTest(test)
        self.seconds[name_of(test)] = os.times().elapsed - self._since
        if self._stop:
            self._stop(name_of(test))

    def addSkip(self, test, reason):
        """What did not run proves nothing."""
        super().addSkip(test, reason)
        self.skips.append(name_of(test) if hasattr(test, "id") else str(test))

    def logError(self, flavour, test, error):
        """The words of the failure are not needed, and to make them takes long."""
        self.failed.append(name_of(test) if hasattr(test, "id") else str(test))
        self.shouldStop = self.shouldStop or self._stops


def run(tests, watching):
    """Run tests in this process, as Odoo's loader does."""
    from odoo.modules import module

    module.current_test = True
    OdooSuite(tests)(watching)
    module.current_test = False
    return watching
