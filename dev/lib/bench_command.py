"""``./dev/bench decide|send|signals|segments``: what deciding, sending, concluding and
asking for people cost.

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
    bench_tables,
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
    *("last_sql_s", "last_ratio", "alike_s", "alike_ratio"),
    *("full_conclude_s", "delta_conclude_s"),
    *("contacts", "facts", "new_facts", "hits"),
)
OF_SEGMENTS = (
    *("segment_s", "sql_s", "refresh_full_s", "refresh_delta_s"),
    *("segment_ratio", "delta_ratio", "form", "refresh_first_s"),
    *("contacts", "facts", "people", "fits", "changed"),
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
    "kinds",
)
SIZES = (10_000, 100_000, 1_000_000)
LIMIT = 1.0  # seconds of server time until a screen is open
SCRIPT = paths.DEV / "lib" / "bench_script.py"


def main(argv):
    """Measure, and print a table or JSON."""
    options = _parser().parse_args(argv)
    environ = environment.setup()
    measures = {
        "decide": decide,
        "send": send,
        "signals": signals,
        "segments": segments,
    }
    measure = measures[options.command]
    if not options.json:
        return measure(environ, options, bench_tables.show)
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
    of_segments = commands.add_parser("segments", help="ask who is in a segment")
    of_segments.add_argument("--contacts", type=_positive, default=100_000)
    of_segments.add_argument(
        "--facts", type=_positive, help="touches (default: five for each contact)"
    )
    for parser_ in (of_decide, of_send, of_signals, of_segments):
        parser_.add_argument("--json", action="store_true", help="print only JSON")
    return parser


def _positive(text):
    number = int(text.replace("_", "").replace(",", ""))
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def decide(environ, options, show):
    """The decision, with and without reservation, and what it is compared with; then
    the screens on the same data, and the decision with rules of all kinds."""
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
    more = {"screens": screens, "on_request": on_request}
    more["kinds"] = run(environ, name, "bench_kinds", *counts)
    show("decide", figures | more)
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


def segments(environ, options, show):
    """One segment with five lines and a limit: asked, and refreshed."""
    facts = options.facts or 5 * options.contacts
    name = bench_data.ensure(environ, options.contacts, facts)
    show("segments", run(environ, name, "bench_segments"))
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
    keys = {
        "decide": (*KEYS, *OF_DECIDE),
        "signals": OF_SIGNALS,
        "segments": OF_SEGMENTS,
    }.get(command, KEYS)
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
