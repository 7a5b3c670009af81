from datetime import datetime, timezone

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.mass_mailing_contact_strategy.core.verdicts import Verdict
from odoo.addons.mass_mailing_contact_strategy.models.policy.recipients import (
    Recipients,
)

from .common import NOW
from .test_security import SecurityCase


@tagged("post_install", "-at_install")
class TestRightsPolicies(SecurityCase):
    """What a manager may ask and write, and what becomes of a policy that broke."""

    def _as(self, login, record):
        return record.with_user(self.users[login])

    def _break(self, policy, domain="[('x_gone', '=', 1)]"):
        """As after the removal of a field."""
        self.env.flush_all()
        self.cr.execute(
            "UPDATE contact_policy SET domain = %s WHERE id = %s", (domain, policy.id)
        )
        self.env.invalidate_all()

    # ------------------------------------------------------------
    # WHO A POLICY IS FOR
    # ------------------------------------------------------------

    def test_policies_do_not_ask_the_ledger(self):
        """They are asked with elevated rights, about all business units."""
        Policy = self._as("manager", self.env["contact.policy"])
        policy = Policy.create({"name": "Mine", "domain": "[('lang', '!=', 'xx')]"})
        for domain in (
            "[('touch_ids.note', 'ilike', 'secret')]",
            "[('touch_ids', '!=', False)]",
            "[('hold_ids.state', '=', 'held')]",
            "[('touch_year_ids.sent_count', '>', 0)]",
            "['!', ('partner_id.profile_id.touch_ids.counts', '=', True)]",
            "[('partner_id', 'any', [('profile_id.hold_ids', '!=', False)])]",
            "[('partner_id', 'not any', [('profile_id', 'any', "
            "['|', ('id', '=', 1), ('touch_ids', '!=', False)])])]",
        ):
            with self.subTest(domain=domain):
                with self.assertRaisesRegex(ValidationError, "held back"):
                    Policy.create({"name": "Curious", "domain": domain})
                with self.assertRaisesRegex(ValidationError, "held back"):
                    policy.domain = domain
        self._create_policy(domain="[('touch_ids', '!=', False)]")

    def test_policies_do_not_ask_what_their_writer_may_not(self):
        Policy = self._as("manager", self.env["contact.policy"])
        policy = Policy.create({"name": "Mine"})
        hidden = "[('partner_id.signup_type', '=', 'reset')]"
        with self.assertRaises(AccessError):
            Policy.create({"name": "Curious", "domain": hidden})
        with self.assertRaises(AccessError):
            policy.domain = hidden
        policy = self._as("manager", self._create_policy(domain=hidden))
        self.assertIn("may not", policy.audience)

    def test_a_policy_that_broke_can_be_seen(self):
        other = self._create_policy(self._cap(2), name="Other", sequence=99)
        for domain in ("[('x_gone', '=', 1)]", "[('partner_id.x_gone', '=', 1)]", "{"):
            self._break(self.policy, domain)
            with self.subTest(domain=domain):
                self.assertIn("cannot be understood", self.policy.audience)
                self.assertIn("cannot be understood", self.policy.warning)
                self.assertIn(self.policy.name, self.policy.warning)
                self.assertFalse(other.warning)
                self.assertIn("cannot be understood", self.person.allowance_html)

    def test_a_policy_that_broke_stops_what_it_binds(self):
        """Nobody is written to because his policy could not be read."""
        for vals in ({}, {"is_guard": True}):
            self.policy.write(vals)
            for domain in ("[('x_gone', '=', 1)]", "{"):
                self._break(self.policy, domain)
                with (
                    self.subTest(vals=vals, domain=domain),
                    self.assertRaisesRegex(UserError, self.policy.name),
                ):
                    self.person.check_contact("email", at=NOW)
                with self.assertRaisesRegex(UserError, self.policy.name):
                    self.mailing.action_send_mail()
                self.assertFalse(self.mailing.mailing_trace_ids)
                self._break(self.policy, "[]")

    def test_a_policy_does_not_outlive_its_business_unit(self):
        """It would become one for everybody."""
        field = self.env["ir.model.fields"]._get("contact.policy", "company_id")
        self.assertEqual(field.on_delete, "restrict")

    # ------------------------------------------------------------
    # RULES
    # ------------------------------------------------------------

    def test_programs_are_not_emptied_by_managers(self):
        rule = self._create_policy(self._code("recipients.hold(profiles)")).rule_ids
        asked = self._as("manager", rule)
        for vals in (
            {"code": False},
            {"code": ""},
            {"rule_type": "cap"},
            {"rule_type": "gap", "window_value": 1},
        ):
            with self.subTest(vals=vals), self.assertRaises(AccessError):
                asked.write(vals)
        self.assertEqual(rule.code, "recipients.hold(profiles)")
        self.assertEqual(rule.rule_type, "code")
        asked.write({"name": "Holidays", "sequence": 3})
        rule.with_user(self.env.ref("base.user_admin")).code = False

    def test_defaults_smuggle_nothing_in(self):
        policy = self._create_policy()
        Rule = self._as("manager", self.env["contact.policy.rule"])
        vals = {"policy_id": policy.id, "max_touches": 1}
        with self.assertRaises(AccessError):
            Rule.with_context(default_rule_type="code").create(vals)
        with self.assertRaises(AccessError):
            Rule.with_context(default_code="raise Warning()").create(vals)
        rule = Rule.with_context(default_sequence=7).create(vals)
        action = rule.sudo().action_server_id
        self.assertEqual(rule.sequence, 7)
        self.assertNotEqual(action.sequence, 7)

    def test_numbers_the_database_cannot_hold(self):
        rule = self.policy.rule_ids
        for vals in (
            {"max_touches": 2**31},
            {"max_touches": -(2**40)},
            {"window_value": 10**10},
            {"sequence": 2**31},
        ):
            with self.subTest(vals=vals):
                with self.assertRaisesRegex(ValidationError, "too large"):
                    self._create_policy({**self._cap(), **vals})
                with self.assertRaisesRegex(ValidationError, "too large"):
                    rule.write(vals)

    def test_fields_that_do_not_exist(self):
        with self.assertRaisesRegex(ValueError, "no_such_field"):
            self._create_policy(self._cap(no_such_field=1))

    @mute_logger("odoo.sql_db")
    def test_useful_for_ten_years_at_most(self):
        self.newsletter.useful_days = 3660
        self.env.flush_all()
        with self.assertRaises(IntegrityError):
            self.newsletter.useful_days = 3661
            self.env.flush_all()

    def test_archived_rule_is_run_by_hand(self):
        rule = self.policy.rule_ids
        rule.action_archive()
        shown = rule.action_server_id.with_context(
            active_model="contact.profile", active_ids=self.person.ids
        ).run()
        self.assertIn("later", shown["params"]["message"])

    def test_programs_say_moments_as_the_ledger_does(self):
        recipients = Recipients(self.policy.rule_ids)
        until = datetime(2026, 5, 14, 9)
        for said, expected in (
            (until, until),
            ("2026-05-14 09:00:00", until),
            (until.date(), datetime(2026, 5, 14)),
        ):
            recipients.defer(self.person, said)
            verdict = recipients.apply(Verdict(self.person.id))
            self.assertEqual(verdict.next_allowed, expected)
        for wrong in (until.replace(tzinfo=timezone.utc), "soon", 5):
            with self.subTest(until=wrong), self.assertRaisesRegex(UserError, "UTC"):
                recipients.defer(self.person, wrong)
