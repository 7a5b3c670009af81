"""``./dev/mutate``: does a test notice when a comparison is a little wrong?

Each small change (``<`` to ``<=``, ``and`` to ``or``, ``+`` to ``-``, ``min`` to
``max``, 0 to 1; in Python, in Odoo's domains and in SQL) is made alone, and the tests
that run its line are run. One must fail: else the change survived, and the command
ends with 1, unless ``dev/mutate_equivalent.toml`` says why nobody could notice.

Why no library: mutmut and cosmic-ray start the tests anew for each change, which with
Odoo takes half a minute, and see nothing in strings, where the SQL and the domains are.
Here Odoo is loaded once; each change is tried in a copy of that process.
"""

import argparse
import contextlib
import json
import os
import shutil
import sys
import time
from collections import Counter
from dataclasses import asdict

from . import (
    console,
    databases,
    environment,
    locks,
    mutate_judged,
    mutate_memory,
    mutate_rooms,
    paths,
    process,
    stage_own,
)

SCRIPT = paths.DEV / "lib" / "mutate_inside.py"


def main(argv):
    """Try the changes of the chosen rooms; print a table or JSON."""
    options = _parser().parse_args(argv)
    rooms = [options.room] if options.room else list(mutate_rooms.FOLDERS)
    with contextlib.redirect_stdout(sys.stderr if options.json else sys.stdout):
        results = [one for room in rooms for one in _room(options, room)]
        reasons = mutate_judged.load()
        results, idle = mutate_judged.sort(results, reasons)
    figures = summary(results)
    if options.json:
        print(json.dumps(figures, indent=1))
    else:
        show(figures)
    for key in idle if not (options.again or options.tests) else ():
        print(f"no longer true: {' / '.join(key)}", file=sys.stderr)
    return 1 if figures["survived"] else 0


def _parser():
    parser = argparse.ArgumentParser(prog="dev/mutate", description=__doc__)
    parser.add_argument("--room", choices=mutate_rooms.FOLDERS, help="default: all")
    parser.add_argument("--file", nargs="+", help="only files whose path ends so")
    parser.add_argument(
        "--again", action="store_true", help="only what survived, and has no reason"
    )
    parser.add_argument(
        "--tests", nargs="+", metavar="FILE", help="ask these test files only"
    )
    parser.add_argument(
        "--variant",
        choices=stage_own.MODULES,
        default="own",
        help="with which other apps, as in ./dev/test",
    )
    parser.add_argument("-j", "--jobs", type=int, default=2, help="workers")
    parser.add_argument(
        "--patience",
        type=float,
        default=60,
        help="seconds of tests for one change; at least one class is run",
    )
    parser.add_argument("--json", action="store_true", help="print only JSON")
    return parser


def summary(results):
    """The figures, as they are promised."""
    counts = Counter(result["outcome"] for result in results)
    keys = ("file", "line", "scope", "what", "tests", "all", "reason")

    def listed(outcome):
        return [
            {key: result[key] for key in keys if key in result}
            for result in results
            if result["outcome"] == outcome
        ]

    return {
        "mutants": len(results),
        "killed": counts["killed"],
        "timeouts": counts["late"],
        "survived": listed("survived"),
        "equivalent": listed("equivalent"),
        "unchanged": listed("unchanged"),
    }


def show(figures):
    """A table for a person."""
    for kind in ("equivalent", "unchanged", "survived"):
        for one in figures[kind]:
            place = f"{one['file']}:{one['line']}"
            print(f"{kind}: {place} {one['scope']}: {one['what']}")
            if one.get("reason"):
                print(f"    {one['reason']}")
    counts = {
        kind: len(value) if isinstance(value, list) else value
        for kind, value in figures.items()
    }
    print(", ".join(f"{count} {kind}" for kind, count in counts.items()))


# ------------------------------------------------------------
# One room
# ------------------------------------------------------------


def _room(options, room):
    """Each site of a room with what became of it."""
    last = mutate_memory.load(room)
    files = mutate_rooms.files(room, options.file)
    sites = mutate_rooms.sites(files)
    if options.again:
        judged = mutate_judged.load()
        sites = [
            site
            for site in sites
            if last.get(_key(site)) == "survived"
            and (site.file, site.scope, site.what) not in judged
        ]
    if not sites:
        return []
    asked = options.tests or mutate_rooms.tests(room)
    names = [name.rpartition("/")[2].removesuffix(".py") for name in asked]
    with _folder() as folder:
        answers = _Run(options, folder, sites, names, room).run()
    found = {
        _key(site): answer["outcome"]
        for site, answer in zip(sites, answers, strict=True)
        # Some tests alone prove that a change is noticed, never that it is not.
        if not options.tests or answer["outcome"] != "survived"
    }
    mutate_memory.add(room, found)
    return [
        {**asdict(site), **answer} for site, answer in zip(sites, answers, strict=True)
    ]


