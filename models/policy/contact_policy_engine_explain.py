from collections import defaultdict

from odoo import api, models

from odoo.addons.mass_mailing_contact_strategy.core.verdicts import Verdict

from . import engine_usage
from .engine_plan import Refusals


class ContactPolicyEngine(models.AbstractModel):
    """Why somebody was refused: asked about those people only."""

    _inherit = "contact.policy.engine"

    @api.model
    def _explain(self, plan, decision, cr=None):
        """The answers one by one: why not, because of which touches, and until when.

        :param Plan plan: the one that was asked
        :param Decision decision: from `_decide`
        :param cr: cursor to use (default: this environment's)
        :return: {record id: Verdict} of the people in the decision's groups
        """
        used = self._usage(decision, cr or self.env.cr)
        verdicts = {}
        for policy_id, _numbers, hushed, clock, people in decision.groups:
            _zone, tz, source = plan.zones.find(*clock)
            refusals = Refusals(plan, decision.times, clock)
            for res_id, profile_id, _address in people:
                why = refusals.of(used[res_id]) if res_id in used else ()
                opens = refusals.opens(why, hushed)
                verdicts[res_id] = Verdict(
                    profile_id, policy_id, tz, source, why, opens
                )
        return verdicts

    @api.model
    def _usage(self, decision, cr):
        """{record id: [(number, touch ids, moment, mailings)]} of the refused: see
        ``engine_plan.Refusals.of``."""
        asked = defaultdict(lambda: defaultdict(list))
        for _policy_id, numbers, _hushed, clock, people in decision.groups:
            for number in numbers:
                asked[decision.items[number]][clock].extend(people)
        used = defaultdict(list)
        for item, by_clock in asked.items():
            for res_id, *why in self._used_up(item, by_clock, decision, cr):
                used[res_id].append((item.number, *why))
        return used

    @api.model
    def _used_up(self, item, by_clock, decision, cr):
        """Rows (record id, touch ids, moment, mailings that go first) of those whom one
        question refused."""
        if item.counted:
            return self._used_by(item, by_clock, decision, cr)
        everybody = [row for people in by_clock.values() for row in people]
        ends = {}
        if item.asked.until:
            cr.execute(engine_usage.ends(item, {row[1] for row in everybody}))
            ends = dict(cr.fetchall())
        return [(res_id, (), ends.get(profile), ()) for res_id, profile, _ in everybody]

    @api.model
    def _used_by(self, item, by_clock, decision, cr):
        """As `_used_up`, of a question that counts."""
        asked = defaultdict(list)
        for clock, people in by_clock.items():
            asked[decision.times.window(item.counted, clock)] += people
        ledger, planned = decision.ledger, decision.planned
        cr.execute(engine_usage.usage(item, asked, self._sql_rate, ledger, planned))
        return [
            (res_id, touch_ids, moment, dict.fromkeys(mailing_ids or ()))
            for res_id, touch_ids, moment, mailing_ids in cr.fetchall()
        ]
