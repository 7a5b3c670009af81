"""From when to when records count, and when time alone changes that."""

from datetime import datetime, time, timedelta

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


def bounds_of(signal, now, is_day):
    """First moment of the absolute window, and the first one after it; None: open.

    :param bool is_day: dates are days, and not moments
    :return: naive UTC, or days at midnight
    """
    clock = signal._clock(now)
    first, last = signal.date_from, signal.date_to
    after = last and last + timedelta(days=1)
    return [
        day and (datetime.combine(day, time()) if is_day else clock.start_of(day))
        for day in (first, after)
    ]


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
