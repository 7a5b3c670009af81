"""A governed mailing beside a stock one: two databases, the same people and letter."""

from statistics import median

from . import console, databases

ROUNDS = 3
LEAST = 101  # smaller mailings are delivered at once, not queued


def compare(environ, contacts, run):
    """Figures of both, taken in turns, each round a mailing of its own.

    :param run: ``bench_command.run``
    """
    if contacts < LEAST:
        console.fail(f"fewer than {LEAST} messages do not go through the queue")
    found = {"stock": [], "governed": []}
    names = {kind: databases.scratch_name(f"bench_{kind}") for kind in found}
    try:
        for kind, name in names.items():
            template = databases.ensure_template(environ, with_addon=kind == "governed")
            with console.progress(f"make the database of the {kind} mailing"):
                databases.duplicate(environ, template, name)
        for _round in range(ROUNDS):
            for kind, name in names.items():
                found[kind].append(run(environ, name, "bench_send", contacts))
    finally:
        for name in names.values():
            databases.drop(environ, name)
    return {
        "contacts": contacts,
        "send_stock_s": median(figures["seconds"] for figures in found["stock"]),
        "send_governed_s": median(figures["seconds"] for figures in found["governed"]),
        "peak_mb": max(figures["peak_mb"] for figures in found["governed"]),
        "all": found,
    }
