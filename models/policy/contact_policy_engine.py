from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.mass_mailing_contact_strategy.core.verdicts import Refusal, Verdict
from odoo.addons.mass_mailing_contact_strategy.models.sql_arrays import int_array

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
    def _decide(self, plan, people, now, booking=None, cr=None):
        """Decide for many people at once.

        :param Plan plan: from `_plan`
        :param list people: (profile id, address or None), one per candidate. With a
            booking each person and each inbox may occur only once.
        :param datetime now: naive UTC, the moment to decide for
        :param Booking booking: reserve for those who may be written to
        :param cr: cursor to use (default: this environment's)
        :return: list in the order of ``people``: a Verdict, or None for a person who
            does not exist (any more) or, with a booking, has been booked already
        """
        if not people:
            return []
        cr = cr or self.env.cr
        bounds = plan.bounds(now, self._clocks(plan, people, cr))
        # Short index look-ups for many people: compiling them costs more than it saves.
        cr.execute("SET LOCAL jit = off")
        cr.execute(engine_sql.decide(people, plan.scopes, plan.specs, bounds, booking))
        groups = cr.fetchall()
        used = self._usage(plan, people, bounds, groups, cr)
        verdicts = [None] * len(people)
        for policy_id, failed, tz, lang, booked, positions in groups:
            if failed:
                for pos in positions:
                    verdicts[pos] = self._verdict(
                        plan, now, people[pos][0], policy_id, (tz, lang), used[pos]
                    )
            elif booked or not booking:
                _zone, name, source = plan.zones.find(tz, lang)
                for pos in positions:
                    verdicts[pos] = Verdict(people[pos][0], policy_id, name, source)
        return verdicts

    @api.model
    def _clocks(self, plan, people, cr):
        """The different (tz, lang) of the people, where a calendar rule needs them."""
        if all(spec.window.kind == "rolling" for spec in plan.specs):
            return set()
        cr.execute(
            SQL(
                "SELECT DISTINCT tz, lang FROM contact_profile WHERE id = ANY(%s)",
                int_array(profile_id for profile_id, _address in people),
            )
        )
        return set(cr.fetchall())

    @api.model
    def _usage(self, plan, people, bounds, groups, cr):
        """{position: {rule id: (touch ids, date of the oldest)}} of the refused."""
        specs = {spec.rule_id: spec for spec in plan.specs}
        asked = {key: {} for key in engine_sql.KEYS}
        for _policy_id, failed, tz, lang, _booked, positions in groups:
            for rule_id in failed:
                by_clock = bounds[rule_id]
                window = by_clock.get(None) or by_clock[tz, lang]
                key = specs[rule_id].count_per
                who = 0 if key == "person" else 1
                asked[key].setdefault((rule_id, *window), []).extend(
                    (pos, people[pos][who]) for pos in positions
                )
        used = {}
        for key, questions in asked.items():
            if questions:
                cr.execute(engine_usage.usage(key, questions, specs))
                for pos, rule_id, touch_ids, oldest in cr.fetchall():
                    used.setdefault(pos, {})[rule_id] = (touch_ids or (), oldest)
        return used

    @api.model
    def _verdict(self, plan, now, profile_id, policy_id, clock, used):
        """Put one person's answer together."""
        zone, tz, source = plan.zones.find(*clock)
        refusals = []
        for spec in plan.specs:
            if spec.rule_id in used:
                touch_ids, oldest = used[spec.rule_id]
                free = oldest and spec.window.free_after(oldest, zone, since=now)
                refusals.append(
                    Refusal(
                        rule_id=spec.rule_id,
                        policy_id=spec.policy_id,
                        on_exceed=spec.on_exceed,
                        next_allowed=free,
                        touch_ids=tuple(touch_ids),
                    )
                )
        return Verdict(profile_id, policy_id, tz, source, tuple(refusals))

    @api.model
    def _ask_programs(self, plan, verdicts, mailing=None):
        """Ask the rules that users programmed about those whom the others let through.

        Elevated, as scheduled actions are: only administrators can write such rules,
        and they decide about people of all business units. An error stops the mailing:
        whom a rule could not judge is not written to.

        :param list verdicts: from `_decide`
        :param mailing: the mailing, if there is one
        :return: list of Verdict (or None), in the same order
        """
        for rule in plan.programs:
            left = [v.profile_id for v in verdicts if v and not v.refusals]
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
            verdicts = [recipients.apply(verdict) for verdict in verdicts]
        return verdicts

    @api.model
    def _bound_by(self, policy, profile_ids, verdicts):
        """Those of the people whom ``policy`` binds."""
        Profile = self.env["contact.profile"].sudo()
        if policy.is_guard:
            with policy._reading():
                domain = policy._get_domain()
                return Profile.browse(profile_ids).filtered_domain(domain)
        own = {v.profile_id for v in verdicts if v and v.policy_id == policy.id}
        return Profile.browse([pid for pid in profile_ids if pid in own])
