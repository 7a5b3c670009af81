import contextlib
from collections import defaultdict

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.mass_mailing_contact_strategy.core.verdicts import Verdict

from . import engine_sql, engine_usage
from .engine_plan import Decision, Group, Plan, Refusals
from .engine_zone import ZoneBook
from .recipients import Recipients

LARGE, LARGE_PART = 50_000, 0.05
"""From so many people on, and so large a part of all, the ledger is read as a whole."""


class ContactPolicyEngine(models.AbstractModel):
    """The one place where rules are asked.

    How to use: make a plan for a message with ``_plan``, then ``_decide`` for many
    people at once, and let ``_explain`` say why. With a booking it also reserves for
    those who may be written to, in the same statement; so what a preview says is what
    the gate does.

    How it works: the policies that bind the message are compiled into one SQL statement
    that finds the people, reads each one's part of the ledger once and counts for all
    rules together. Only for people who were refused a second statement looks up which
    touches used the allowance up. Rules that users programmed are asked last, about
    those left.
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
        decision = Decision(now, plan.bounds(now, self._clocks(plan, people, cr)))
        at_once = not booking and self._is_large_part(people, cr)
        with self._settings(cr, at_once):
            asked = (people, plan.scopes, plan.specs, decision.bounds)
            cr.execute(engine_sql.decide(*asked, booking, everybody, at_once))
            rows = cr.fetchall()
        for policy_id, rule_ids, tz, lang, res_ids, *more in rows:
            if rule_ids is None:
                decision.lost.update(res_ids or ())
            else:
                who = list(zip(res_ids, *more, strict=True))
                decision.groups.append(Group(policy_id, rule_ids, (tz, lang), who))
        return decision

    @api.model
    def _is_large_part(self, people, cr):
        """Are these so many that reading the ledger as a whole is faster?"""
        if people.count < LARGE:
            return False
        cr.execute(
            "SELECT reltuples FROM pg_class WHERE oid = 'contact_profile'::regclass"
        )
        (everybody,) = cr.fetchone()
        return people.count >= LARGE_PART * everybody

    @api.model
    @contextlib.contextmanager
    def _settings(self, cr, at_once):
        """How the database should go about it."""
        # Short index look-ups for many people: compiling them costs more than it
        # saves; and a million of them should fit into memory.
        cr.execute("SET LOCAL jit = off; SET LOCAL work_mem = '256MB'")
        if at_once:
            # It takes people's touches for fewer than they are, and hashes them.
            cr.execute("SET LOCAL enable_hashagg = off")
        yield
        if at_once:
            cr.execute("SET LOCAL enable_hashagg TO DEFAULT")

    @api.model
    def _clocks(self, plan, people, cr):
        """The different (tz, lang) of the people, where a calendar rule needs them."""
        if all(spec.window.kind == "rolling" for spec in plan.specs):
            return set()
        clocks = people.select(SQL(", contact_profile.tz, contact_profile.lang"))
        cr.execute(SQL("SELECT DISTINCT tz, lang FROM (%s) who", clocks))
        # Nobody has one: none has an address, or all are being deleted.
        return set(cr.fetchall()) or {(None, None)}

    @api.model
    def _explain(self, plan, decision, cr=None):
        """The answers one by one: why not, because of which touches, and until when.

        :param Plan plan: the one that was asked
        :param Decision decision: from `_decide`
        :param cr: cursor to use (default: this environment's)
        :return: {record id: Verdict} of the people in the decision's groups
        """
        used = self._usage(plan, decision, cr or self.env.cr)
        verdicts = {}
        for policy_id, _rule_ids, clock, people in decision.groups:
            zone, tz, source = plan.zones.find(*clock)
            refusals = Refusals(plan, zone, decision.now)
            for res_id, profile_id, _address in people:
                why = refusals.of(used[res_id]) if res_id in used else ()
                verdicts[res_id] = Verdict(profile_id, policy_id, tz, source, why)
        return verdicts

    @api.model
    def _usage(self, plan, decision, cr):
        """{record id: [(rule id, touch ids, date of the oldest)]} of the refused."""
        specs = {spec.rule_id: spec for spec in plan.specs}
        asked = {key: {} for key in engine_sql.KEYS}
        for _policy_id, rule_ids, clock, people in decision.groups:
            for rule_id in rule_ids:
                by_clock = decision.bounds[rule_id]
                window = by_clock.get(None) or by_clock[clock]
                key = specs[rule_id].count_per
                column = 1 if key == "person" else 2
                asked[key].setdefault((rule_id, *window), []).extend(
                    (row[0], row[column]) for row in people
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

        :param dict verdicts: of everybody, from `_explain`
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
