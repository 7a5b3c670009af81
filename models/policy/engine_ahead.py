"""Counting what mailings that go first will send, as SQL."""

from odoo.tools import SQL

from .engine_counts import KEYS, OWN, Counts
from .engine_ledger import COLUMNS, going_first
from .engine_shared import shared_by

# They stand in no index: so they are looked for all together.
COUNT_AHEAD = """
    LEFT JOIN (
        SELECT who.res_id, %(columns)s
          FROM person who %(zones)s
          JOIN (%(ahead)s) t ON t.shared = who.%(column)s
         GROUP BY 1
    ) AS %(alias)s ON %(alias)s.res_id = person.res_id
"""
# The same, for the people ``q`` of a statement
FIND_AHEAD = """
    LEFT JOIN (
        SELECT t.shared, array_agg(ROW(%(columns)s)) AS messages
          FROM (%(ahead)s) t GROUP BY 1
    ) ahead ON ahead.shared = %(shared)s
"""


class Ahead(Counts):
    """Messages that are not in the ledger yet, as columns to join to ``person``.

    :param Times times: of the plan
    :param rates: see ``engine_counts.Counts``
    :param planned: Planned, at least one
    """

    def __init__(self, times, rates, planned):
        super().__init__(times, rates=rates)
        self._planned = planned

    def column(self, counted):
        """The number of messages, what they cost, or, of people, their ids."""
        return SQL.identifier(
            f"ahead_{counted.count_per}", self._name("count", counted)
        )

    def joins(self):
        """All that ``column`` asks for."""
        return SQL(" ").join(self._join(key) for key in KEYS)

    def _join(self, key):
        parts = [part for part in self._times.bounds if part.count_per == key]
        if not parts:
            return SQL()
        return SQL(
            COUNT_AHEAD,
            columns=SQL(", ").join(self._column(part) for part in parts),
            zones=self._join_zones(SQL("who")),
            ahead=_shared(key, self._planned),
            column=SQL.identifier(OWN.get(key, f"shared_{key}")),
            alias=SQL.identifier(f"ahead_{key}"),
        )

    def _measure(self, part):
        if part.measure == "people":
            return SQL("array_agg(DISTINCT t.profile_id)")
        return super()._measure(part)


def find(key, planned):
    """What goes first to each of the people ``q``, and to whom they belong with.

    :param str key: person, inbox, company or household
    :param planned: Planned, at least one
    :return: SQL to join, and SQL giving the messages as rows of the ledger
    """
    columns = SQL(", ").join(SQL.identifier("t", name) for name in COLUMNS)
    whose = SQL.identifier("q", OWN[key]) if key in OWN else shared_by(key, "profile")
    join = SQL(FIND_AHEAD, columns=columns, ahead=_shared(key, planned), shared=whose)
    types = SQL(", ").join(
        SQL("%s %s", SQL.identifier(name), SQL(kind)) for name, kind in COLUMNS.items()
    )
    return join, SQL("SELECT * FROM unnest(ahead.messages) AS message (%s)", types)


def _shared(key, planned):
    """The messages, with what people have in common who are counted together."""
    messages = going_first(planned)
    if key in OWN:
        shared = SQL.identifier("message", OWN[key])
        return SQL("SELECT message.*, %s AS shared FROM (%s) message", shared, messages)
    return SQL(
        "SELECT message.*, %s AS shared FROM (%s) message"
        " JOIN contact_profile ON contact_profile.id = message.profile_id",
        shared_by(key),
        messages,
    )
