"""What reports count, and of whom: one sentence for all of them."""

from odoo.tools import SQL

from odoo.addons.mass_mailing_contact_strategy.models.ledger.contact_touch import (
    COUNTED_STATES,
)

MANY = 7
"""Whoever got more than so many touches is counted with those who got so many."""
DOSES = [*((str(count), str(count)) for count in range(MANY)), (str(MANY), "7 or more")]
"""Numbers alone: the browser keeps the parts of a column in their order, words not."""


def sql_counted(env, alias):
    """A touch that uses up allowance, of the business units in use, or of none.

    Said as the indexes of the ledger say it. Also with elevated rights only those
    units: a report is about what its reader works on.

    :param env: environment of the reader
    :param str alias: of ``contact_touch`` in the statement
    :rtype: SQL
    """
    return SQL(
        "%(counts)s AND %(state)s IN %(states)s"
        " AND (%(unit)s IS NULL OR %(unit)s = ANY(%(mine)s))",
        counts=SQL.identifier(alias, "counts"),
        state=SQL.identifier(alias, "state"),
        states=COUNTED_STATES,
        unit=SQL.identifier(alias, "company_id"),
        mine=env.companies.ids,
    )


def sql_dose(count):
    """A number of touches as one of ``DOSES``."""
    return SQL("LEAST(%s, %s)::text", count, MANY)
