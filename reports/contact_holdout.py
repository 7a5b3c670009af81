from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from .difference import difference
from .seen import sql_counted

WINDOW = timedelta(days=90)
GROUPS = ("held", "mailed")
ANSWERS = ("ordered", "responded", "opted_out")


def _per_thousand(title, explained="Of 1,000 people."):
    return fields.Float(title, digits=(16, 1), readonly=True, help=explained)


class ContactHoldout(models.Model):
    """What does writing to people bring? Those who were mailed, and those held out.

    A row for each rule that leaves a share of the people out. Compared are people of
    the same mailings: whom this rule alone kept from one, and to whom it was sent; so
    all other rules had let both through, and chance alone divides them. What they did
    is looked at from their first such mailing on, within the last 90 days.

    In neither group: who is in both, because the rule was changed; to whom an override
    sent it; whom the policy is not for any more; test addresses.
    """

    _name = "contact.holdout"
    _description = "Mailed and Held Out"
    _auto = False
    _order = "held_count DESC, id"
    _rec_name = "rule_id"
    _depends = {
        "contact.hold": [
            *("company_id", "date", "facts", "mailing_id", "profile_id", "rule_id"),
            "state",
        ],
        "contact.touch": [
            *("clicked", "company_id", "converted", "counts", "date", "mailing_id"),
            *("opened", "override_id", "profile_id", "replied", "state"),
            *("clicked_date", "converted_date", "opened_date", "replied_date"),
        ],
        "contact.profile": ["company_id", "email_normalized", "is_seed", "partner_id"],
        "contact.policy": ["active", "company_id", "is_guard", "sequence"],
        "contact.policy.rule": ["active", "policy_id", "rule_type"],
        "contact.wish.change": ["after", "before", "date", "profile_id", "way"],
        "mailing.contact": ["profile_id"],
        "mailing.subscription": [
            *("contact_id", "opt_out", "opt_out_datetime", "opt_out_reason_id"),
        ],
        "mail.blacklist": ["active", "email", "opt_out_reason_id"],
    }

    rule_id = fields.Many2one("contact.policy.rule", readonly=True)
    policy_id = fields.Many2one("contact.policy", readonly=True)
    company_id = fields.Many2one("res.company", string="Business Unit", readonly=True)
    held_count = fields.Integer(
        string="Held Out",
        readonly=True,
        help="People who did not get a mailing of the last 90 days, because of this "
        "rule alone.",
    )
    mailed_count = fields.Integer(
        string="Mailed", readonly=True, help="People who got one of the same mailings."
    )
    held_ordered = fields.Integer(readonly=True)
    mailed_ordered = fields.Integer(readonly=True)
    held_ordered_rate = _per_thousand("Ordered, Held")
    mailed_ordered_rate = _per_thousand("Ordered, Mailed")
    held_responded_rate = _per_thousand(
        "Responded, Held", "Of 1,000 people, to whatever else they got."
    )
    mailed_responded_rate = _per_thousand("Responded, Mailed")
    held_opted_out_rate = _per_thousand("Opted Out, Held")
    mailed_opted_out_rate = _per_thousand("Opted Out, Mailed")
    verdict = fields.Char(compute="_compute_verdict", string="What It Says")

    @api.depends("held_count", "mailed_count", "held_ordered", "mailed_ordered")
    @api.depends_context("lang")
    def _compute_verdict(self):
        """Whether the difference in orders can be chance."""
        for row in self:
            row.verdict = row._say_verdict()

    def _say_verdict(self):
        if not self._knows_orders():
            return self.env._("Without the app Sales nobody knows what people order.")
        found = difference(
            *(self.mailed_ordered, self.mailed_count),
            *(self.held_ordered, self.held_count),
        )
        if not found:
            return self.env._("Too few people or orders to say anything.")
        least, most = found
        if least > 0:
            return self.env._(
                "Of 1,000 people who are mailed, %(least)s to %(most)s more order.",
                least=least,
                most=most,
            )
        if most < 0:
            return self.env._(
                "Of 1,000 people who are mailed, %(least)s to %(most)s fewer order.",
                least=-most,
                most=-least,
            )
        return self.env._(
            "The difference may be chance: of 1,000 people who are mailed, %(fewer)s "
            "fewer to %(more)s more order.",
            fewer=-least,
            more=most,
        )

    def action_view_held(self):
        """Open who was held out.

        :return: action
        """
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "mass_mailing_contact_strategy.contact_hold_action"
        )
        action["domain"] = [
            ("rule_id", "=", self.id),
            ("state", "=", "held"),
            ("date", ">=", fields.Datetime.to_string(fields.Datetime.now() - WINDOW)),
        ]
        action["context"] = {}
        return action

    # ------------------------------------------------------------
    # Of what it is made
    # ------------------------------------------------------------

    @api.model
    def _knows_orders(self):
        return self.env["contact.policy.rule"]._knows_orders()

    @property
    def _table_query(self):
        """SQL, as people of two groups are looked up in four tables."""
        rates = [
            SQL(
                "COALESCE(1000.0 * %s / NULLIF(%s, 0), 0)::float AS %s",
                self._sql_number(group, answer),
                self._sql_number(group),
                SQL.identifier(f"{group}_{answer}_rate"),
            )
            for group in GROUPS
            for answer in ANSWERS
        ]
        counts = [
            SQL("%s AS %s", self._sql_number(group, answer), SQL.identifier(name))
            for group in GROUPS
            for name, answer in (
                (f"{group}_count", None),
                (f"{group}_ordered", "ordered"),
            )
        ]
        return SQL(
            """
              WITH held AS (%(held)s), person AS (%(people)s), answer AS (%(answers)s)
            SELECT rule.id, rule.id AS rule_id, rule.policy_id, policy.company_id,
                   %(numbers)s
              FROM contact_policy_rule rule
              JOIN contact_policy policy ON policy.id = rule.policy_id
         LEFT JOIN answer ON answer.rule_id = rule.id
             WHERE rule.rule_type = 'holdout' AND rule.active AND policy.active
             GROUP BY rule.id, policy.id
            """,
            held=self._sql_held(),
            people=self._sql_people(),
            answers=self._sql_answers(),
            numbers=SQL(", ").join([*counts, *rates]),
        )

    def _sql_number(self, group, answer=None):
        """How many there are in the group, of those who did so."""
        is_held = SQL("answer.is_held" if group == "held" else "NOT answer.is_held")
        did = SQL.identifier("answer", answer) if answer else SQL("TRUE")
        return SQL("count(*) FILTER (WHERE %s AND %s)::int", is_held, did)

    def _sql_held(self):
        """Whom a rule kept from a mailing, and no other."""
        return SQL(
            """
            SELECT hold.rule_id, hold.mailing_id, hold.profile_id, hold.company_id,
                   hold.date
              FROM contact_hold hold
              JOIN contact_policy_rule rule
                ON rule.id = hold.rule_id AND rule.rule_type = 'holdout'
             WHERE hold.date >= %(since)s AND hold.state = 'held'
               AND jsonb_array_length(hold.facts -> 'rules') = 1
               AND (hold.company_id IS NULL OR hold.company_id = ANY(%(mine)s))
            """,
            since=fields.Datetime.now() - WINDOW,
            mine=self.env.companies.ids,
        )

    def _sql_people(self):
        """Each person of a rule, since when, and in which group."""
        return SQL(
            """
            SELECT touch.rule_id, touch.profile_id, min(touch.date) AS since,
                   bool_and(touch.is_held) AS is_held
              FROM (
                    SELECT rule_id, profile_id, company_id, date, TRUE AS is_held
                      FROM held
                 UNION ALL
                    SELECT asked.rule_id, t.profile_id, t.company_id, t.date, FALSE
                      FROM (SELECT DISTINCT rule_id, mailing_id FROM held) asked
                      JOIN contact_touch t ON t.mailing_id = asked.mailing_id
                     WHERE t.state = 'sent' AND t.override_id IS NULL
                       AND t.date >= %(since)s AND %(counted)s
                   ) touch
              JOIN contact_profile profile ON profile.id = touch.profile_id
             WHERE profile.is_seed IS NOT TRUE AND (%(fits)s)
               AND (profile.company_id IS NULL OR profile.company_id = ANY(%(mine)s))
             GROUP BY touch.rule_id, touch.profile_id
            HAVING bool_and(touch.is_held) = bool_or(touch.is_held)
            """,
            since=fields.Datetime.now() - WINDOW,
            counted=sql_counted(self.env, "t"),
            fits=self._sql_fits(),
            mine=self.env.companies.ids,
        )

    def _sql_fits(self):
        """Is the rule's policy for the person today?

        Elevated, as in the engine: which policy applies does not depend on who asks.
        """
        Dose = self.env["contact.dose"]
        rules = self.env["contact.policy.rule"].sudo()
        rules = rules.search([("rule_type", "=", "holdout")])
        tests = []
        for policy, of_policy in rules.grouped("policy_id").items():
            case = Dose._sql_policy()
            if policy.is_guard:
                case = Dose._sql_case(policy)
                case = SQL("CASE %s END", case) if case else SQL("NULL::integer")
            ids = tuple(of_policy.ids)
            tests.append(SQL("touch.rule_id IN %s AND %s = %s", ids, case, policy.id))
        return SQL(" OR ").join(tests) or SQL("FALSE")

    def _sql_answers(self):
        """What each person did since."""
        Touch = self.env["contact.touch"]
        return SQL(
            """
            SELECT person.rule_id, person.is_held, %(ordered)s AS ordered,
                   EXISTS (
                       SELECT FROM contact_touch t
                        WHERE t.profile_id = person.profile_id AND %(counted)s
                          AND %(positive)s AND %(positive_date)s >= person.since
                   ) AS responded,
                   COALESCE(said.date >= person.since, FALSE) AS opted_out
              FROM person
              JOIN contact_profile profile ON profile.id = person.profile_id
         LEFT JOIN (SELECT one.profile_id, max(one.date) AS date
                      FROM (%(said)s) AS one (profile_id, date, gone, many)
                     WHERE one.gone GROUP BY one.profile_id
                   ) said ON said.profile_id = person.profile_id
            """,
            ordered=self._sql_ordered(),
            counted=sql_counted(self.env, "t"),
            positive=Touch._positive_response("t"),
            positive_date=Touch._positive_response_date("t"),
            said=self.env["contact.dose"]._sql_said(),
        )

    def _sql_ordered(self):
        """Has the person ordered since? Elevated: numbers of all orders, none named."""
        if not self._knows_orders():
            return SQL("FALSE")
        Order = self.env["sale.order"]
        return SQL(
            """EXISTS (
                SELECT FROM sale_order ordered
                 WHERE %s = profile.partner_id AND %s = 'sale' AND %s >= person.since)
            """,
            *(
                SQL.identifier("ordered", name, to_flush=Order._fields[name])
                for name in ("partner_id", "state", "date_order")
            ),
        )
