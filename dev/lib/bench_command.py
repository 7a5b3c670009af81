"""``./dev/bench decide|send|signals``: what deciding, sending and concluding cost.

All figures of a run are medians measured in turns on the same machine and data, so
that their ratios hold; the seconds are this machine's.
"""

import argparse
import contextlib
import json
import os
import sys

from . import (
    bench_compare,
    bench_data,
    bench_screens,
    bench_screens_data,
    console,
    environment,
    paths,
)

KEYS = (
    "decide_s",
    "reserve_s",
    "sql_s",
    "reserve_sql_s",
    "floor_s",
    "stock_recipients_s",
    "naive_s",
    "scan_s",
    "contacts",
    "touches",
    "send_governed_s",
    "send_stock_s",
    "ms_per_recipient",
    "peak_mb",
)
OF_SIGNALS = (
    *("full_s", "sql_s", "delta_s", "full_ratio", "delta_ratio"),
    *("full_conclude_s", "delta_conclude_s"),
    *("contacts", "facts", "new_facts", "hits"),
)
OF_A_SIZE = (
    "decide_s",
    "sql_s",
    "explain_sql_s",
    "reserve_s",
    "reserve_sql_s",
    "naive_s",
    "floor_s",
    "scan_s",
    "stock_recipients_s",
    "peak_mb",
    "refused",
    "decide_ratio",
    "reserve_ratio",
    "naive_ratio",
    "linear",
    "linear_reserve",
    "history",
    "form",
)
OF_DECIDE = (
    "recipients",
    *OF_A_SIZE,
    "bytes_per_touch",
    "screens",
    "on_request",
)
SIZES = (10_000, 100_000, 1_000_000)
LIMIT = 1.0  # seconds of server time until a screen is open
SCRIPT = paths.DEV / "lib" / "bench_script.py"
MEANINGS = (
    ("decide_s", "the addon's decision", "sql_s"),
    ("sql_s", "best hand-written SQL for it", "sql_s"),
    ("explain_sql_s", "... with touches and moments", "sql_s"),
    ("reserve_s", "the gate: decide, reserve, note", "reserve_sql_s"),
    ("reserve_sql_s", "best hand-written SQL for it", "reserve_sql_s"),
    ("floor_s", "only join the people", "sql_s"),
    ("scan_s", "only scan the ledger", "sql_s"),
    ("stock_recipients_s", "stock Odoo lists the recipients", "sql_s"),
    ("naive_s", "a search_count per person and rule", "decide_s"),
)
RATIOS = (
    ("decide_ratio", "decide_s / sql_s, median of the rounds"),
    ("reserve_ratio", "reserve_s / reserve_sql_s, median of the rounds"),
    ("linear", "deciding for all takes so many times twice the time of half"),
    ("linear_reserve", "the same of reserving"),
    ("history", "with ten times the history deciding takes so many times as long"),
)


def main(argv):
    """Measure, and print a table or JSON."""
    options = _parser().parse_args(argv)
    environ = environment.setup()
    measure = {"decide": decide, "send": send, "signals": signals}[options.command]
    if not options.json:
        return measure(environ, options, _print_table)
    with contextlib.redirect_stdout(sys.stderr):
        figures = []
        code = measure(environ, options, lambda _command, found: figures.append(found))
    for found in figures:
        print(json.dumps(_as_json(options.command, found)))
    return code


