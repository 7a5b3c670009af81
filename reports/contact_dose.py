from odoo import fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from .seen import MANY, sql_counted, sql_dose

TOO_MANY = "mass_mailing.mailing_subscription_optout_data_2"
HARM = ("complained", "bounced", "opted_out", "too_many")
PER_DAY = """
    NULLIF(%(said)s ->> 'max_touches', 'false')::float
    / CASE %(said)s ->> 'period' WHEN 'week' THEN 7 WHEN 'month' THEN 30 END
"""
"""How many touches a day somebody asked for; NULL: no limit."""


class ContactDose(models.Model):
    """What harm does a touch do, by how many the person had just had?

    A row for each touch that was sent and uses up allowance. Its dose is the number
    of touches that the person got in the seven days before it. Whoever opts out, or
    asks for less, does so because of the latest touch, if that is no older than seven
    days. The mean of a rate is the rate: so many in 1,000 touches.

    The policy is the first one that is for the person today: that of the day is known
    of those only who were held back.
    """

    _name = "contact.dose"
    _inherit = ["contact.of.person.mixin"]
    _description = "Dose and Harm"
    _auto = False
    _order = "date DESC, id DESC"
    _rec_name = "profile_id"
    _depends = {
        "contact.touch": [
            *("bounced", "category_id", "channel_id", "company_id", "complained"),
            *("counts", "date", "mailing_id", "profile_id", "state"),
        ],
        "contact.profile": ["company_id", "email_normalized"],
        "contact.wish.change": ["after", "before", "date", "profile_id", "way"],
        "mailing.contact": ["profile_id"],
        "mailing.subscription": [
            *("contact_id", "opt_out", "opt_out_datetime", "opt_out_reason_id"),
        ],
        "mail.blacklist": ["active", "email", "opt_out_reason_id"],
    }

    profile_id = fields.Many2one("contact.profile", string="Who", readonly=True)
    date = fields.Datetime(readonly=True)
    dose = fields.Selection(
        [
            ("0", "none before"),
            ("1", "1 touch before"),
            *((str(count), f"{count} touches before") for count in range(2, MANY)),
            (str(MANY), f"{MANY} or more before"),
        ],
        string="Touches in the 7 Days Before",
        readonly=True,
        help="How many touches the person had got in the seven days before this one.",
    )
    policy_id = fields.Many2one(
        "contact.policy",
        readonly=True,
        help="The first one that is for the person today.",
    )
    channel_id = fields.Many2one("contact.channel", readonly=True)
    category_id = fields.Many2one("contact.category", string="Kind", readonly=True)
    mailing_id = fields.Many2one("mailing.mailing", readonly=True)
    company_id = fields.Many2one("res.company", string="Business Unit", readonly=True)
    touch_count = fields.Integer(string="Touches", readonly=True)
    complained = fields.Integer(string="Complaints", readonly=True)
    bounced = fields.Integer(string="Bounces", readonly=True)
    opted_out = fields.Integer(string="Opt-Outs", readonly=True)
    too_many = fields.Integer(
        string="“Too Many”",
        readonly=True,
        help="Left because of too many messages, or asked for less.",
    )
    complained_rate = fields.Float(
        string="Complaints per 1,000", digits=(16, 1), readonly=True, aggregator="avg"
    )
    bounced_rate = fields.Float(
        string="Bounces per 1,000", digits=(16, 1), readonly=True, aggregator="avg"
    )
    opted_out_rate = fields.Float(
        string="Opt-Outs per 1,000", digits=(16, 1), readonly=True, aggregator="avg"
    )
    too_many_rate = fields.Float(
        string="“Too Many” per 1,000", digits=(16, 1), readonly=True, aggregator="avg"
    )

    @property
    def _table_query(self):
        """SQL, as each touch is compared with those before it."""
        counts = [
            SQL("%(one)s::int AS %(one)s", one=SQL.identifier(name)) for name in HARM
        ]
        rates = [
            SQL(
                "%s::int * 1000.0::float AS %s",
                SQL.identifier(name),
                SQL.identifier(f"{name}_rate"),
            )
            for name in HARM
        ]
        return SQL(
            """
            SELECT id, profile_id, date, %(dose)s AS dose, %(policy)s AS policy_id,
                   channel_id, category_id, mailing_id, company_id, 1 AS touch_count,
                   %(harm)s
              FROM (
                    SELECT touch.*, harm.id IS NOT NULL AND harm.left AS opted_out,
                           harm.id IS NOT NULL AND harm.many AS too_many,
                           (SELECT count(*) FROM contact_touch earlier
                             WHERE earlier.profile_id = touch.profile_id
                               AND earlier.date < touch.date
                               AND earlier.date >= touch.date - interval '7 days'
                               AND %(earlier)s) AS had
                      FROM (%(touches)s) touch
                 LEFT JOIN (%(answers)s) harm ON harm.id = touch.id
                   ) touch
            """,
            dose=sql_dose(SQL("touch.had")),
            policy=self._sql_policy(),
            harm=SQL(", ").join([*counts, *rates]),
            earlier=sql_counted(self.env, "earlier"),
            touches=self._sql_touches(),
            answers=self._sql_answers(),
        )

    def _sql_touches(self):
        """The touches that left."""
        return SQL(
            """
            SELECT t.id, t.profile_id, t.date, t.channel_id, t.category_id,
                   t.mailing_id, t.company_id,
                   COALESCE(t.complained, FALSE) AS complained,
                   COALESCE(t.bounced, FALSE) AS bounced
              FROM contact_touch t
             WHERE t.state = 'sent' AND %s
            """,
            sql_counted(self.env, "t"),
        )

    def _sql_answers(self):
        """For each touch that made somebody leave, or ask for less: which of both.

        The latest touch before the answer, whichever business unit sent it: one that
        the reader may not see is not blamed on another one.
        """
        return SQL(
            """
            SELECT latest.id, bool_or(answer.left) AS left,
                   bool_or(answer.many) AS many
              FROM (%s) answer
        CROSS JOIN LATERAL (
                    SELECT t.id FROM contact_touch t
                     WHERE t.profile_id = answer.profile_id
                       AND t.counts AND t.state IN ('reserved', 'sent')
                       AND t.date <= answer.date
                       AND t.date > answer.date - interval '7 days'
                     ORDER BY t.date DESC, t.id DESC LIMIT 1
                   ) latest
             GROUP BY latest.id
            """,
            self._sql_said(),
        )

    def _sql_said(self):
        """What people said: who, when, whether they left, whether it was too many."""
        reason = self.env.ref(TOO_MANY, raise_if_not_found=False)
        return SQL(
            """
            SELECT contact.profile_id, said.opt_out_datetime AS date, TRUE AS left,
                   said.opt_out_reason_id IS NOT DISTINCT FROM %(reason)s AS many
              FROM mailing_subscription said
              JOIN mailing_contact contact ON contact.id = said.contact_id
             WHERE said.opt_out AND said.opt_out_datetime IS NOT NULL
         UNION ALL
            SELECT profile.id, said.create_date, TRUE,
                   said.opt_out_reason_id = %(reason)s
              FROM mail_blacklist said
              JOIN contact_profile profile ON profile.email_normalized = said.email
             WHERE said.active AND said.opt_out_reason_id IS NOT NULL
         UNION ALL
            SELECT profile_id, date, stops, less
              FROM (SELECT said.profile_id, said.date,
                           COALESCE(said.after ->> 'is_stopped', '') = 'true'
                           AND COALESCE(said.before ->> 'is_stopped', '') <> 'true'
                               AS stops,
                           COALESCE(%(now)s < COALESCE(%(before)s, 'infinity'), FALSE)
                               AS less
                      FROM contact_wish_change said
                     WHERE said.way = 'page') wish
             WHERE stops OR less
            """,
            reason=reason.id if reason else 0,
            now=SQL(PER_DAY, said=SQL("said.after")),
            before=SQL(PER_DAY, said=SQL("said.before")),
        )

    def _sql_policy(self):
        """The first policy that is for the person; none: NULL.

        Elevated, as in the engine: which policy applies does not depend on who asks.
        """
        policies = self.env["contact.policy"].sudo().search([("is_guard", "=", False)])
        cases = [case for policy in policies if (case := self._sql_case(policy))]
        if not cases:
            return SQL("NULL::integer")
        return SQL("CASE %s END", SQL(" ").join(cases))

    def _sql_case(self, policy):
        """Is this policy for the person? None where it cannot be understood."""
        tests = [SQL("TRUE")]
        if policy.company_id:
            tests.append(SQL("touch.company_id = %s", policy.company_id.id))
        try:
            with policy._reading():
                domain = policy._get_domain()
                if not domain.is_true():
                    Profile = self.env["contact.profile"].sudo()
                    people = Profile.with_context(active_test=False)._search(domain)
                    tests.append(SQL("touch.profile_id IN %s", people.subselect()))
        except ValidationError:
            return None
        return SQL("WHEN %s THEN %s", SQL(" AND ").join(tests), policy.id)
