from datetime import timedelta

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.mass_mailing_contact_strategy.core.rules import Limit
from odoo.addons.mass_mailing_contact_strategy.models.policy.engine_questions import (
    Planned,
)
from odoo.addons.mass_mailing_contact_strategy.models.policy.engine_shared import (
    SHARED,
    together,
)

PATIENCE = timedelta(days=1)
"""A mailing that should have gone out so long ago is stuck: it keeps no room."""
MANY = 50_000
"""Among so many people the recipients of a mailing are not looked for one by one."""


class ContactPolicyEngine(models.AbstractModel):
    """Look-ahead: mailings that wait in the queue keep room for their messages.

    Where an allowance is scarce, the message that goes first gets it, in whatever order
    the queue comes to them: the one of higher priority, else the one scheduled earlier,
    else the older one.
    """

    _inherit = "contact.policy.engine"

    @api.model
    def _find_planned(self, message, asked, people, at):
        """Mailings in the queue that go first, with whom they will reach.

        They reach whom no rule refuses at that moment, as things stand: for whoever
        would not get them anyway no room is kept. Of several each is asked about as if
        it were alone: one that has to wait for another keeps its room, as it will go.
        """
        planned = super()._find_planned(message, asked, people, at)
        counted = {
            one.question.counted for one in asked if isinstance(one.question, Limit)
        }
        if not counted:
            return planned
        until = max(part.window.bounds(at)[1] for part in counted)
        mailings = self._mailings_first(message, at, until)
        if not mailings:
            return planned
        self.env.flush_all()
        among = None
        if people.count < MANY:
            shares = {part.count_per for part in counted}
            among = self._profiles_around(message, people, shares)
        for mailing in mailings:
            date = max(mailing.schedule_date or at, at)
            if reached := self._reached_by(mailing, among, date):
                first = mailing._contact_message()
                planned.append(Planned(first, date, reached))
        return planned

    @api.model
    def _mailings_first(self, message, at, until):
        """Mailings in the queue that go before ``message``.

        Elevated: they keep room also where the sender may not read them. What a version
        in an A/B test will reach is drawn when it is sent, so it keeps none.

        :return: records of mailing.mailing, those that go first first
        """
        # A calendar window may end a day later on somebody's clock.
        until += timedelta(days=1)
        late = at - PATIENCE
        mailings = (
            self.env["mailing.mailing"]
            .sudo()
            .search(
                Domain("state", "in", ("in_queue", "sending"))
                & Domain("id", "!=", message.mailing_id or 0)
                & (
                    Domain("is_waiting", "=", True)
                    | Domain("schedule_date", ">=", late)
                    & Domain("schedule_date", "<", until)
                    | Domain("schedule_date", "=", False)
                    & Domain("write_date", ">=", late)
                )
            )
        )
        mailings = mailings.filtered(
            lambda m: (
                (not m.category_id or m.category_id.counts)
                and (not m.ab_testing_enabled or m.ab_testing_is_winner_mailing)
            )
        )
        ranks = {mailing: mailing._contact_message().rank(at) for mailing in mailings}
        own = message.rank(at)
        return mailings.filtered(lambda m: ranks[m] < own).sorted(ranks.get)

    @api.model
    def _profiles_around(self, message, people, shares):
        """Ids of the profiles of people, and of whoever's messages count for them.

        SQL, as a home or a company is nothing that one can search for.

        :param set shares: by what touches are counted together: ``inbox`` and so on
        """
        ways = together(people, shares & set(SHARED))
        if "inbox" in shares:
            inbox = self.env["contact.profile"]._inbox(message.channel_id)
            inboxes = SQL("SELECT address FROM (%s) who", people.select())
            ways += [
                SQL(
                    "SELECT id FROM contact_profile WHERE %s IN (%s)",
                    SQL.identifier(inbox),
                    inboxes,
                ),
                SQL(
                    "SELECT profile_id FROM mailing_contact"
                    " WHERE email_normalized IN (%s)",
                    inboxes,
                ),
            ]
        rows = self.env.execute_query(SQL(" UNION ").join(ways))
        return [profile_id for (profile_id,) in rows if profile_id]

    @api.model
    def _reached_by(self, mailing, among, at):
        """Whom a mailing will reach, each once.

        :param list among: only of these profiles; None: of all
        :param datetime at: when it goes out (naive UTC)
        :return: list of (profile id, address)
        """
        res_ids = mailing.with_context(
            contact_strategy_among=among
        )._get_remaining_recipients()
        crowd = mailing._contact_crowd(res_ids, create=False)
        out = set().union(*crowd.excluded_by_odoo(res_ids).values())
        people = crowd.people([res_id for res_id in res_ids if res_id not in out])
        plan = self._plan(mailing._contact_message(), at=at)
        decided = self._decide(plan, people, at, everybody=True)
        reached = {
            profile_id: address
            for group in decided.groups
            if not group.numbers
            for _res_id, profile_id, address in group.people
        }
        return list(reached.items())
