"""``./dev/bench decide|send``: what deciding and sending cost, as ratios.

All figures of a run are medians measured in turns on the same machine and data, so
that their ratios hold; the seconds are this machine's.
"""

import argparse
import contextlib
import json
import os
import sys

from . import bench_compare, bench_data, console, environment, paths

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
SCRIPT = paths.DEV / "lib" / "bench_script.py"
MEANINGS = (
    ("decide_s", "the addon's decision", "sql_s"),
    ("sql_s", "best hand-written SQL for it", "sql_s"),
    ("reserve_s", "the gate: decide, reserve, note", "reserve_sql_s"),
    ("reserve_sql_s", "best hand-written SQL for it", "reserve_sql_s"),
    ("floor_s", "only join the people", "sql_s"),
    ("scan_s", "only scan the ledger", "sql_s"),
    ("stock_recipients_s", "stock Odoo lists the recipients", "sql_s"),
    ("naive_s", "a search_count per person and rule", "decide_s"),
)


def main(argv):
    """Measure, and print a table or JSON."""
    options = _parser().parse_args(argv)
    environ = environment.setup()
    measure = {"decide": decide, "send": send}[options.command]
    if not options.json:
        return measure(environ, options, _print_table)
    with contextlib.redirect_stdout(sys.stderr):
        figures = []
        code = measure(environ, options, lambda _command, found: figures.append(found))
    for found in figures:
        print(json.dumps({key: _rounded(found.get(key)) for key in KEYS}))
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
    for parser_ in (of_decide, of_send):
        parser_.add_argument("--json", action="store_true", help="print only JSON")
    return parser


def _positive(text):
    number = int(text.replace("_", "").replace(",", ""))
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def decide(environ, options, show):
    """The decision, with and without reservation, and what it is compared with."""
    if options.recipients and options.recipients > options.contacts:
        console.fail("there cannot be more recipients than contacts")
    name = bench_data.ensure(environ, options.contacts, options.touches)
    figures = run(environ, name, "bench_decide", options.recipients or "")
    show("decide", figures)
    return 0


def send(environ, options, show):
    """A governed mailing and a stock one, until their messages are in the queue."""
    show("send", bench_compare.compare(environ, options.contacts, run))
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


def _rounded(value):
    return round(value, 4) if isinstance(value, float) else value


def _print_table(command, figures):
    print()
    if command == "decide":
        _print_decide(figures)
    else:
        _print_send(figures)


def _print_decide(figures):
    print(
        f"{figures['recipients']:,} recipients of {figures['contacts']:,} people, "
        f"{figures['touches']:,} touches, five rules in three policies; "
        f"{figures['refused']:,} refused"
    )
    for key, meaning, base in MEANINGS:
        seconds, times = figures[key], figures["times"][key]
        spread = ""
        if key != "naive_s":
            spread = f"  [{min(times):.3f}..{max(times):.3f}]"
        print(
            f"  {key:<20}{seconds:>10.3f} s"
            f" {seconds / figures[base]:>8.2f} x {base:<14}{meaning}{spread}"
        )
    print(f"  the loop was measured on {figures['sampled']:,} people and scaled")
    print(f"  Odoo had {figures['peak_mb']:,} MB at most")


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
