from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.mass_mailing_contact_strategy.models.identity.people import anybody


class ContactProfile(models.Model):
    """Which policy applies to somebody and why, and to whom none does."""

    _inherit = "contact.profile"

    has_policy = fields.Boolean(
        string="Has a Policy",
        compute="_compute_has_policy",
        search="_search_has_policy",
        help="At least one policy is for this person, apart from guards.",
    )

    def _compute_has_policy(self):
        """As things stand."""
        # Elevated and with archived people, as the engine asks.
        everybody = self.sudo().with_context(active_test=False)
        found = everybody.search(Domain("id", "in", self.ids) & self._covered())
        for profile in self:
            profile.has_policy = profile._origin.id in found._ids

    @api.model
    def _search_has_policy(self, operator, value):
        if operator != "in":
            return NotImplemented
        covered = self._covered()
        if set(value) == {True, False}:
            return Domain.TRUE
        return covered if True in value else ~covered

    @api.model
    def _covered(self):
        """Whom some policy of the current unit is for.

        Elevated: a policy binds also those who may not read it.
        """
        policies = (
            self.env["contact.policy"]
            .sudo()
            .search(
                [
                    ("is_guard", "=", False),
                    (
                        "company_id",
                        "in",
                        (False, *self.env.company.sudo().parent_ids.ids),
                    ),
                ]
            )
        )
        return Domain.OR(policy._get_domain() for policy in policies)

    def _try_policies(self, message, at):
        """What every policy and rule says of this person and a message.

        The same engine decides before every mailing.

        :param Message message: what would be sent
        :param datetime at: the moment to decide for (naive UTC)
        :return: dict ``decision``, ``moment`` (when it is free, in words, or False),
            ``policies`` (list of dict ``name``, ``audience``, ``state``: applies,
            guards, later or no; ``rules``: list of dict ``says``: yes, no or silent,
            ``sentence``, ``used``) and ``wishes`` (list of sentences)
        :raise UserError: a policy cannot be read
        """
        self.ensure_one()
        self.check_access("read")
        Engine = self.env["contact.policy.engine"]
        self.env.flush_all()
        people = anybody(self, self._inbox(message.channel_id))
        plan = Engine._plan(message, at=at, people=people)
        decided = Engine._decide(plan, people, at, everybody=True)
        verdicts = Engine._ask_programs(plan, Engine._explain(plan, decided))
        verdict = verdicts[self.id]
        Hold = self.env["contact.hold"]
        reasons = Hold._say_reasons(Hold._prepare_facts([verdict]))[0]
        used = Engine._used(plan, people, at).get(self.id, {})
        asked = _Asked(self, message, plan, verdict, reasons, used)
        return {
            "decision": verdict.decision,
            "moment": verdict.next_allowed
            and Hold._say_moment(verdict.next_allowed, verdict.tz),
            "policies": [asked.policy(policy) for policy in plan.policies],
            "wishes": [said["message"] for said in reasons if not said["rule_id"]],
        }


class _Asked:
    """What is known of one person and one message, to be said policy by policy."""

    def __init__(self, profile, message, plan, verdict, reasons, used):
        self.profile, self.message, self.plan = profile, message, plan
        self.verdict = verdict
        self.no = {said["rule_id"]: said["message"] for said in reasons}
        self.used = {
            item.question.rule_id: used[item.number]
            for item in plan.items
            if item.number in used and item.is_cap
        }

    def policy(self, policy):
        """A policy, and if it applies its rules."""
        state = self._state(policy)
        applies = state in ("applies", "guards")
        return {
            "name": policy.name,
            "audience": policy.audience,
            "state": state,
            "rules": [
                self._rule(rule) for rule in policy.rule_ids if applies and rule.active
            ],
        }

    def _state(self, policy):
        # Elevated and with archived people, as the engine asks.
        everybody = self.profile.sudo().with_context(active_test=False)
        own = Domain("id", "=", self.profile.id)
        if not everybody.search_count(own & policy._get_domain()):
            return "no"
        if policy.is_guard:
            return "guards"
        return "applies" if policy.id == self.verdict.policy_id else "later"

    def _rule(self, rule):
        says = "yes" if rule._concerns(self.message) else "silent"
        used = self.used.get(rule.id)
        return {
            "says": "no" if rule.id in self.no else says,
            "sentence": self.no.get(rule.id) or rule.sentence,
            "used": used and (int(used[0]), int(used[1])),
        }
