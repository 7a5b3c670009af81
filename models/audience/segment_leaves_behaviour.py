"""What lines ask of what people did: see ``segment_leaves``."""

from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.mass_mailing_contact_strategy.models.insight import signal_sql
from odoo.addons.mass_mailing_contact_strategy.models.insight.contact_behaviour_check import (  # noqa: E501
    NOT_UNDERSTOOD,
)

from .segment_leaves import NARROW, ONLY, _flushed, people


def behaviour(line, at, is_outside) -> Domain:
    """Who did something so often, lately, for so much: by the engine of signals.

    "Fewer than once", "at most 0" and all negations include people of whom there is no
    record.
    """
    with_people, is_rest = scan_of(line, at, lambda scan: scan.sql_people())
    rows = SQL("%s", with_people, to_flush=_columns_of_people(line.env))
    return people(lambda: rows, is_outside != is_rest)


def numbers(line, at):
    """Rows (profile_id, number) of all who have records.

    :rtype: SQL
    :raise SegmentProblem: it cannot be asked
    """
    rows = scan_of(line, at, lambda scan: scan.sql_numbers())
    return SQL("%s", rows, to_flush=_columns_of_people(line.env))


def scan_of(line, at, ask):
    """What the engine says of the line.

    :param ask: function of the scan
    :raise SegmentProblem: the model or a field is gone
    """
    # The same clock, language and unit for every reader.
    line = line.with_env(line._profiles().env)
    if not line.model_name or line.model_name not in line.env:
        raise line._problem(line.env._("the records it is about are gone"))
    try:
        scan = signal_sql.Scan(line, at)
        scan.only = _sql_only(scan)
        return ask(scan)
    except NOT_UNDERSTOOD as error:
        raise line._problem(line._say_fault(error)) from error


def _sql_only(scan):
    """The only people whose records are read, as the records name them; None: all."""
    if not scan.env.context.get(ONLY):
        return None
    name = scan.person.column
    if name == "id":
        return NARROW
    return SQL(
        "SELECT %s FROM contact_profile WHERE id IN (%s)", SQL.identifier(name), NARROW
    )


def _columns_of_people(env):
    return _flushed(
        env,
        (
            "contact.profile",
            ("partner_id", "email_normalized", "phone_sanitized", "is_seed", "active"),
        ),
        ("res.partner", ("active", "is_company")),
    )
