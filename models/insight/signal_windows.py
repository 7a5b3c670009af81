"""From when to when records count, and when time alone changes that."""

from datetime import timedelta

from dateutil.relativedelta import relativedelta

from .signal_measures import MOVING

UNITS = {"day": "days", "week": "weeks", "month": "months"}
SLACK = timedelta(seconds=1)
"""Around the moments at which time alone changes something."""


def edge_of(signal, now):
    """Where the signal's window begins (ends, looking ahead), or nothing: ever."""
    if not signal.window_value:
        return None
    length = relativedelta(**{UNITS[signal.window_unit]: signal.window_value})
    return now + length if signal.aggregate == "next" else now - length


def crossings(signal, before, now):
    """Spans of dates: a record in one of them may have become or ceased to count
    between two evaluations, only because time passed.

    :return: pairs (from, to), both included, naive UTC
    """
    spans = [(before, now)]
    if signal.window_value:
        spans.append((edge_of(signal, before), edge_of(signal, now)))
    if signal.aggregate in MOVING:
        thresholds = [signal.threshold]
        if signal.comparison == "between":
            thresholds.append(signal.threshold_to)
        sign = 1 if signal.aggregate == "next" else -1
        for threshold in thresholds:
            shift = sign * timedelta(days=threshold)
            spans.append((before + shift, now + shift))
    return [(min(span) - SLACK, max(span) + SLACK) for span in spans]
