from collections import defaultdict
from dataclasses import dataclass, field

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.mass_mailing_contact_strategy.core.verdicts import Refusal, Verdict

from . import engine_sql, engine_usage
from .engine_zone import ZoneBook
from .recipients import Recipients


class Plan:
    """The rules that bind one message, ready to be asked of many people."""

    def __init__(self, zones, policies, specs, scopes, programs):
        self.zones = zones
        self.policies = policies
        self.specs = specs
        self.scopes = scopes
        self.programs = programs

    @property
    def counts_inboxes(self):
        """Does a rule count what an address got, whoever it belongs to?"""
        return any(spec.count_per == "inbox" for spec in self.specs)

    def bounds(self, now, clocks):
        """Each rule's window at ``now``.

        :param datetime now: naive UTC
        :param set clocks: (tz, lang) of the people
        :return: {rule id: {None or (tz, lang): (lower, upper)}}
        """
        return {
            spec.rule_id: {None: spec.window.bounds(now)}
            if spec.window.kind == "rolling"
            else {
                clock: spec.window.bounds(now, self.zones.find(*clock)[0])
                for clock in clocks
            }
            for spec in self.specs
        }


@dataclass
class Decision:
    """What was decided about many people, by record id.

    ``verdicts``: of the refused (or of everybody, if asked for). ``lost``: neither
    refused nor booked, as somebody else booked the record, or the person is gone.
    """

    verdicts: dict = field(default_factory=dict)
    lost: set = field(default_factory=set)


