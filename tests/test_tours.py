from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, tagged

from odoo.addons.mail.tests.common import MockEmail
from odoo.addons.mass_mailing_contact_strategy.models.delivery import (
    mailing_mailing_preflight,
)
from odoo.addons.mass_mailing_contact_strategy.wizards import contact_preflight

from .common import ADDON, StrategyMixin


@tagged("post_install", "-at_install")
class TestTours(StrategyMixin, MockEmail, HttpCase):
    """The two main jobs, in a browser."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._prepare_strategy()

    def test_write_a_policy(self):
        """A manager writes a policy with a rule and reads both in the list."""
        self._create_user("strategist", f"{ADDON}.{ADDON}_group_manager")
        self.start_tour("/odoo", "contact_strategy_policy", login="strategist")
        policy = self.env["contact.policy"].search([])
        self.assertEqual(policy.name, "Everybody")
        self.assertRecordValues(
            policy.rule_ids,
            [
                {
                    "rule_type": "cap",
                    "max_touches": 3,
                    "window_value": 5,
                    "window_unit": "day",
                    "channel_ids": self.email.ids,
                }
            ],
        )

    def test_launch_a_mailing_and_read_why(self):
        """A marketing user sends a mailing and reads why one person did not get it."""
        user = self._create_user("mailer", "mass_mailing.group_mass_mailing_user")
        self._create_policy(self._cap(1, channel_ids=self.email.ids))
        partners = self._create_partners(2) + self.env["res.partner"].create(
            {"name": "Anna Berg", "email": "anna@strategy.test"}
        )
        self._create_touch(
            partners[-1].profile_id,
            fields.Datetime.now() - timedelta(days=3),
            note="Newsletter",
        )
        mailing = self._create_mailing(partners, "Spring offer", user_id=user.id)
        self.start_tour("/odoo", "contact_strategy_launch", login="mailer")
        self.assertEqual(mailing.state, "in_queue")
        with self.mock_mail_gateway():
            queue = self.env.ref("mass_mailing.ir_cron_mass_mailing_queue")
            queue.method_direct_trigger()
            self.env["mail.mail"].search([("state", "=", "outgoing")]).send()
        self.assertTrue(mailing.is_waiting)
        self.start_tour("/odoo", "contact_strategy_why", login="mailer")

    def test_override(self):
        """A manager lets a mailing through, and whoever waited gets it."""
        user = self._create_user(
            "manager",
            "mass_mailing.group_mass_mailing_user",
            f"{ADDON}.{ADDON}_group_manager",
        )
        self._create_policy(self._cap(1))
        person = self._create_partners(1)
        self._create_touch(person.profile_id, fields.Datetime.now())
        mailing = self._create_mailing(person, "Recall", user_id=user.id)
        queue = self.env.ref("mass_mailing.ir_cron_mass_mailing_queue")
        mailing.action_put_in_queue()
        queue.method_direct_trigger()
        self.assertTrue(mailing.is_waiting)
        self.start_tour(
            f"/odoo/mailing.mailing/{mailing.id}",
            "contact_strategy_override",
            login="manager",
        )
        override = self.env["contact.override"].search([])
        self.assertEqual((override.mailing_id, override.user_id), (mailing, user))
        with self.mock_mail_gateway():
            queue.method_direct_trigger()
        self.assertEqual(mailing.hold_ids.state, "overridden")
        self.assertEqual(override.touch_count, 1)

    def test_start_from_an_example(self):
        """A manager reads a strategy and has it made, to switch on later."""
        self._create_user("manager", f"{ADDON}.{ADDON}_group_manager")
        self.start_tour(
            "/odoo/contact-policies", "contact_strategy_starter", login="manager"
        )
        policies = self.env["contact.policy"].with_context(active_test=False)
        made = policies.search([("example", "=", "travel")])
        self.assertEqual(len(made), 3)
        self.assertFalse(any(made.mapped("active")))

    def test_preflight_and_best_moment(self):
        """A marketing user sees who waits, finds the best day and plans for it."""
        user = self._create_user("mailer", "mass_mailing.group_mass_mailing_user")
        self._create_policy(self._cap(1, channel_ids=self.email.ids))
        partners = self._create_partners(2) + self.env["res.partner"].create(
            {"name": "Anna Berg", "email": "anna@strategy.test"}
        )
        touched = fields.Datetime.now() - timedelta(days=3)
        self._create_touch(partners[-1].profile_id, touched)
        mailing = self._create_mailing(partners, "Spring offer", user_id=user.id)
        self.start_tour("/odoo", "contact_strategy_best_moment", login="mailer")
        free = touched + timedelta(days=7)
        self.assertEqual(mailing.schedule_type, "scheduled")
        self.assertGreaterEqual(mailing.schedule_date, free)
        self.assertLess(mailing.schedule_date, free + timedelta(days=1))

    def test_preflight_of_very_many(self):
        """Asked person by person, the dialog comes to the same."""
        for module in (mailing_mailing_preflight, contact_preflight):
            self.patch(module, "PART", 1)
        self.test_preflight_and_best_moment()

    def test_why_somebody_was_mailed(self):
        """A marketing user reads why a message was sent."""
        user = self._create_user("mailer", "mass_mailing.group_mass_mailing_user")
        policy = self._create_policy(self._cap(1, channel_ids=self.email.ids))
        self.env.cr.flush()
        # A test is one transaction: what it sends is as old as its policies.
        policy.version_ids.valid_from = fields.Datetime.now() - timedelta(days=1)
        anna = self.env["res.partner"].create(
            {"name": "Anna Berg", "email": "anna@strategy.test"}
        )
        mailing = self._create_mailing(anna, "Spring offer", user_id=user.id)
        mailing.action_put_in_queue()
        queue = self.env.ref("mass_mailing.ir_cron_mass_mailing_queue")
        with self.mock_mail_gateway():
            queue.method_direct_trigger()
            self.env["mail.mail"].search([("state", "=", "outgoing")]).send()
        self.start_tour(
            "/odoo/action-mass_mailing.mailing_trace_action",
            "contact_strategy_why_sent",
            login="mailer",
        )

    def test_print_letters(self):
        """A marketing user has letters printed and says that they were posted."""
        user = self._create_user("mailer", "mass_mailing.group_mass_mailing_user")
        self._create_policy(self._cap(1))
        home = {"street": "Main Street 1", "zip": "1010", "city": "Vienna"}
        partners = self._create_partners(2, "writer", **home)
        partners += self._create_partners(1, "homeless")
        letter = self._create_mailing(
            partners, "Spring letter", mailing_type="letter", user_id=user.id
        )
        self.start_tour(
            "/odoo/contact-letters", "contact_strategy_letter", login="mailer"
        )
        self.assertEqual(letter.state, "in_queue")
        self.env.ref("mass_mailing.ir_cron_mass_mailing_queue").method_direct_trigger()
        self.assertEqual(letter.state, "done")
        self.start_tour(
            "/odoo/contact-letters", "contact_strategy_letter_posted", login="mailer"
        )
        self.assertEqual(letter.print_run_ids.posted_count, 2)
