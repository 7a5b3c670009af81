"""Of whom may a segment say something else than the last time?

Each kind of line names its sources: statements of rows (profile_id). They may name too
many people, and must not miss one. Where a line cannot say (a list, whose rows are
deleted; dates that move with the day; a limit of another segment, which moves people
of whom nothing changed) everybody is looked at: ``None``.

What changes beside all that, such as a field that is written by SQL alone, is noticed
by the nightly run.
"""

from datetime import timedelta

from odoo.fields import Domain
from odoo.tools import SQL, Query

from odoo.addons.mass_mailing_contact_strategy.models.domain_paths import NESTED
from odoo.addons.mass_mailing_contact_strategy.models.insight import (
    signal_delta,
    signal_path,
)
from odoo.addons.mass_mailing_contact_strategy.models.sql_arrays import int_array

from . import segment_leaves_behaviour

MARGIN = signal_delta.MARGIN
BY_NAME = ("like", "ilike", "=like", "=ilike", "not like", "not ilike")
TREE = ("child_of", "parent_of")


class Everybody(Exception):
    """Only a look at everybody can say it."""


def sources(segment, since, at):
    """Statements of rows (profile_id): people to look at.

    :param datetime since: when the segment was looked at
    :param datetime at: now
    :return: list of SQL; None: everybody
    """
    try:
        return _of_profiles(since) + _of_segment(segment, since, at)
    except Everybody:
        return None


def _of_segment(segment, since, at):
    found = []
    for earlier in segment._earlier():
        found += _of_other(earlier, since, at, is_in_line=True)
    found += _of_lines(segment, since, at)
    if segment.max_members and segment.rank_by == "field":
        found += _of_paths(segment.env, [segment.rank_path], since)
    if segment.max_members and segment.rank_by == "behaviour":
        found += _of_behaviour(segment.rank_condition_id, since, at)
    return found


def _of_lines(segment, since, at):
    return [
        source
        for line in segment.condition_ids
        for source in SOURCES[line.kind](line, since, at)
    ]


def _of_other(other, since, at, is_in_line=False):
    """Another segment: its rows, or, if it has none, what it says itself."""
    if other.kind != "live":
        found = [_of_rows(other, since)]
        if is_in_line or not other.waterfall_id:
            return found
        for earlier in other._earlier():
            found += _of_other(earlier, since, at, is_in_line=True)
        return found
    if other.max_members:
        raise Everybody
    if is_in_line:  # those before it are asked, too
        return _of_lines(other, since, at)
    return _of_segment(other, since, at)


def _of_rows(segment, since):
    return SQL(
        "SELECT profile_id FROM contact_segment_member"
        " WHERE segment_id = %(id)s AND (since >= %(since)s OR until >= %(since)s)",
        id=segment.id,
        since=since - MARGIN,
    )


def _of_profiles(since):
    return [
        SQL(
            "SELECT id AS profile_id FROM contact_profile WHERE write_date > %s",
            since - MARGIN,
        )
    ]


def _of_nothing(_line, _since, _at):
    """What the profile itself says, or nothing that changes."""
    return []


def _of_everybody(_line, _since, _at):
    raise Everybody


def _of_domain(line, since, _at):
    paths = []
    domain = line._get_domain()
    _collect_paths(domain, "", paths)
    return _of_paths(line.env, paths, since)


def _refuse_moving(domain):
    """Dates that move with the day change the answer without a trace."""
    if signal_path.is_moving(domain) or any(
        str(condition.value).startswith("=")  # the last Monday
        for condition in domain.iter_conditions()
    ):
        raise Everybody


def _collect_paths(domain, prefix, paths):
    """All paths that a domain reads, also inside ``any``."""
    _refuse_moving(domain)
    for condition in domain.iter_conditions():
        path = prefix + condition.field_expr
        if condition.operator in TREE:
            raise Everybody
        if condition.operator in NESTED:
            paths.append(f"{path}.id")
            _collect_paths(Domain(condition.value), f"{path}.", paths)
        elif condition.operator in BY_NAME:
            paths += [path, f"{path}.display_name"]
        else:
            paths.append(path)


def _of_paths(env, paths, since):
    """The profiles beside which a record was written that a path passes through."""
    Profile = env["contact.profile"].sudo()
    query = Query(env, Profile._table, Profile._table_sql)
    prefixes = {prefix for path in paths for prefix in _prefixes(Profile, path)}
    conditions = []
    for prefix in sorted(prefixes):
        there = signal_path.follow(Profile, Profile._table, prefix, query)
        written = there and signal_delta._sql_written(*there, since - MARGIN)
        if not written:
            raise Everybody
        conditions.append(written)
    if not conditions:
        return []
    return [
        SQL(
            "SELECT %s AS profile_id FROM %s WHERE %s",
            SQL.identifier(Profile._table, "id"),
            query.from_clause,
            SQL(" OR ").join(conditions),
        )
    ]


