"""The ledger that questions count in, as SQL: as it is, or as it will be."""

from odoo.tools import SQL

from odoo.addons.mass_mailing_contact_strategy.models.sql_arrays import (
    int_array,
    text_array,
)

LEDGER = SQL("contact_touch")
AND_THEN = """
    (SELECT id, profile_id, address, date, state, counts, channel_id, category_id,
            company_id, mailing_id, cost, currency_id
       FROM contact_touch
      UNION ALL
     SELECT 0, who.profile_id, who.address, %(at)s::timestamp, 'reserved', TRUE,
            %(channel)s::int, %(category)s::int, %(company)s::int, %(mailing)s::int,
            %(cost)s::numeric, %(currency)s::int
       FROM unnest(%(profiles)s, %(addresses)s) AS who (profile_id, address))
"""


def and_then(message, at, people):
    """The ledger as it will be once these people have got a message.

    :param Message message: that one; it counts
    :param datetime at: when (naive UTC)
    :param list people: (profile id, address)
    :return: SQL, to be read like the table; what is not there yet has the id 0
    """
    profile_ids, addresses = zip(*people, strict=True)
    return SQL(
        AND_THEN,
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
