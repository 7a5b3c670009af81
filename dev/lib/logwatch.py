"""Find what Odoo's log says against this addon.

Any WARNING or ERROR record that names the addon (its logger, its path in a traceback,
its models) is a problem, as is usual for OCA addons (checklog-odoo), but only for ours:
stock modules have warnings of their own.
"""

import re

from . import paths

RECORD = re.compile(
    r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d+ \d+ (?P<level>[A-Z]+) \S+ (?P<logger>\S+?): "
)
LEVELS = {"WARNING", "ERROR", "CRITICAL"}
# The outcome of a test is judged by its result, not by its line in the log.
OUTCOME = re.compile(r": (FAIL|ERROR|SUBFAIL): |: Module .* \d+ failures, \d+ errors")
MODEL = re.compile(r"^\s+_name = [\"']([a-z_.]+)[\"']", re.M)


def own_models():
    """The names of the models that the addon defines."""
    names = set()
    for folder in ("models", "wizards", "report"):
        for path in (paths.ROOT / folder).rglob("*.py"):
            names.update(MODEL.findall(path.read_text(encoding="utf-8")))
    return names


def names_us(models=()):
    """A pattern for everything that means this addon."""
    words = [re.escape(paths.ADDON), *(rf"\b{re.escape(m)}\b" for m in sorted(models))]
    return re.compile("|".join(words))


def records(text):
    """The log's records, each with its continuation lines."""
    current = []
    for line in text.splitlines():
        if RECORD.match(line):
            if current:
                yield "\n".join(current)
            current = [line]
        elif current:
            current.append(line)
    if current:
        yield "\n".join(current)


def problems(log, models=None):
    """The records of a log file that count against the addon, without doubles."""
    pattern = names_us(own_models() if models is None else models)
    found = {}
    text = log.read_text(encoding="utf-8", errors="replace") if log.is_file() else ""
    for record in records(text):
        match = RECORD.match(record)
        if match["level"] not in LEVELS or OUTCOME.search(record.split("\n", 1)[0]):
            continue
        said = record[match.start("logger") :]
        if pattern.search(said):
            found.setdefault(said, record)
    return list(found.values())
