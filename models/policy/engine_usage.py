"""Which touches used the allowance up, as SQL: one statement for all whom a question
refused, since the ORM would ask for each of them."""

from odoo.tools import SQL

from odoo.addons.mass_mailing_contact_strategy.models.sql_arrays import (
    int_array,
    text_array,
)

from . import engine_ahead
from .engine_counts import COUNTED, OWN, of_units, same_kind
from .engine_ledger import LEDGER, with_more
from .engine_shared import mates, shared_by

# Of the touches in a window, those that stand in the way: as many of the newest as are
# allowed, so that once the oldest of them is free the next message fits.
NEWEST = """
    SELECT t.id, t.date FROM %(ledger)s t
     WHERE %(those)s ORDER BY t.date DESC, t.id DESC
     LIMIT %(first)s
"""
# The same where something is kept for other units: a touch of theirs takes nothing away
# as long as it is one of those. The last of them is the first that is one too many.
NEWEST_BUT_KEPT = """
    SELECT id, date FROM (
        SELECT t.id, t.date, row_number() OVER newest %(columns)s
          FROM %(ledger)s t WHERE %(those)s
        WINDOW newest AS (ORDER BY t.date DESC, t.id DESC)) ranked
     WHERE row_number - 1 %(kept)s < %(first)s
"""
# Each of the others is out of the way when the last touch with them is.
NEWEST_PEOPLE = """
    SELECT * FROM (
        SELECT DISTINCT ON (t.profile_id) t.id, t.date FROM %(ledger)s t
         WHERE %(those)s AND t.profile_id <> q.profile_id
         ORDER BY t.profile_id, t.date DESC, t.id DESC) other
     ORDER BY date DESC, id DESC LIMIT %(first)s
"""
# The last of them is the first that is one too many.
DEAREST = """
    SELECT id, date FROM (
        SELECT t.id, t.date, t.cost * %(rate)s AS cost,
               sum(t.cost * %(rate)s) OVER (ORDER BY t.date DESC, t.id DESC) AS total
          FROM %(ledger)s t WHERE %(those)s AND t.cost > 0) spent
     WHERE total - cost + %(adds)s <= %(maximum)s
"""
STATEMENTS = {"touches": NEWEST, "people": NEWEST_PEOPLE, "cost": DEAREST}


def usage(item, asked, rates, ledger=LEDGER, planned=()):
    """Which touches used the allowance up, for the refused only.

    :param Item item: the question that refused them; one that counts
    :param dict asked: {(lower, upper): [(record id, profile id, address)]}
    :param rates: see ``engine_counts.Counts``
    :param SQL ledger: see ``engine_counts.Counts``
    :param planned: Planned that go first
    :return: SQL giving (record id, touch ids newest first, date of the oldest of these
        and of what goes first, ids of the mailings that go first, the last one first)
    """
    rows = [(*who, *window) for window, people in asked.items() for who in people]
    res_ids, profile_ids, addresses, lowers, uppers = zip(*rows, strict=True)
    ahead = SQL()
    if planned:
        ahead, messages = engine_ahead.find(item.counted.count_per, planned)
        ledger = with_more(ledger, messages)
    return SQL(
        """
        SELECT q.res_id, d.touch_ids, d.oldest, d.mailing_ids
          FROM unnest(%(res_ids)s, %(profile_ids)s, %(addresses)s,
                      %(lowers)s::timestamp[], %(uppers)s::timestamp[])
               AS q (res_id, profile_id, address, lower, upper)
          JOIN contact_profile profile ON profile.id = q.profile_id %(ahead)s
         CROSS JOIN LATERAL (
               SELECT array_agg(x.id ORDER BY x.date DESC, x.id DESC)
                          FILTER (WHERE x.id > 0) AS touch_ids,
                      min(x.date) AS oldest,
                      array_agg(-x.id ORDER BY x.date DESC, x.id)
                          FILTER (WHERE x.id < 0) AS mailing_ids
                 FROM (%(used)s) x) d
        """,
        res_ids=int_array(res_ids),
        profile_ids=int_array(profile_ids),
        addresses=text_array(addresses),
        lowers=list(lowers),
        uppers=list(uppers),
        ahead=ahead,
        used=_in_the_way(item, rates, ledger),
    )


def _in_the_way(item, rates, ledger):
    """The touches of the person ``q`` that stand in the way."""
    question, counted = item.question, item.counted
    if question.kept:
        return _used_after_kept(question, ledger)
    maximum = SQL("%s", question.maximum)
    if item.asked.maximum:
        maximum = item.asked.maximum("profile")
    return SQL(
        STATEMENTS[counted.measure],
        ledger=ledger,
        those=_those(counted),
        maximum=maximum,
        adds=question.adds,
        rate=rates("t", counted.currency_id),
        first=newest(question),
    )


def _used_after_kept(question, ledger):
    names = [SQL.identifier(f"of_{place}") for place, _kept in enumerate(question.kept)]
    columns = [
        SQL(
            ", count(*) FILTER (WHERE %s) OVER (newest"
            " ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS %s",
            of_units(part.company_ids),
            name,
        )
        for name, (part, _touches) in zip(names, question.kept, strict=True)
    ]
    kept = [
        SQL("+ GREATEST(%s - %s, 0)", touches, name)
        for name, (_part, touches) in zip(names, question.kept, strict=True)
    ]
    return SQL(
        NEWEST_BUT_KEPT,
        ledger=ledger,
        columns=SQL().join(columns),
        those=_those(question.counted),
        kept=SQL().join(kept),
        first=newest(question),
    )


def newest(question):
    """So many of the newest touches stand in the way of another one."""
    return int(question.maximum - question.adds + 1)


def ends(item, profile_ids):
    """When it ends for people whom a question refuses as such.

    :param Item item: the question; one with ``until``
    :return: SQL giving (profile id, moment)
    """
    return SQL(
        "SELECT profile.id, %s FROM contact_profile profile WHERE profile.id = ANY(%s)",
        item.asked.until("profile"),
        int_array(profile_ids),
    )


def _those(counted):
    """The touches that are counted for the person ``q``."""
    key = counted.count_per
    if key in OWN:
        column = SQL.identifier(OWN[key])
        whose = SQL("t.%(column)s = q.%(column)s", column=column)
    else:
        shared = shared_by(key, "profile")
        whose = SQL("t.profile_id IN (%s)", mates(key, shared))
    return SQL(
        "%s AND %s AND t.date >= q.lower AND t.date < q.upper %s",
        whose,
        COUNTED,
        same_kind(counted),
    )
