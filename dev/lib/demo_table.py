"""Show the outcome as tables."""

from collections import Counter

from . import console, demo_facts, demo_plan

COLUMNS = (
    "sent at once",
    "sent later",
    "waiting",
    "held",
    "expired",
    "failed",
    "cancelled",
)


def show(facts, screens):
    """Per mailing: how its recipients ended, then which rules held them back."""
    rows = []
    for plan in demo_plan.MAILINGS:
        counts = demo_facts.outcome(facts, screens[plan.key]["id"])
        rows.append([plan.subject, counts.total(), *(counts[c] for c in COLUMNS)])
    sums = [sum(row[i] for row in rows) for i in range(1, len(COLUMNS) + 2)]
    head = ["mailing", "recipients", *COLUMNS]
    console.note("")
    show_rows([head, *rows, ["all", *sums]])
    console.note("\nWho was not written to at once, by rule, and what became of it:\n")
    show_rows(
        [["mailing", "rule", "people", *STATES.values()], *_by_rule(facts, screens)]
    )


STATES = {
    "sent": "sent later",
    "deferred": "waiting",
    "held": "held",
    "expired": "expired",
}


def _by_rule(facts, screens):
    rows = []
    for plan in demo_plan.MAILINGS:
        holds = facts.holds[screens[plan.key]["id"]].values()
        by_rule = Counter((hold.why, hold.state) for hold in holds)
        rules = sorted({why for why, _state in by_rule})
        for why in rules:
            numbers = [by_rule[why, state] for state in STATES]
            rows.append([plan.subject, why, sum(numbers), *numbers])
    return rows


def show_rows(rows):
    """Text to the left, numbers to the right, a line under the head."""
    texts = [[_text(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    numeric = [isinstance(cell, int) for cell in rows[-1]]
    for number, line in enumerate(texts):
        console.note(
            "  ".join(
                cell.rjust(width) if right else cell.ljust(width)
                for cell, width, right in zip(line, widths, numeric, strict=True)
            ).rstrip()
        )
        if not number:
            console.note("  ".join("-" * width for width in widths))


def _text(cell):
    if isinstance(cell, int):
        return f"{cell:,}" if cell else "·"
    return cell
