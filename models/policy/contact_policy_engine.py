from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from . import engine_settings, engine_sql
from .engine_ahead import Ahead
from .engine_counts import Counts
from .engine_ledger import LEDGER
from .engine_plan import Decision, Group, Plan
from .engine_questions import Fit, Item, Scope
from .engine_zone import ZoneBook

LARGE, LARGE_PART = 50_000, 0.2
"""From so many people on, and so large a part of all, the ledger is read as a whole."""
EVERYBODY = Fit("everybody", condition=SQL("TRUE"))


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
    def _plan(self, message, rules=None, at=None, people=None):
        """Collect what binds ``message``.

        Elevated: a policy binds a sender also where the sender may not read it.

        :param Message message: what is to be sent
        :param rules: contact.policy.rule to ask everybody, instead of the policies
        :param datetime at: the moment that will be asked about (naive UTC); now if None
        :param People people: who will be asked about: for mailings that go first room
            is kept
        :rtype: Plan
        """
        at = at or fields.Datetime.now()
        company = self.env["res.company"].sudo().browse(message.company_id or ())
        zones = ZoneBook(self.env, company)
        if not message.obeys_caps:
            return Plan(zones, self.env["contact.policy"], [], [], [])
        policies = self.env["contact.policy"].sudo()
        if rules is None:
            # A branch is bound by what its unit says, too.
            binding = [("company_id", "in", (False, *company.parent_ids.ids))]
            policies = policies.with_context(active_test=True).search(binding)
            rules = policies.rule_ids.filtered("active")
        asked = [
            one
            for rule in rules
            if rule._concerns(message)
            for one in rule._ask(message, at)
        ]
        asked += self._ask_people(message, at)
        planned = self._find_planned(message, asked, people, at) if people else []
        items = [self._item(number, one) for number, one in enumerate(asked, 1)]
        scopes = [self._scope(policy) for policy in policies]
        programs = rules.filtered(lambda r: r.rule_type == "code")
        override = self.env["contact.override"].sudo()._sql_binding(message, at)
        return Plan(zones, policies, items, scopes, programs, override, planned)

    @api.model
    def _ask_people(self, message, at):
        """What people asked for themselves. Override to add what you know of.

        :return: list of Asked
        """
        return []

    @api.model
    def _find_planned(self, message, asked, people, at):
        """Mailings that go first and have not gone out. Override to add what you know.

        :param Message message: what is to be sent after them
        :param list asked: Asked of the message
        :param People people: who will be asked about
        :param datetime at: the moment that will be asked about (naive UTC)
        :return: list of Planned
        """
        return []

    @api.model
    def _item(self, number, asked):
        fit = None
        if asked.ladder:
            fit = self._fit_step(asked.ladder, asked.question.step)
        elif asked.lookup:
            fit = Fit(f"asked_{number}", condition=asked.lookup("contact_profile"))
        elif asked.who is not None:
            fit = self._fit(f"asked_{number}", asked.who)
        return Item(number, asked, fit)

    @api.model
    def _scope(self, policy):
        """The candidates a policy fits.

        :rtype: Scope
        :raise ValidationError: the policy cannot be read any more. It must not let
            through whom it held back: nothing is sent until somebody looks at it
        """
        with policy._reading():
            fit = self._fit(f"policy_{policy.id}", policy._get_domain())
        return Scope(policy.id, policy.is_guard, fit)

    @api.model
    def _fit(self, name, domain):
        """Whom a domain fits; None: everybody.

        Elevated and with archived people: who is bound does not depend on who asks.

        :rtype: Fit | None
        """
        Profile = self.env["contact.profile"].sudo().with_context(active_test=False)
        domain = domain.optimize_full(Profile)
        if domain.is_true():
            return None
        query = Profile._search(domain)
        condition = query.where_clause
        # Columns of the person are looked at in passing. Whatever needs other tables is
        # asked about the candidates, once: the database must not read those as a whole.
        alone = query.from_clause == SQL.identifier(Profile._table)
        if alone and condition and "SELECT" not in condition.code.upper():
            return Fit(name, condition=condition)
        return Fit(name, ids=self._among(Profile, domain).select())

    @api.model
    def _fit_step(self, ladder, number):
        """Who is on this step.

        :param Ladder ladder: the statement asks it once for all its steps
        :rtype: Fit
        """
        spared = self._fit(f"spared_{ladder.name}", ladder.spared)
        step = SQL.identifier(ladder.name, "step")
        return Fit(
            f"{ladder.name}_{number}",
            condition=SQL("%s = %s", step, number),
            unless=spared or EVERYBODY,
        )

    @api.model
    def _among(self, Profile, domain):
        """Those of the candidates whom a domain fits.

        :rtype: Query
        """
        asked = Domain.custom(
            to_sql=lambda _model, alias, _query: SQL(
                "%s IN (SELECT profile_id FROM cand)", SQL.identifier(alias, "id")
            )
        )
        return Profile._search(asked & domain)

    @api.model
    def _decide(
        self, plan, people, now, booking=None, cr=None, everybody=False, ledger=LEDGER
    ):
        """Decide for many people at once.

        :param Plan plan: from `_plan`
        :param People people: the candidates. With a booking each person and, where a
            rule counts per inbox, each inbox may occur only once.
        :param datetime now: naive UTC, the moment to decide for
        :param Booking booking: reserve for those who may be written to
        :param cr: cursor to use (default: this environment's)
        :param bool everybody: answer also for those whom no rule refused
        :param SQL ledger: count in this one, see ``engine_ledger``
        :rtype: Decision
        """
        cr = cr or self.env.cr
        times = plan.times(now, self._clocks(plan, people, cr))
        items = {item.number: item for item in plan.items}
        decision = Decision(times, items, ledger=ledger, planned=plan.planned)
        at_once = not booking and self._is_large_part(people, cr)
        ahead = Ahead(times, self._sql_rate, plan.planned) if plan.planned else None
        counts = Counts(times, at_once, self._sql_rate, ledger, ahead)
        is_shared = not booking and people.count >= engine_settings.MANY
        with engine_settings.used(cr, is_shared):
            cr.execute(engine_sql.decide(people, plan, counts, booking, everybody))
            rows = cr.fetchall()
        for policy_id, numbers, hushed, tz, lang, res_ids, *more in rows:
            if numbers is None:
                decision.lost.update(res_ids or ())
            else:
                who = list(zip(res_ids, *more, strict=True))
                clock = (tz, lang)
                decision.groups.append(Group(policy_id, numbers, hushed, clock, who))
        return decision

    @api.model
    def _used(self, plan, people, now):
        """How much of what each question allows is used by each person.

        :param Plan plan: from `_plan`
        :param People people: whom to ask about
        :param datetime now: naive UTC
        :return: {record id: {number of the question: (used, maximum)}}: touches, or
            money in the currency of the question (Decimal)
        """
        cr = self.env.cr
        times = plan.times(now, self._clocks(plan, people, cr))
        counts = Counts(times, rates=self._sql_rate)
        rows = self.env.execute_query(engine_sql.used(people, plan, counts))
        return {
            res_id: {
                item.number: tuple(pair)
                for item, pair in zip(plan.items, pairs, strict=True)
                if pair is not None
            }
            for res_id, _policy_id, *pairs in rows
        }

    @api.model
    def _sql_rate(self, alias, currency_id):
        """What the cost of a touch is to be multiplied by.

        :param str alias: of ``contact_touch``
        :param int currency_id: to this currency, at today's rate
        :rtype: SQL
        """
        currencies = self.env["res.currency"].sudo().with_context(active_test=False)
        used = self.env["contact.channel"].sudo().with_context(active_test=False)
        # Also one that was put away since: the ledger may still name it.
        known = Domain("active", "=", True) | Domain("rate_ids", "!=", False)
        others = currencies.search(known) | used.search([]).currency_id
        main = currencies.browse(currency_id)
        if not others - main:
            return SQL("1")
        rates = SQL(" ").join(
            SQL("WHEN %s THEN %s::numeric", other.id, str(other._rate_to(main)))
            for other in others - main
        )
        column = SQL.identifier(alias, "currency_id")
        return SQL("CASE %s %s ELSE 1 END", column, rates)

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
    def _clocks(self, plan, people, cr):
        """The different (tz, lang) of the people, where a calendar rule needs them."""
        if not plan.needs_clocks:
            return set()
        clocks = people.select(SQL(", contact_profile.tz, contact_profile.lang"))
        cr.execute(SQL("SELECT DISTINCT tz, lang FROM (%s) who", clocks))
        # Nobody has one: none has an address, or all are being deleted.
        return set(cr.fetchall()) or {(None, None)}
