"""Of whom may a signal say something else than the last time?"""

from datetime import timedelta

from odoo.tools import SQL

from odoo.addons.mass_mailing_contact_strategy.models.sql_arrays import int_array

from . import signal_path
from .signal_records import shape
from .signal_windows import crossings

MARGIN = timedelta(hours=1)
"""A record is dated when its transaction began, and seen when that has ended."""


def tables(scan, due_ids):
    """What is to be kept for one evaluation, as pairs (name, query).

    ``touched``: people, as the records name them, who have new or changed records, or
    one that began or ceased to count by the passing of time. ``scope``: the profiles
    whose hits may change.

    :param scan: without ``only``
    :param due_ids: profiles to look at whatever happened
    """
    signals = scan.signals
    since = min(signals.mapped("evaluated_date"))
    last_id = min(signals.mapped("last_profile_id"))
    column = SQL.identifier("profile", scan.person.column)
    due = SQL("profile.id = ANY(%s)", int_array(due_ids))
    if scan.person.kind in ("email", "phone"):
        # an address may have got its first person, or another one, only now
        due = SQL("(%s OR profile.id > %s)", due, last_id)
    changed = SQL(
        "%s OR %s", _sql_changed(scan, since - MARGIN), _sql_crossed(scan, since)
    )
    records = scan.sql_records(SQL("%s AS person", scan.key), [SQL("(%s)", changed)])
    return [
        ("touched", _sql_touched(records, column, due)),
        ("scope", _sql_scope(scan, column, due)),
    ]


def _sql_touched(records, column, due):
    return SQL(
        "SELECT DISTINCT person FROM (%(records)s UNION ALL"
        " SELECT %(column)s FROM contact_profile profile"
        " WHERE %(column)s IS NOT NULL AND %(due)s) either",
        records=records,
        column=column,
        due=due,
    )


def _sql_scope(scan, column, due):
    if scan.person.kind == "profile":
        # they are named by themselves, and those who are due are among them
        return SQL("SELECT person AS profile_id FROM contact_signal_touched")
    return SQL(
        "SELECT profile.id AS profile_id FROM contact_profile profile"
        " JOIN contact_signal_touched touched ON touched.person = %s"
        " UNION SELECT profile.id FROM contact_profile profile WHERE %s",
        column,
        due,
    )


def _sql_changed(scan, since):
    """Was the record, or one beside it that decides about it, written since?"""
    conditions = [
        _sql_written(scan.model, scan.alias, since)
        or SQL(" OR ").join(SQL("%s > %s", date, since) for date in scan.dates)
    ]
    for prefix in sorted(_steps(scan)):
        there = signal_path.follow(scan.model, scan.alias, prefix, scan.query)
        if there and (written := _sql_written(*there, since)):
            conditions.append(written)
    return SQL(" OR ").join(conditions)


def _steps(scan):
    paths = {scan.person.path}
    for signal in scan.signals:
        paths |= {signal.date_path, signal.value_path or "id"}
    return signal_path.steps_of(
        paths, [domain for signal in scan.signals for domain in signal._get_domains()]
    )


def _sql_written(model, alias, since):
    """None where the model does not note when it is written."""
    for name in ("write_date", "create_date"):
        field = model._fields.get(name)
        if field and field.store:
            return SQL("%s > %s", SQL.identifier(alias, name), since)
    return None


def _sql_crossed(scan, since):
    """Has time alone made the record count, or not count, since? Only one that fits:
    whatever else has changed about it, was written."""
    # The same span is asked once, whichever signals look at it: each is looked up.
    crossed = {}
    for signal, date in zip(scan.signals, scan.dates, strict=True):
        fits = scan.sql_chosen(signal)
        for span in crossings(signal, since, scan.now):
            between = SQL("%s BETWEEN %s AND %s", date, *span)
            _span, all_fits = crossed.setdefault(shape(between), (between, {}))
            all_fits[fits and shape(fits)] = fits
    return SQL(" OR ").join(
        between
        if None in all_fits
        else SQL("(%s AND (%s))", between, SQL(" OR ").join(all_fits.values()))
        for between, all_fits in crossed.values()
    )


def table(name):
    """What is kept of one evaluation: ``touched``, ``scope`` or ``found``."""
    return SQL.identifier(f"contact_signal_{name}")
