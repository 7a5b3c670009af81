from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .common import ADDON, StrategyCase


@tagged("post_install", "-at_install")
class TestPolicyReview(StrategyCase):
    """The owner is told when it is time to think again; and the handbook."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.owner = cls._create_user("owner", f"{ADDON}.{ADDON}_group_manager")
        cls.today = fields.Date.today()
        cls.policy = cls._create_policy(cls._cap(2, 7), user_id=cls.owner.id)

    def _remind(self):
        self.env["contact.policy"]._cron_remind_reviews()
        return self.policy.activity_ids

    def test_one_activity_for_each_day(self):
        self.policy.review_date = self.today + timedelta(days=1)
        self.assertFalse(self._remind())
        self.policy.review_date = self.today
        activity = self._remind()
        self.assertEqual(activity.user_id, self.owner)
        self.assertIn("Everybody", activity.summary)
        self.assertEqual(self._remind(), activity)
        activity.action_feedback(feedback="It is")
        self.assertFalse(self._remind())
        self.policy.review_date = self.today - timedelta(days=1)
        self.assertEqual(len(self._remind()), 1)
        self.policy.review_date = self.today
        self.assertEqual(len(self._remind()), 1)

    def test_nobody_is_told_of_what_is_switched_off(self):
        self.policy.write({"review_date": self.today, "active": False})
        self.assertFalse(self._remind())

    def test_handbook(self):
        """In order, in sentences, with who answers for it."""
        first = self._create_policy(
            self._gap(), name="First", sequence=1, is_guard=True
        )
        self.policy.write(
            {
                "sequence": 2,
                "description": "<p>Because of the couple</p>",
                "domain": "[('name', 'ilike', 'anna')]",
            }
        )
        content, _kind = self.env["ir.actions.report"]._render_qweb_html(
            f"{ADDON}.contact_policy_handbook", (self.policy | first).ids
        )
        text = content.decode()
        self.assertLess(text.index("First"), text.index("Everybody"))
        for words in (
            "At most 2 touches in any 7 days, otherwise wait until free",
            "(guard)",
            "Because of the couple",
            "Whose profile fits: Name",
            self.owner.name,
        ):
            self.assertIn(words, text)
