from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, tagged

from odoo.addons.mail.tests.common import MockEmail

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
