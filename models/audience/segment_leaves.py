"""What the lines of a segment ask, each as a domain on the profile.

A function here gets a line (elevated), the moment and whether people outside are meant;
it raises ``SegmentProblem`` where the line cannot be asked. What no domain can say is
said in SQL, as rows of people, so that the database can join them.
"""

from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.mass_mailing_contact_strategy.models.sql_arrays import int_array

ONLY = "contact_only_scope"
"""Context: only the people of ``SCOPE`` are asked about now. Behaviours say so, whose
rows are counted before they are joined (those of ``NARROW``); all else is joined with
few people anyway."""
SCOPE = SQL("SELECT scope.profile_id FROM contact_segment_scope scope")
"""A table of this connection, while members are refreshed; not a list, which the
database would read and sort again for each person."""
NARROW = SQL("SELECT narrow.profile_id FROM contact_segment_narrow narrow")
"""Of these whom all quick lines leave."""
SHARES = 2**32
"""Everybody has a place among so many."""


def people(rows, is_outside) -> Domain:
    """The people of some rows, or all others.

    :param rows: function that returns a SELECT with a column ``profile_id``
    """

    def to_sql(_model, alias, _query):
        found = SQL(
            "EXISTS (SELECT FROM (%s) leaf WHERE leaf.profile_id = %s)",
            rows(),
            SQL.identifier(alias, "id"),
        )
        return SQL("NOT %s", found) if is_outside else found

    return Domain.custom(to_sql=to_sql)


def chosen(line, name):
    """The ids of what was chosen; also of what was archived since.

    :raise SegmentProblem: it is gone
    """
    records = line.with_context(active_test=False)[name]
    if not records:
        raise line._problem(line._say_missing(name))
    return records


def one_of(line, name, field_name, is_outside) -> Domain:
    """A field of the profile has one of the values chosen, or none."""
    operator = "not in" if is_outside else "in"
    values = [False] if line.is_empty else chosen(line, name).ids
    return Domain(field_name, operator, values)


def persona(line, _at, is_outside) -> Domain:
    """People of these personas."""
    return one_of(line, "persona_ids", "persona_id", is_outside)


def stage(line, _at, is_outside) -> Domain:
    """People who stand at these stages."""
    return one_of(line, "stage_ids", "journey_stage_id", is_outside)


def share(line, _at, is_outside) -> Domain:
    """A share of all people that is always the same: it follows from the person's id
    and the name of the draw."""
    share_from, share_to = line.share_from, line.share_to
    return share_of_people(line.share_key or "", share_from, share_to, is_outside)


def share_of_people(key, share_from, share_to, is_outside=False) -> Domain:
    """Those whose place in a draw is in a part of the whole.

    :param str key: the name of the draw
    :param float share_from: per cent, included
    :param float share_to: per cent, not included
    :param bool is_outside: all others
    """
    first, end = (
        SQL("%s::numeric", repr(float(value or 0))) for value in (share_from, share_to)
    )

    def to_sql(_model, alias, _query):
        place = SQL(
            "('x' || substr(md5(%s || ':' || %s::text), 1, 8))::bit(32)::bigint",
            key,
            SQL.identifier(alias, "id"),
        )
        within = SQL(
            "(%(place)s * 100 >= %(first)s * %(all)s"
            " AND %(place)s * 100 < %(end)s * %(all)s)",
            place=place,
            first=first,
            end=end,
            all=SHARES,
        )
        return SQL("NOT %s", within) if is_outside else within

    return Domain.custom(to_sql=to_sql)


def mailing_list(line, _at, is_outside) -> Domain:
    """Who is subscribed to one of these lists, or has opted out.

    As Odoo sees it: who opted out with one address and is subscribed with another has
    not opted out.
    """
    subscribed = SQL("own.opt_out IS NOT TRUE")
    if line.is_empty:
        which = subscribed
        is_outside = not is_outside
    else:
        which = SQL("own.list_id = ANY(%s)", int_array(chosen(line, "list_ids").ids))
        if line.list_state == "in":
            which = SQL("%s AND %s", which, subscribed)
        else:
            which = SQL("%s AND %s", which, _opted_out())
    flush = _flushed(
        line.env,
        ("mailing.subscription", ("contact_id", "list_id", "opt_out")),
        ("mailing.contact", ("profile_id",)),
    )
    rows = SQL(
        "SELECT contact.profile_id FROM mailing_subscription own"
        " JOIN mailing_contact contact ON contact.id = own.contact_id WHERE %s",
        which,
        to_flush=flush,
    )
    return people(lambda: rows, is_outside)


def _opted_out():
    return SQL(
        "own.opt_out AND NOT EXISTS (SELECT FROM mailing_subscription other"
        " JOIN mailing_contact same ON same.id = other.contact_id"
        " WHERE other.list_id = own.list_id AND other.opt_out IS NOT TRUE"
        " AND same.profile_id = contact.profile_id)"
    )


def segment(line, at, is_outside) -> Domain:
    """Who is in one of these segments.

    :raise SegmentProblem: also where one of them is broken, or asks for this one
    """
    domains = [
        _ask_other(line, other, at, is_outside)
        for other in chosen(line, "other_segment_ids")
    ]
    return Domain.AND(domains) if is_outside else Domain.OR(domains)


def _ask_other(line, other, at, is_outside):
    try:
        return other._outside(at) if is_outside else other._audience(at)
    except ValueError as problem:
        raise line._problem(
            line.env._(
                "“%(name)s” cannot be asked: %(problem)s",
                name=other.name,
                problem=problem,
            )
        ) from problem


def _flushed(env, *columns):
    """The fields that a statement reads: what is not written yet is written first."""
    return [env[model]._fields[name] for model, names in columns for name in names]
