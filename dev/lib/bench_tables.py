"""What ``./dev/bench`` prints."""

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


def show(command, figures):
    """Print the figures of a measurement."""
    print()
    {
        "decide": _print_decide,
        "send": _print_send,
        "signals": _print_signals,
        "segments": _print_segments,
    }[command](figures)


def _print_decide(figures):
    for size in figures["sizes"].values():
        _print_size(figures, size)
    touch = figures["bytes_per_touch"]
    print(f"a touch takes {touch['table']} bytes, its indexes {touch['indexes']}")
    print("until a screen is open (at once, then on request):")
    for key in ("screens", "on_request"):
        for name, seconds in figures[key].items():
            print(f"  {name:<26}{seconds:>8.3f} s")
    _print_kinds(figures["kinds"])


def _print_kinds(kinds):
    print("with a rule of each kind:")
    for count, size in kinds.items():
        times = size["times"]["decide_s"]
        print(
            f"  {int(count):>9,} recipients, {size['refused']:,} refused: decide_s"
            f" {size['decide_s']:.3f} s, {size['decide_ratio']:.2f} x sql_s"
            f" ({size['form']})  [{min(times):.3f}..{max(times):.3f}]"
        )
        for sentence, refused in size["by_rule"].items():
            print(f"  {refused:>12,}  {sentence}")


def _print_signals(figures):
    print(
        f"ten signals about {figures['contacts']:,} people, {figures['facts']:,} facts:"
        f" {figures['hits']:,} hits; then {figures['new_facts']:,} new facts"
    )
    for key, base, meaning in (
        ("sql_s", "sql_s", "number, sum, first, last of the facts by person"),
        ("last_sql_s", "sql_s", "only number and last"),
        ("full_s", "sql_s", "all ten signals for everybody, hits written"),
        ("delta_s", "full_s", "again, new facts about one person in ten"),
        ("alike_s", "full_s", "again, new facts spread as all facts are"),
    ):
        times = figures["times"][key]
        print(
            f"  {key:<13}{figures[key]:>8.3f} s {figures[key] / figures[base]:>8.2f} x"
            f" {base:<8}{meaning}  [{min(times):.3f}..{max(times):.3f}]"
        )


def _print_segments(figures):
    print(
        f"five conditions and a limit about {figures['contacts']:,} people,"
        f" {figures['facts']:,} facts: {figures['people']:,} of {figures['fits']:,} who"
        f" fit; {figures['changed']:,} changed; by hand: {figures['form']}"
    )
    for key, base, meaning in (
        ("sql_s", "sql_s", "best hand-written SQL for it"),
        ("segment_s", "sql_s", "who is in the segment"),
        ("refresh_full_s", "refresh_full_s", "its members, everybody looked at"),
        ("refresh_delta_s", "refresh_full_s", "only those who may have changed"),
    ):
        times = figures["times"][figures["form"] if key == "sql_s" else key]
        print(
            f"  {key:<16}{figures[key]:>8.3f} s {figures[key] / figures[base]:>8.2f} x"
            f" {base:<16}{meaning}  [{min(times):.3f}..{max(times):.3f}]"
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