def _key(site):
    return mutate_memory.key(site.file, site.number, site.what)


@contextlib.contextmanager
def _folder():
    folder = paths.RUN / f"mutate-{os.getpid()}"
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


class _Run:
    """Some workers, each with a database of its own, and what they tell."""

    def __init__(self, options, folder, sites, tests, room):
        self._options, self._folder = options, folder
        self._sites, self._tests = sites, tests
        self._room = room
        self._workers = max(1, min(options.jobs, len(sites)))
        self._covered = paths.RUN / f"mutate-{self._mark()}.json"

    def _mark(self):
        """The lines that tests run are the same as long as the files are."""
        tests = sorted((paths.ROOT / "tests").glob("*.py"))
        kinds = (self._room, self._options.variant, databases.addon_fingerprint())
        return locks.fingerprint(*kinds, *self._tests, *tests)

    def run(self):
        """What became of each site, in their order."""
        env = environment.setup("test")
        databases.drop_abandoned(env)
        modules = stage_own.MODULES[self._options.variant]
        template = databases.ensure_template(env, modules)
        (self._folder / "next").write_text("0", encoding="utf-8")
        names = [databases.scratch_name(f"mutate{i}") for i in range(self._workers)]
        running = []
        try:
            for place, name in enumerate(names):
                databases.duplicate(env, template, name)
                running.append(self._start(env, place, name))
            with console.progress(f"see which lines the tests of {self._room} run"):
                noticed = self._cover(running)
            with console.progress(f"try {len(self._sites)} changes"):
                return self._wait(running, noticed)
        finally:
            for worker in running:
                process.kill_group(worker)
            for name in names:
                databases.drop(env, name)

    def _start(self, env, place, database):
        parameters = self._folder / f"worker-{place}.json"
        parameters.write_text(
            json.dumps(
                {
                    "folder": str(self._folder),
                    "worker": place,
                    "workers": self._workers,
                    "files": mutate_rooms.files(self._room),
                    "tests": self._tests,
                    "patience": self._options.patience,
                    "covered": self._covered.is_file(),
                    "sites": [asdict(site) for site in self._sites],
                }
            ),
            encoding="utf-8",
        )
        log = paths.LOGS / f"mutate-{place}.log"
        log.unlink(missing_ok=True)
        command = env.odoo_command("shell", "-d", database, "--no-http")
        command += ["--log-level=critical"]
        with open(SCRIPT, encoding="utf-8") as script:
            return process.spawn(
                command,
                log,
                stdin=script,
                env=env.process_environment(CS_ARGUMENTS=str(parameters)),
            )

    def _cover(self, running):
        """Put together which tests run which lines, for all workers."""
        if self._covered.is_file():
            classes = json.loads(self._covered.read_text(encoding="utf-8"))
        else:
            parts = [self._folder / f"cover-{i}.json" for i in range(self._workers)]
            self._until(lambda: all(part.is_file() for part in parts), running)
            classes = {}
            for part in parts:
                classes.update(json.loads(part.read_text(encoding="utf-8")))
            classes = _known(classes)
            self._covered.write_text(json.dumps(classes), encoding="utf-8")
        noticed = mutate_rooms.noticed_by(self._sites, classes)
        partial = self._folder / "cover.part"
        partial.write_text(
            json.dumps({"classes": classes, "sites": noticed}), encoding="utf-8"
        )
        partial.replace(self._folder / "cover.json")
        return noticed

    def _wait(self, running, noticed):
        found = {}
        self._until(lambda: len(self._read(found)) == len(self._sites), running)
        return [found[place] for place in range(len(noticed))]

    def _read(self, found):
        for part in self._folder.glob("done-*.jsonl"):
            for line in part.read_text(encoding="utf-8").splitlines():
                with contextlib.suppress(ValueError):  # half a line: the next time
                    answer = json.loads(line)
                    found[answer.pop("place")] = answer
        return found

    def _until(self, is_done, running):
        while not is_done():
            codes = [worker.poll() for worker in running]
            if any(codes) or (all(code == 0 for code in codes) and not is_done()):
                console.fail(f"a worker ended: see {paths.LOGS}/mutate-*.log")
            time.sleep(0.5)


def _known(classes):
    """Classes whose tests pass by themselves; the others are named."""
    for name, found in classes.items():
        if not isinstance(found, dict):
            console.note(f"left out: {name} ended in no answer")
        elif found["failed"]:
            console.note(f"left out, they fail anyway: {', '.join(found['failed'])}")
    return {name: one for name, one in classes.items() if isinstance(one, dict)}
