"""What became of each change the last time it was tried, for ``./dev/mutate --again``.

It lies in the cache, so that partial runs add up.
"""

import json

from . import paths


def key(file, number, what):
    """One change; in a file that was edited since, it may be one never seen."""
    return f"{file}|{number}|{what}"


def load(room):
    """What is known: {key: outcome}."""
    file = _file(room)
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}


def add(room, found):
    """Keep what a run found, with what others did."""
    known = {**load(room), **found}
    _file(room).write_text(json.dumps(known, indent=0), encoding="utf-8")


def _file(room):
    return paths.RUN / f"mutate-last-{room}.json"
