"""The ledger that questions count in, as SQL: as it is, or as it will be."""

from odoo.tools import SQL

from odoo.addons.mass_mailing_contact_strategy.models.sql_arrays import (
    int_array,
    text_array,
)

LEDGER = SQL("contact_touch")
COLUMNS = {
    "id": "int",
    "profile_id": "int",
    "address": "varchar",
    "date": "timestamp",
    "state": "varchar",
    "counts": "bool",
    "channel_id": "int",
    "category_id": "int",
    "company_id": "int",
    "mailing_id": "int",
    "cost": "numeric",
    "currency_id": "int",
}
"""What of a touch is asked about."""
MESSAGES = """
    SELECT %(id)s::int AS id, who.profile_id, who.address::varchar AS address,
           %(at)s::timestamp AS date, 'reserved'::varchar AS state, TRUE AS counts,
           %(channel)s::int AS channel_id, %(category)s::int AS category_id,
           %(company)s::int AS company_id, %(mailing)s::int AS mailing_id,
           %(cost)s::numeric AS cost, %(currency)s::int AS currency_id
      FROM unnest(%(profiles)s, %(addresses)s) AS who (profile_id, address)
"""


def and_then(message, at, people):
    """The ledger as it will be once these people have got a message.

    :param Message message: that one; it counts
    :param datetime at: when (naive UTC)
    :param list people: (profile id, address)
    :return: SQL, to be read like the table; what is not there yet has the id 0
    """
    return with_more(LEDGER, _messages(0, message, at, people))


def with_more(ledger, rows):
    """A ledger and further rows.

    :param SQL ledger: to be read like the table
    :param SQL rows: giving all `COLUMNS`
    :rtype: SQL
    """
    columns = SQL(", ").join(SQL.identifier("t", name) for name in COLUMNS)
    return SQL("(SELECT %s FROM %s t UNION ALL %s)", columns, ledger, rows)


def going_first(planned):
    """What mailings that go first will send.

    :param planned: Planned, at least one
    :return: SQL giving all `COLUMNS`; the id is that of the mailing, less than zero
    """
    return SQL(" UNION ALL ").join(
        _messages(-each.message.mailing_id, each.message, each.date, each.people)
        for each in planned
    )


def _messages(number, message, at, people):
    profile_ids, addresses = zip(*people, strict=True)
    return SQL(
        MESSAGES,
        id=number,
        at=at,
        channel=message.channel_id,
        category=message.category_id,
        company=message.company_id,
        mailing=message.mailing_id,
        cost=message.cost,
        currency=message.currency_id,
        profiles=int_array(profile_ids),
        addresses=text_array(addresses),
    )
