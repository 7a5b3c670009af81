"""What lines ask of tags, of mailings and of fields: see ``segment_leaves``."""

from datetime import timedelta

from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.mass_mailing_contact_strategy.models import (
    domain_meaning,
    domain_words,
)
from odoo.addons.mass_mailing_contact_strategy.models.sql_arrays import int_array
from odoo.addons.mass_mailing_contact_strategy.models.written_domain import MISREAD

from .segment_leaves import _flushed, chosen, people

VIEWS = {
    "either": "contact_profile_tag_effective",
    "explicit": "contact_profile_tag_explicit",
    "implicit": "contact_profile_tag_implicit",
}
ANSWERS = {
    "opened": SQL("touch.opened"),
    "clicked": SQL("touch.clicked"),
    "replied": SQL("touch.replied"),
    "bounced": SQL("touch.bounced"),
    # who bounced did not get it
    "sent": SQL("touch.state = 'sent' AND touch.bounced IS NOT TRUE"),
}
NOT_UNDERSTOOD = (
    *MISREAD,
    *(OverflowError, NotImplementedError, AssertionError, UserError),
)
"""What reading a domain, or giving it its meaning, can raise."""


def fields_of_person(line, at, is_outside) -> Domain:
    """Whom a domain on the profile chooses.

    Asked with elevated rights and with the unit's clock and language, so that the
    answer is the same for every reader: which people a reader may see is decided where
    they are searched. In SQL also for records in memory, so that there is one answer.
    """
    Profile = line._profiles()
    written = Domain.TRUE
    try:
        written = line._get_domain()
        domain = domain_meaning.understand(written, Profile, line._clock(at))
        domain.validate(Profile)
    except NOT_UNDERSTOOD as error:
        reason = domain_words.say_missing(written, Profile) or line.env._(
            "its fields cannot be understood: %s", error
        )
        raise line._problem(reason) from error
    if domain.is_true() or domain.is_false():
        return ~domain if is_outside else domain
    if is_outside:
        domain = ~domain

    def to_sql(_model, alias, query):
        return domain_meaning.to_sql(domain, Profile, alias, query)

    return Domain.custom(to_sql=to_sql)


def tag(line, at, is_outside) -> Domain:
    """Who has one of these tags now: said, concluded, or the one of both that counts.

    A minimum of confidence, and how long ago it was seen, are asked of what is known
    of that tag, whoever said so.
    """
    kind = line.tag_kind or "either"
    if line.is_empty:
        which = SQL("TRUE")
    else:
        tags = chosen(line, "tag_ids")
        gone = tags.filtered(lambda tag: not (tag.active and tag.dimension_id.active))
        if gone:
            raise line._problem(line.env._("“%s” is archived", gone[0].display_name))
        which = SQL("own.tag_id = ANY(%s)", int_array(tags.ids))
        if kind == "either" and not any(tags.dimension_id.mapped("is_exclusive")):
            kind = "live"
    if line.min_confidence or line.seen_days:
        which = SQL("%s AND %s", which, _sure(line, at))
    rows = SQL(
        "SELECT own.profile_id FROM %s own WHERE %s",
        SQL.identifier(VIEWS.get(kind, "contact_profile_tag_live")),
        which,
        to_flush=_columns_of_tags(line.env),
    )
    return people(lambda: rows, is_outside != line.is_empty)


def _sure(line, at):
    """What is known of the tag is sure and fresh enough, in one row."""
    wanted = [SQL("known.id = one.id")]
    if line.tag_kind in ("explicit", "implicit"):
        wanted.append(SQL("known.kind = %s", line.tag_kind))
    if line.min_confidence:
        least = round(line.min_confidence, 2)
        wanted.append(SQL("known.confidence >= %s::numeric", repr(least)))
    if line.seen_days:
        wanted.append(SQL("known.last_seen > %s", at - timedelta(days=line.seen_days)))
    return SQL(
        "EXISTS (SELECT FROM contact_profile_tag_live one"
        " JOIN contact_tag_assignment known ON %s"
        " WHERE one.profile_id = own.profile_id AND one.tag_id = own.tag_id)",
        SQL(" AND ").join(wanted),
    )


def _columns_of_tags(env):
    names = ("profile_id", "tag_id", "dimension_id", "kind", "active", "expires")
    return _flushed(
        env,
        ("contact.tag.assignment", (*names, "confidence", "last_seen")),
        ("contact.tag", ("active",)),
        ("contact.tag.dimension", ("active", "is_exclusive")),
    )


def response(line, _at, is_outside) -> Domain:
    """Who answered so to one of these mailings. A unit's segment sees its touches."""
    if "contact.touch" not in line.env:
        raise line._problem(line.env._("what was sent is not kept here"))
    answered = ANSWERS.get(line.response)
    if answered is None:
        raise line._problem(line.env._("say which response is meant"))
    mailings = chosen(line, "mailing_ids")
    unit = line.segment_id.company_id
    rows = SQL(
        "SELECT touch.profile_id FROM contact_touch touch"
        " WHERE touch.mailing_id = ANY(%s) AND %s AND %s",
        int_array(mailings.ids),
        answered,
        SQL("(touch.company_id IS NULL OR touch.company_id = %s)", unit.id)
        if unit
        else SQL("TRUE"),
        to_flush=_flushed(
            line.env,
            (
                "contact.touch",
                ("profile_id", "mailing_id", "company_id", "state", *list(ANSWERS)[:4]),
            ),
        ),
    )
    return people(lambda: rows, is_outside)
