"""What is written into the ledger for those who may be written to, as SQL: in the same
statement that decides, so that nobody comes between."""

from dataclasses import dataclass
from datetime import datetime

from odoo.tools import SQL


@dataclass(frozen=True)
class Booking:
    """What to write into the ledger for those who may be written to."""

    mailing_id: int
    res_model: str
    date: datetime
    channel_id: int
    category_id: int | None
    counts: bool
    company_id: int | None
    user_id: int | None
    uid: int
    priority: int
    cost: float
    currency_id: int | None


def book(booking, plan):
    """Reserve: a line in the ledger for everybody no rule refused.

    :param Booking booking: what to write
    :param Plan plan: what was asked
    :return: SQL, a named query ``booked`` over ``verdict``
    """
    return SQL(
        """booked AS (
            INSERT INTO contact_touch (
                   profile_id, address, res_id, counts,
                   channel_id, category_id, mailing_id, priority, date, state,
                   company_id, user_id, res_model, cost, currency_id,
                   create_uid, create_date, write_uid, write_date, override_id)
            SELECT v.profile_id, v.address, v.res_id,
                   %s AND NOT COALESCE(v.is_seed, FALSE), %s, %s
              FROM verdict v
             WHERE NOT v.is_refused
             ORDER BY v.profile_id
                ON CONFLICT DO NOTHING
         RETURNING res_id)
        """,
        booking.counts,
        _values(booking),
        SQL("v.override_id" if plan.override else "NULL::int"),
    )


def lost(people):
    """Who was neither refused nor booked: somebody else books the same record, or the
    person is gone, or is going.

    :param People people: whom to decide about
    :return: SQL, a row as of ``decide`` with all these records, over ``verdict`` and
        ``booked``
    """
    return SQL(
        """
        SELECT NULL, NULL, NULL, NULL, NULL, array_agg(who.res_id), NULL, NULL
          FROM (%s) who
         WHERE who.address IS NOT NULL
           AND NOT EXISTS (SELECT FROM booked b WHERE b.res_id = who.res_id)
           AND NOT EXISTS (SELECT FROM verdict v
                            WHERE v.res_id = who.res_id AND v.is_refused)
        """,
        people.mailboxes,
    )


def _values(booking):
    """What every line of one booking has in common, in the order of the columns."""
    return SQL(
        "%s, %s, %s, %s, %s, 'reserved', %s, %s, %s, %s, %s, %s, %s, %s, %s",
        booking.channel_id,
        booking.category_id,
        booking.mailing_id,
        booking.priority,
        booking.date,
        booking.company_id,
        booking.user_id,
        booking.res_model,
        booking.cost,
        booking.currency_id,
        booking.uid,
        booking.date,
        booking.uid,
        booking.date,
    )