def _parser():
    parser = argparse.ArgumentParser(prog="dev/bench", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    of_decide = commands.add_parser("decide", help="decide for many people")
    of_decide.add_argument("--contacts", type=_positive, default=100_000)
    of_decide.add_argument("--touches", type=_positive, default=2_000_000)
    of_decide.add_argument(
        "--recipients", type=_positive, help="how many of them (default: all)"
    )
    of_send = commands.add_parser("send", help="make the messages of a mailing")
    of_send.add_argument("--contacts", type=_positive, default=1000)
    of_signals = commands.add_parser("signals", help="ask ten signals about all people")
    of_signals.add_argument("--contacts", type=_positive, default=100_000)
    of_signals.add_argument("--facts", type=_positive, default=1_000_000)
    for parser_ in (of_decide, of_send, of_signals):
        parser_.add_argument("--json", action="store_true", help="print only JSON")
    return parser


def _positive(text):
    number = int(text.replace("_", "").replace(",", ""))
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def decide(environ, options, show):
    """The decision, with and without reservation, and what it is compared with; then
    the screens on the same data."""
    if options.recipients and options.recipients > options.contacts:
        console.fail("there cannot be more recipients than contacts")
    size = (options.contacts, options.touches)
    name = bench_data.ensure(environ, *size)
    thin = bench_data.ensure(environ, *size, thin=True)
    counts = [options.recipients] if options.recipients else _sizes(options.contacts)
    figures = run(environ, name, "bench_decide", thin, *counts)
    with console.progress("open the screens"):
        bench_screens_data.settle(environ, name)
        screens, on_request = bench_screens.measure(environ, name)
    show("decide", figures | {"screens": screens, "on_request": on_request})
    slow = {key: value for key, value in screens.items() if value > LIMIT}
    for key, seconds in slow.items():
        console.note(f"too slow: {key} opens in {seconds:.2f} s")
    return 1 if slow else 0


def _sizes(contacts):
    """How many recipients are asked about."""
    return [size for size in SIZES if size < contacts] + [contacts]


def send(environ, options, show):
    """A governed mailing and a stock one, until their messages are in the queue."""
    show("send", bench_compare.compare(environ, options.contacts, run))
    return 0


def signals(environ, options, show):
    """Ten signals over the ledger: everybody, then whom something happened to."""
    name = bench_data.ensure(environ, options.contacts, options.facts)
    show("signals", run(environ, name, "bench_signals"))
    return 0


def run(environ, name, module, *arguments):
    """Run a measurement inside Odoo and return its figures."""
    target = paths.RUN / f"bench-{os.getpid()}.json"
    log = paths.LOGS / f"{module}.log"
    log.unlink(missing_ok=True)
    target.unlink(missing_ok=True)
    with console.progress(f"measure in {name}"):
        code = environ.run_script(name, SCRIPT, module, target, *arguments, log=log)
        if code != 0 or not target.is_file():
            _explain(log)
    figures = json.loads(target.read_text(encoding="utf-8"))
    target.unlink()
    return figures


def _explain(log):
    """A measurement whose ways disagree is worth nothing: end with code 1."""
    text = log.read_text(encoding="utf-8", errors="replace")
    wrong = [line for line in text.splitlines() if line.startswith("AssertionError")]
    if wrong:
        print(f"wrong: {wrong[-1]} ({log})", file=sys.stderr)
        raise SystemExit(1)
    console.fail(f"the measurement failed: see {log}")


def _as_json(command, found):
    """The keys that are promised; those of the largest size stand at the top."""
    keys = {"decide": (*KEYS, *OF_DECIDE), "signals": OF_SIGNALS}.get(command, KEYS)
    values = {key: _rounded(found.get(key)) for key in keys}
    if command == "decide":
        values["sizes"] = {
            count: {key: _rounded(size.get(key)) for key in OF_A_SIZE}
            for count, size in found["sizes"].items()
        }
    return values


def _rounded(value):
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    return round(value, 4) if isinstance(value, float) else value


def _print_table(command, figures):
    print()
    {"decide": _print_decide, "send": _print_send, "signals": _print_signals}[command](
        figures
    )


def _print_decide(figures):
    for size in figures["sizes"].values():
        _print_size(figures, size)
    touch = figures["bytes_per_touch"]
    print(f"a touch takes {touch['table']} bytes, its indexes {touch['indexes']}")
    print("until a screen is open (at once, then on request):")
    for key in ("screens", "on_request"):
        for name, seconds in figures[key].items():
            print(f"  {name:<26}{seconds:>8.3f} s")


def _print_signals(figures):
    print(
        f"ten signals about {figures['contacts']:,} people, {figures['facts']:,} facts:"
        f" {figures['hits']:,} hits; then {figures['new_facts']:,} new facts"
    )
    for key, base, meaning in (
        ("sql_s", "sql_s", "PostgreSQL reads and groups the facts once"),
        ("full_s", "sql_s", "all ten signals for everybody, hits written"),
        ("delta_s", "full_s", "again, for whom something happened to"),
    ):
        times = figures["times"][key]
        print(
            f"  {key:<10}{figures[key]:>8.3f} s {figures[key] / figures[base]:>8.2f} x"
            f" {base:<8}{meaning}  [{min(times):.3f}..{max(times):.3f}]"
        )


def _print_size(figures, size):
    print(
        f"{size['recipients']:,} recipients of {figures['contacts']:,} people, "
        f"{figures['touches']:,} touches, five rules in three policies; "
        f"{size['refused']:,} refused; by hand: {size['form']}"
    )
    for key, meaning, base in MEANINGS:
        seconds, times = size[key], size["times"][key]
        spread = ""
        if key != "naive_s":
            spread = f"  [{min(times):.3f}..{max(times):.3f}]"
        print(
            f"  {key:<20}{seconds:>10.3f} s"
            f" {seconds / size[base]:>8.2f} x {base:<14}{meaning}{spread}"
        )
    print(f"  the loop was measured on {size['sampled']:,} people and scaled")
    for key, meaning in RATIOS:
        if key in size:
            print(f"  {key:<20}{size[key]:>10.3f}   {meaning}")
    print(f"  Odoo had {size['peak_mb']:,} MB at most")
    print()


def _print_send(figures):
    count = figures["contacts"]
    print(f"{count:,} recipients on a list, until the messages are in the queue")
    for key in ("send_stock_s", "send_governed_s"):
        seconds = figures[key]
        print(
            f"  {key:<18}{seconds:>8.2f} s"
            f" {1000 * seconds / count:>8.2f} ms per recipient"
            f" {seconds / figures['send_stock_s']:>6.2f} x stock"
        )
    if figures["in_parts"]:
        print("  measured in parts, what was sent before made by SQL, and scaled:")
    for position, parts in figures["positions"].items():
        for kind, (milliseconds, start) in parts.items():
            print(
                f"  after {int(position):>9,} {kind:<10}{milliseconds:>8.2f} ms per"
                f" recipient, {start:.2f} s to start"
            )
