"""A governed mailing beside a stock one: two databases, the same people and letter."""

from statistics import median

from . import console, databases

ROUNDS = 3
LEAST = 101  # smaller mailings are delivered at once, not queued
COMPLETE = 20_000  # larger mailings are measured in parts: a stock one takes hours
PART = 300  # recipients at each position and round


def compare(environ, contacts, run):
    """Figures of both, taken in turns, each round a mailing of its own.

    :param run: ``bench_command.run``
    """
    if contacts < LEAST:
        console.fail(f"fewer than {LEAST} messages do not go through the queue")
    in_parts = contacts > COMPLETE
    arguments = ("bench_send_positions", contacts, PART)
    if not in_parts:
        arguments = ("bench_send", contacts)
    found = {"stock": [], "governed": []}
    names = {kind: databases.scratch_name(f"bench_{kind}") for kind in found}
    try:
        for kind, name in names.items():
            template = databases.ensure_template(environ, with_addon=kind == "governed")
            with console.progress(f"make the database of the {kind} mailing"):
                databases.duplicate(environ, template, name)
        for _round in range(ROUNDS):
            for kind, name in names.items():
                found[kind].append(run(environ, name, *arguments))
    finally:
        for name in names.values():
            databases.drop(environ, name)
    seconds = {kind: _median(all_, "seconds") for kind, all_ in found.items()}
    return {
        "contacts": contacts,
        "in_parts": in_parts,
        "send_stock_s": seconds["stock"],
        "send_governed_s": seconds["governed"],
        "ms_per_recipient": 1000 * seconds["governed"] / contacts,
        "peak_mb": max(figures["peak_mb"] for figures in found["governed"]),
        "positions": _positions(found) if in_parts else {},
        "all": found,
    }


def _median(rounds, key):
    return median(figures[key] for figures in rounds)


def _positions(found):
    """{position: {kind: (ms per recipient, seconds to start)}}, medians."""
    return {
        position: {
            kind: (
                1000 * _median(parts, "per_recipient_s"),
                _median(parts, "start_s"),
            )
            for kind, rounds in found.items()
            for parts in [[figures["positions"][position] for figures in rounds]]
        }
        for position in found["stock"][0]["positions"]
    }