class ContactPolicyEngine(models.AbstractModel):
    """The one place where rules are asked.

    How to use: make a plan for a message with ``_plan``, then ``_decide`` for many
    people at once. With a booking it also reserves for those who may be written to, in
    the same statement; so what a preview says is what the gate does.

    How it works: the policies that bind the message are compiled into one SQL statement
    that reads each person's part of the ledger once and counts for all rules together.
    Only for people who were refused a second statement looks up which touches used the
    allowance up. Rules that users programmed are asked last, about those left.
    """

    _name = "contact.policy.engine"
    _description = "Contact Policy Engine"

    @api.model
    def _plan(self, message, rules=None):
        """Collect what binds ``message``.

        Elevated: a policy binds a sender also where the sender may not read it.

        :param Message message: what is to be sent
        :param rules: contact.policy.rule to ask everybody, instead of the policies
        :rtype: Plan
        """
        company = self.env["res.company"].sudo().browse(message.company_id or ())
        zones = ZoneBook(self.env, company)
        if not message.obeys_caps:
            return Plan(zones, self.env["contact.policy"], [], [], [])
        if rules is None:
            policies = (
                self.env["contact.policy"]
                .sudo()
                .with_context(active_test=True)
                .search([("company_id", "in", (False, company.id))])
            )
            rules = policies.rule_ids.filtered("active")
        else:
            policies = self.env["contact.policy"]
        specs = [
            spec
            for rule in rules
            if (spec := rule._spec())
            and spec.concerns(message.channel_id, message.category_id)
        ]
        scopes = [self._scope(policy) for policy in policies]
        programs = rules.filtered(lambda r: r.rule_type == "code")
        return Plan(zones, policies, specs, scopes, programs)

    @api.model
    def _scope(self, policy):
        """The candidates a policy fits.

        Elevated and with archived people: who is bound by a policy does not depend on
        who asks.

        :rtype: engine_sql.Scope
        :raise ValidationError: the policy cannot be read any more. It must not let
            through whom it held back: nothing is sent until somebody looks at it
        """
        with policy._reading():
            return self._compile_scope(policy)

    @api.model
    def _compile_scope(self, policy):
        scope = (policy.id, policy.is_guard)
        domain = policy._get_domain()
        if domain.is_true():
            return engine_sql.Scope(*scope)
        Profile = self.env["contact.profile"].sudo().with_context(active_test=False)
        query = Profile._search(domain)
        condition = query.where_clause
        # Columns of the person are looked at in passing. Whatever needs other tables is
        # asked about the candidates, once: the database must not read those as a whole.
        alone = query.from_clause == SQL.identifier(Profile._table)
        if alone and "SELECT" not in condition.code.upper():
            return engine_sql.Scope(*scope, condition=condition)
        asked = Domain.custom(
            to_sql=lambda _model, alias, _query: SQL(
                "%s IN (SELECT profile_id FROM cand)", SQL.identifier(alias, "id")
            )
        )
        ids = Profile._search(asked & domain, order="id").select()
        return engine_sql.Scope(*scope, ids=ids)

    @api.model
    def _decide(self, plan, people, now, booking=None, cr=None, everybody=False):
        """Decide for many people at once.

        :param Plan plan: from `_plan`
        :param People people: the candidates. With a booking each person and, where a
            rule counts per inbox, each inbox may occur only once.
        :param datetime now: naive UTC, the moment to decide for
        :param Booking booking: reserve for those who may be written to
        :param cr: cursor to use (default: this environment's)
        :param bool everybody: answer also for those whom no rule refused
        :rtype: Decision
        """
        cr = cr or self.env.cr
        bounds = plan.bounds(now, self._clocks(plan, people, cr))
        # Short index look-ups for many people: compiling them costs more than it saves.
        cr.execute("SET LOCAL jit = off")
        cr.execute(
            engine_sql.decide(
                people, plan.scopes, plan.specs, bounds, booking, everybody
            )
        )
        decision = Decision()
        refused = []
        for policy_id, failed, *clock, res_ids, profile_ids, addresses in cr.fetchall():
            if failed is None:
                decision.lost.update(res_ids or ())
            elif failed:
                who = list(zip(res_ids, profile_ids, addresses, strict=True))
                refused.append((policy_id, failed, tuple(clock), who))
            else:
                _zone, name, source = plan.zones.find(*clock)
                for res_id, profile_id in zip(res_ids, profile_ids, strict=True):
                    answer = Verdict(profile_id, policy_id, name, source)
                    decision.verdicts[res_id] = answer
        self._explain(plan, refused, now, bounds, decision, cr)
        return decision

    @api.model
    def _clocks(self, plan, people, cr):
        """The different (tz, lang) of the people, where a calendar rule needs them."""
        if all(spec.window.kind == "rolling" for spec in plan.specs):
            return set()
        clocks = people.select(SQL(", contact_profile.tz, contact_profile.lang"))
        cr.execute(SQL("SELECT DISTINCT tz, lang FROM (%s) who", clocks))
        return set(cr.fetchall())

    @api.model
    def _explain(self, plan, refused, now, bounds, decision, cr):
        """Put the answers of the refused together.

        :param list refused: (policy id, rule ids, (tz, lang), [(record id, profile id,
            address)])
        """
        used = self._usage(plan, refused, bounds, cr)
        specs = {spec.rule_id: spec for spec in plan.specs}
        order = {rule_id: number for number, rule_id in enumerate(specs)}
        for policy_id, _failed, clock, who in refused:
            zone, tz, source = plan.zones.find(*clock)
            free = {}  # the touches of a mailing have one date, many people are free
            for res_id, profile_id, _address in who:
                refusals = []
                reasons = sorted(used[res_id], key=lambda row: order[row[0]])
                for rule_id, touch_ids, oldest in reasons:
                    spec = specs[rule_id]
                    if (rule_id, oldest) not in free:
                        free[rule_id, oldest] = oldest and spec.window.free_after(
                            oldest, zone, since=now
                        )
                    refusals.append(
                        Refusal(
                            rule_id=rule_id,
                            policy_id=spec.policy_id,
                            on_exceed=spec.on_exceed,
                            next_allowed=free[rule_id, oldest],
                            touch_ids=tuple(touch_ids or ()),
                        )
                    )
                decision.verdicts[res_id] = Verdict(
                    profile_id, policy_id, tz, source, tuple(refusals)
                )

    @api.model
    def _usage(self, plan, refused, bounds, cr):
        """{record id: [(rule id, touch ids, date of the oldest)]} of the refused."""
        specs = {spec.rule_id: spec for spec in plan.specs}
        asked = {key: {} for key in engine_sql.KEYS}
        for _policy_id, failed, clock, who in refused:
            for rule_id in failed:
                by_clock = bounds[rule_id]
                window = by_clock.get(None) or by_clock[clock]
                key = specs[rule_id].count_per
                column = 1 if key == "person" else 2
                asked[key].setdefault((rule_id, *window), []).extend(
                    (row[0], row[column]) for row in who
                )
        used = defaultdict(list)
        for key, questions in asked.items():
            if questions:
                cr.execute(engine_usage.usage(key, questions, specs))
                for res_id, rule_id, touch_ids, oldest in cr.fetchall():
                    used[res_id].append((rule_id, touch_ids, oldest))
        return used

    @api.model
    def _ask_programs(self, plan, verdicts, mailing=None):
        """Ask the rules that users programmed about those whom the others let through.

        Elevated, as scheduled actions are: only administrators can write such rules,
        and they decide about people of all business units. An error stops the mailing:
        whom a rule could not judge is not written to.

        :param dict verdicts: of everybody, from `_decide`
        :param mailing: the mailing, if there is one
        :return: {record id: Verdict}
        """
        for rule in plan.programs:
            left = [v.profile_id for v in verdicts.values() if not v.refusals]
            profiles = self._bound_by(rule.policy_id, left, verdicts)
            if not profiles:
                continue
            recipients = Recipients(rule)
            rule.action_server_id.sudo().with_context(
                active_model="contact.profile",
                active_ids=profiles.ids,
                contact_recipients=recipients,
                contact_mailing_id=mailing.id if mailing else False,
            ).run()
            verdicts = {
                res_id: recipients.apply(verdict)
                for res_id, verdict in verdicts.items()
            }
        return verdicts

    @api.model
    def _bound_by(self, policy, profile_ids, verdicts):
        """Those of the people whom ``policy`` binds."""
        Profile = self.env["contact.profile"].sudo()
        if policy.is_guard:
            with policy._reading():
                domain = policy._get_domain()
                return Profile.browse(profile_ids).filtered_domain(domain)
        own = {v.profile_id for v in verdicts.values() if v.policy_id == policy.id}
        return Profile.browse([pid for pid in profile_ids if pid in own])
