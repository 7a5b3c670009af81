"""What signals compare: from the aggregates of a person's records to yes or no."""

from datetime import timedelta

from odoo.tools import SQL

FACTS_NEEDED = {"gap_mean": 2, "gap_spread": 3, "cycle": 3}
"""So many records make an interval worth speaking of; of all else one is enough."""
MOVING = ("latest", "earliest", "next", "cycle")
"""What these compare changes with every moment: only the records are kept."""
_DAYS = "EXTRACT(EPOCH FROM %s) / 86400"
_TURNED = {">=": "<=", ">": "<", "<=": ">=", "<": ">"}


def days(interval):
    """An interval in days, exactly."""
    return SQL(_DAYS, interval)


def mean_gap(columns):
    """Mean days between records: all gaps together are the time from first to last."""
    return SQL(
        "%s / NULLIF(%s - 1, 0)",
        days(SQL("(%s - %s)", columns.last, columns.first)),
        columns.count,
    )


def measure(aggregate, columns, now):
    """The number that is compared.

    :param str aggregate: of the signal
    :param columns: names of its aggregates: ``count``, ``first``, ``last``, ``value``
    :param now: naive UTC
    """
    moment = SQL("%s::timestamp", now)
    if aggregate == "count":
        return columns.count
    if aggregate == "latest":
        return days(SQL("(%s - %s)", moment, columns.last))
    if aggregate == "earliest":
        return days(SQL("(%s - %s)", moment, columns.first))
    if aggregate == "next":
        return days(SQL("(%s - %s)", columns.first, moment))
    if aggregate == "gap_mean":
        return mean_gap(columns)
    if aggregate == "cycle":
        passed = days(SQL("(%s - %s)", moment, columns.last))
        return SQL("%s / NULLIF(%s, 0)", passed, mean_gap(columns))
    return columns.value


def of_values(aggregate, value):
    """What is made of the values of all records.

    :param str aggregate: of the signal
    :param SQL value: of a record
    """
    if aggregate == "sum":
        return SQL("sum((%s)::numeric)", value)
    if aggregate == "average":
        return SQL("avg((%s)::numeric)", value)
    return SQL("count(DISTINCT %s)", value)


def kept_value(aggregate, columns):
    """What a hit keeps of the number: nothing that changes while records do not."""
    if aggregate == "cycle":
        return mean_gap(columns)
    if aggregate in MOVING:
        return SQL("0")
    return measure(aggregate, columns, None)


def is_true(signal, columns, now):
    """Does the number compare as the signal says?"""
    compared = _compare_dates(signal, columns, now)
    if compared is None:
        compared = _compare(
            measure(signal.aggregate, columns, now),
            signal.comparison,
            _exact(signal.threshold),
            _exact(signal.threshold_to),
        )
    needed = FACTS_NEEDED.get(signal.aggregate, 1)
    return SQL("%s >= %s AND %s", columns.count, needed, compared)


def is_not_true(question, columns):
    """Of people with records: does what is true of no records not hold of theirs?"""
    number = SQL("COALESCE(%s, 0)", measure(question.aggregate, columns, None))
    compared = _compare(
        number,
        question.comparison,
        _exact(question.threshold),
        _exact(question.threshold_to),
    )
    return SQL("%s > 0 AND NOT %s", columns.count, compared)


def _compare(number, comparison, threshold, threshold_to):
    if comparison == "between":
        return SQL("(%s BETWEEN %s AND %s)", number, threshold, threshold_to)
    return SQL("(%s %s %s)", number, SQL(comparison), threshold)


def _compare_dates(signal, columns, now):
    """Days until or since a date: quicker to compare the date. None for all others."""
    if signal.aggregate == "next":
        column, sign = columns.first, 1
    elif signal.aggregate in ("latest", "earliest"):
        column, sign = (
            (columns.last, -1) if signal.aggregate == "latest" else (columns.first, -1)
        )
    else:
        return None
    edges = [
        SQL("%s::timestamp", now + sign * timedelta(days=threshold or 0))
        for threshold in (signal.threshold, signal.threshold_to)
    ]
    comparison = signal.comparison
    if sign < 0:  # more days ago is an earlier date
        edges = edges[::-1] if comparison == "between" else edges
        comparison = _TURNED.get(comparison, comparison)
    return _compare(column, comparison, *edges)


def _exact(number):
    """As it was typed: 0.1 is a tenth. Whole numbers compare quicker with counts."""
    number = float(number or 0)
    if number.is_integer():
        return SQL("%s::bigint", int(number))
    return SQL("%s::numeric", repr(number))