def _prefixes(model, path):
    """The many2one prefixes of a path; what is related is followed.

    :raise Everybody: it passes through something else
    """
    first, *rest = path.split(".")
    field = model._fields.get(first)
    if field is None:
        raise Everybody
    if field.related and not field.store:
        yield from _prefixes(model, ".".join([field.related, *rest]))
    elif field.type == "many2one" and field.store and rest:
        yield first
        for prefix in _prefixes(model.env[field.comodel_name], ".".join(rest)):
            yield f"{first}.{prefix}"
    elif rest not in ([], ["display_name"]) or not (
        first == "display_name" or (field.store and field.column_type)
    ):
        raise Everybody


def _of_tags(line, since, at):
    """Rows of any tag: in a dimension with one answer another one decides, too. What a
    tag or a dimension is, is asked of all who have it."""
    line.env.cr.execute(
        SQL(
            "SELECT EXISTS (SELECT FROM contact_tag WHERE write_date > %(since)s)"
            " OR EXISTS ("
            "SELECT FROM contact_tag_dimension WHERE write_date > %(since)s)",
            since=since - MARGIN,
        )
    )
    if line.env.cr.fetchone()[0]:
        raise Everybody
    conditions = [  # one by one, as each has an index
        SQL("write_date > %s", since - MARGIN),
        SQL("active IS TRUE AND expires BETWEEN %s AND %s", since - MARGIN, at),
    ]
    if line.seen_days:
        span = timedelta(days=line.seen_days)
        conditions.append(
            SQL(
                "last_seen BETWEEN %s AND %s", since - span - MARGIN, at - span + MARGIN
            )
        )
    return [
        SQL("SELECT profile_id FROM contact_tag_assignment WHERE %s", condition)
        for condition in conditions
    ]


def _of_responses(line, since, _at):
    """A touch is settled without a note of when, but its message has one."""
    if "contact.touch" not in line.env:
        return []
    return [
        SQL(
            "SELECT touch.profile_id FROM contact_touch touch"
            " LEFT JOIN mailing_trace trace ON trace.id = touch.trace_id"
            " WHERE touch.mailing_id = ANY(%(mailings)s)"
            " AND GREATEST(touch.write_date, touch.date, trace.write_date,"
            " touch.opened_date, touch.clicked_date, touch.replied_date,"
            " touch.bounced_date) > %(since)s",
            mailings=int_array(line.mailing_ids.ids),
            since=since - MARGIN,
        )
    ]


def _of_segments(line, since, at):
    return [
        source
        for other in line.with_context(active_test=False).other_segment_ids
        for source in _of_other(other, since, at)
    ]


def _of_behaviour(line, since, at):
    """People with new or changed records, or one that began or ceased to count by the
    passing of time; and those who share an address with somebody who changed."""
    if line.aggregate == "cycle":
        raise Everybody
    for domain in line._get_domains():
        _refuse_moving(domain)
    return segment_leaves_behaviour.scan_of(
        line, at, lambda scan: _of_scan(scan, since - MARGIN)
    )


def _of_scan(scan, since):
    changed = SQL(
        "(%s OR %s)",
        signal_delta._sql_changed(scan, since),
        signal_delta._sql_crossed(scan, since),
    )
    if scan.person.kind == "profile":
        return [scan.sql_records(SQL("%s AS profile_id", scan.key), [changed])]
    records = scan.sql_records(SQL("%s AS person", scan.key), [changed])
    column = SQL.identifier(scan.person.column)
    found = [
        SQL(
            "SELECT id AS profile_id FROM contact_profile WHERE %s IN (%s)",
            column,
            records,
        )
    ]
    if scan.person.kind in ("email", "phone"):
        found.append(
            SQL(
                "SELECT id AS profile_id FROM contact_profile WHERE %(column)s IN ("
                " SELECT %(column)s FROM contact_profile WHERE write_date > %(since)s)",
                column=column,
                since=since,
            )
        )
    return found


SOURCES = {
    "all": _of_nothing,
    "any": _of_nothing,
    "none": _of_nothing,
    "domain": _of_domain,
    "persona": _of_nothing,
    "stage": _of_nothing,
    "tag": _of_tags,
    "behaviour": _of_behaviour,
    "response": _of_responses,
    "list": _of_everybody,
    "segment": _of_segments,
    "share": _of_nothing,
}
