"""Recipients of one mailing who share an inbox, a company, or a person."""

from odoo.tools import SQL

from odoo.addons.mass_mailing_contact_strategy.models.policy.engine_shared import (
    SHARED,
    shared_by,
    together,
)
from odoo.addons.mass_mailing_contact_strategy.models.sql_arrays import int_array


class Turns:
    """Who is decided about after whom, for ``Crowd``."""

    def take_turns(self, plan, without, cr=None):
        """Whom to decide about at once, and who must wait for their decisions.

        Whoever shares an inbox or a company that a rule counts by is decided after the
        others, knowing their reservations. A second record of the same person is a
        duplicate where a strategy is in force and the message obeys it; else each
        record is written to, as Odoo does.

        :param Plan plan: what will be asked
        :param without: recipients who are decided about already
        :param cr: cursor to use instead of the environment's
        :return: two lists of recipients: the first turn, and the others, in order
        """
        todo = [r for r in self.res_ids if r not in without and r not in self.reached]
        special = self._find_special(plan, todo, cr or self.env.cr)
        if not special:
            return todo, []
        seen = set(self.reached_profiles)
        for res_id in filter(special.__contains__, todo):
            profile_id, address, *_shared = special[res_id]
            if profile_id in seen:
                self.duplicates[res_id] = profile_id, address
            seen.add(profile_id)
        # What each shares with others, as far as rules count by it
        names = [key for key in ("inbox", *SHARED) if key in plan.shares]
        first = 1 if "inbox" in names else 2
        self._shared = {
            res_id: set(zip(names, who[first:], strict=True))
            for res_id, who in special.items()
        }
        return self.next_turn([r for r in todo if r not in self.duplicates])

    def next_turn(self, waiting):
        """Those of whom no two share anything, and the others.

        :param list waiting: recipients
        :return: as `take_turns`
        """
        taken, turn, later = set(), [], []
        for res_id in waiting:
            keys = self._shared.get(res_id, ())
            if taken.isdisjoint(keys):
                taken.update(keys)
                turn.append(res_id)
            else:
                later.append(res_id)
        return turn, later

    def concerned(self, plan):
        """Whose messages count for these people: their own, and those of whoever shares
        an inbox, a home or a company with them, where a rule counts so.

        :param Plan plan: what will be asked
        :return: SQL, an array of profile ids
        """
        people = self.people()
        ways = together(people, plan.shares & set(SHARED))
        if "inbox" in plan.shares:
            ways.append(
                SQL(
                    "SELECT t.profile_id FROM contact_touch t"
                    " WHERE t.state = 'reserved' AND t.address = ANY(ARRAY("
                    "SELECT address FROM (%s) who))",
                    people.select(),
                )
            )
        return SQL("ARRAY(%s)", SQL(" UNION ").join(ways))

    def without_inbox(self, res_ids, addresses):
        """Those of the recipients whose inbox, where a rule counts by it, is none of
        these."""
        taken = {("inbox", address) for address in addresses}
        return [r for r in res_ids if taken.isdisjoint(self._shared.get(r, ()))]

    def _find_special(self, plan, res_ids, cr):
        """{recipient: (profile id, address, what it shares ...)} of those who are not
        the only ones with their profile, inbox or company, or whose person has been
        reached."""
        ways = []
        shared = [key for key in SHARED if key in plan.shares]
        if plan.policies:
            if self.reached_profiles:
                reached = int_array(self.reached_profiles)
                ways.append(SQL("profile_id = ANY(%s)", reached))
            if not self._is_one_to_one():
                ways.append(_occurs_twice("profile_id"))
            if "inbox" in plan.shares:
                ways.append(_occurs_twice("address"))
            ways += [_occurs_twice(key) for key in shared]
        if not ways:
            return {}
        columns = SQL().join(
            SQL(", %s AS %s", shared_by(key), SQL.identifier(key)) for key in shared
        )
        cr.execute(
            SQL(
                "WITH who AS MATERIALIZED (%s) SELECT * FROM who WHERE %s",
                self.people(res_ids).select(columns),
                SQL(" OR ").join(ways),
            )
        )
        return {res_id: who for res_id, *who in cr.fetchall()}


def _occurs_twice(column):
    """More than one of ``who`` has this value."""
    column = SQL.identifier(column)
    return SQL(
        "%(column)s IN (SELECT %(column)s FROM who GROUP BY 1 HAVING count(*) > 1)",
        column=column,
    )
