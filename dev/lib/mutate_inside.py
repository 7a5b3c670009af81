"""One worker of ``./dev/mutate``, fed to ``odoo shell``: changes code, runs tests.

Its parameters are in the file that ``CS_ARGUMENTS`` names: see ``mutate_command``.
First it finds out which lines each of its tests runs; when all workers have, it takes
one site after the other from the common list until none is left.
"""

import fcntl
import json
import os
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path

import odoo

from lib import mutate_child, mutate_sites, mutate_tests, paths
from lib.mutate_apply import Loaded

PARAMETERS = json.loads(Path(os.environ["CS_ARGUMENTS"]).read_text(encoding="utf-8"))
PACKAGE = f"odoo.addons.{paths.ADDON}"
FOLDER = Path(PARAMETERS["folder"])
WORKER = PARAMETERS["worker"]
LONGEST = 900  # seconds for one class of tests, while its lines are being watched


class Watched:
    """Which lines of the files each test runs."""

    def __init__(self, loaded, files):
        self._loaded = loaded
        self._files = set(files)
        self.lines = defaultdict(set)  # test, or None: (file, line)
        self._sink = self.lines[None]

    def start(self, test):
        """From now on lines are run by this test."""
        self._sink = self.lines[test]

    def stop(self, _test):
        """Until the next test the class prepares itself, or cleans up."""
        self._sink = self.lines[None]

    def trace(self, frame, _event, _argument):
        """For ``sys.settrace``: only our files are followed line by line."""
        name = self._loaded.name_of(frame.f_code.co_filename)
        if name not in self._files:
            return None
        self._sink.add((name, frame.f_lineno))

        def line(frame, event, _argument):
            if event == "line":
                self._sink.add((name, frame.f_lineno))
            return line

        return line


def watch(loaded, tests):
    """Run the tests of one class: {test: [seconds, lines]} of those that pass."""
    watched = Watched(loaded, PARAMETERS["files"])
    watching = mutate_tests.Watching(watched.start, watched.stop)
    start = time.monotonic()
    sys.settrace(watched.trace)
    try:
        mutate_tests.run(tests, watching)
    finally:
        sys.settrace(None)
    ready = time.monotonic() - start - sum(watching.seconds.values())
    bad = {*watching.failed, *watching.skips}
    shared = watched.lines[None]
    return {
        "failed": watching.failed,
        "ready": ready,
        "tests": {
            test: [seconds, sorted(watched.lines[test] | shared)]
            for test, seconds in watching.seconds.items()
            if test not in bad
        },
    }


def cover(loaded, classes):
    """The lines of this worker's share of the classes, for the others to read."""
    answer = {}
    for place, (cls, tests) in enumerate(classes.items()):
        if place % PARAMETERS["workers"] == WORKER:
            work = lambda tests=tests: watch(loaded, tests)  # noqa: E731
            found = mutate_child.in_child(work, LONGEST)
            answer[f"{cls.__module__}.{cls.__name__}"] = found
    partial = FOLDER / f"cover-{WORKER}.part"
    partial.write_text(json.dumps(answer), encoding="utf-8")
    partial.replace(FOLDER / f"cover-{WORKER}.json")


def covered():
    """What all workers found, once they all have."""
    target = FOLDER / "cover.json"
    while not target.is_file():
        time.sleep(0.5)
    return json.loads(target.read_text(encoding="utf-8"))


def take():
    """The number of the next site on the common list."""
    with open(FOLDER / "next", "r+", encoding="utf-8") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        number = int(stream.read())
        stream.seek(0)
        stream.write(str(number + 1))
    return number


class Trials:
    """Tries one site after the other, first with the tests that found most so far."""

    def __init__(self, loaded, classes, found):
        self._loaded = loaded
        self._tests = {
            mutate_tests.name_of(test): test
            for tests in classes.values()
            for test in tests
        }
        self._seconds, self._class, self._ready = {}, {}, {}
        for name, one in found.items():
            self._ready[name] = one["ready"]
            for test, (seconds, _lines) in one["tests"].items():
                self._seconds[test], self._class[test] = seconds, name
        self._killers = Counter()
        self._weights = _weights(found)

    def run(self, site, names):
        """What became of a site, with the tests that run its lines."""
        chosen, seconds = self._choose(site, names)
        answer = {"tests": len(chosen), "all": len(names), "by": None}
        start = time.monotonic()
        found = mutate_child.in_child(lambda: self._try(site, chosen), 30 + 4 * seconds)
        answer["seconds"] = round(time.monotonic() - start, 2)
        if found == mutate_child.LATE:
            return answer | {"outcome": mutate_child.LATE}
        if found is None:
            return answer | {"outcome": "killed", "by": "it crashed"}
        if not found["changed"]:
            return answer | {"outcome": "unchanged"}
        if not found["failed"]:
            return answer | {"outcome": "survived"}
        self._killers[site.file, self._class.get(found["failed"])] += 1
        return answer | {"outcome": "killed", "by": found["failed"]}

    def _try(self, site, chosen):
        changed = self._loaded.change(site)
        tests = [self._tests[name] for name in chosen]
        watching = mutate_tests.run(tests, mutate_tests.Watching(stops=True))
        failed = watching.failed[0] if watching.failed else None
        return {"changed": changed, "failed": failed}

    def _choose(self, site, names):
        """By class, as far as patience goes: first those that found most in the file,
        then those that are about it and quick."""
        groups = defaultdict(list)
        for name in names:
            groups[self._class[name]].append(name)
        cost = {
            one: self._ready[one] + sum(self._seconds[name] for name in group)
            for one, group in groups.items()
        }
        order = sorted(
            groups,
            key=lambda one: (
                -self._killers[site.file, one],
                cost[one] / (self._weights[site.file, one] or 1e-9),
            ),
        )
        chosen, spent = [], 0
        for one in order:
            if chosen and spent + cost[one] > PARAMETERS["patience"]:
                continue
            spent += cost[one]
            chosen += sorted(groups[one], key=self._seconds.get)
        return chosen, spent


def _weights(found):
    """How much each class is about each file: a line that few run weighs more."""
    runs = {
        name: {tuple(at) for _seconds, lines in one["tests"].values() for at in lines}
        for name, one in found.items()
    }
    known = Counter(at for lines in runs.values() for at in lines)
    weights = Counter()
    for name, lines in runs.items():
        for file, line in lines:
            weights[file, name] += known[file, line] ** -2
    return weights


def main(env):
    """Watch, then try, until nothing is left."""
    import hypothesis

    # To find the smallest example takes long, and any will do.
    hypothesis.settings.register_profile(
        "mutate",
        phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate),
        derandomize=True,
        database=None,
    )
    hypothesis.settings.load_profile("mutate")
    odoo.tools.config["test_enable"] = True
    classes = mutate_tests.collect(paths.ADDON, set(PARAMETERS["tests"]))
    loaded = Loaded(paths.ROOT, PACKAGE)
    env.cr.close()
    odoo.sql_db.close_all()  # a connection cannot be shared with a child
    if not PARAMETERS["covered"]:
        cover(loaded, classes)
    found = covered()
    trials = Trials(loaded, classes, found["classes"])
    sites = [mutate_sites.Site(**site) for site in PARAMETERS["sites"]]
    while (place := take()) < len(sites):
        site = sites[place]
        answer = trials.run(site, found["sites"][place])
        with open(FOLDER / f"done-{WORKER}.jsonl", "a", encoding="utf-8") as stream:
            stream.write(json.dumps({"place": place, **answer}) + "\n")


main(env)  # noqa: F821  (given by the shell)
os._exit(0)
