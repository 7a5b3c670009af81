from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import DAY, HOUR, NOW, GateCase
from .rule_kinds_common import KindsCase


@tagged("post_install", "-at_install")
class TestRuleApart(GateCase):
    """Campaigns that must not come near each other."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        Campaign = cls.env["utm.campaign"]
        cls.sale = Campaign.create({"title": "Sale", "name": "sale"})
        cls.care = Campaign.create({"title": "Care", "name": "care"})
        cls.rule = cls._create_policy(
            {
                "rule_type": "apart",
                "campaign_ids": cls.sale.ids,
                "other_campaign_ids": cls.care.ids,
                "window_value": 3,
            }
        ).rule_ids
        cls.anna = cls._create_partners(1, "anna")

    def _send(self, campaign=None, subject="News"):
        mailing = self._create_mailing(
            self.anna, subject, campaign_id=campaign and campaign.id
        )
        self._launch(mailing)
        return mailing

    def test_sentence(self):
        self.assertIn("No touches (Sale) within 3 days after Care", self.rule.sentence)
        self.rule.other_category_ids = self.service
        self.assertIn(f"after {self.service.name} or Care", self.rule.sentence)
        self.rule.category_ids = self.promotion
        self.assertIn(f"({self.promotion.name} and Sale)", self.rule.sentence)

    def test_one_after_the_other(self):
        self._send(self.care)
        self._go_to(NOW + DAY)
        self.assertOutcome(self._send(), self.anna, sent=1)
        sale = self._send(self.sale)
        self.assertOutcome(sale, self.anna, deferred=1)
        self.assertEqual(sale.hold_ids.next_allowed, NOW + 3 * DAY)

    def test_both_ways(self):
        self._send(self.sale)
        self._go_to(NOW + HOUR)
        self.assertOutcome(self._send(self.care), self.anna, sent=1)
        self._go_to(NOW + 4 * DAY)
        self.rule.is_mutual = True
        self._send(self.sale)
        self._go_to(NOW + 5 * DAY)
        self.assertOutcome(self._send(self.care), self.anna, deferred=1)
        self.assertOutcome(self._send(), self.anna, sent=1)

    def test_planned(self):
        """A campaign of higher priority that is planned counts, too."""
        self._create_mailing(
            self.anna,
            "Care",
            campaign_id=self.care.id,
            policy_priority=5,
            schedule_type="scheduled",
            schedule_date=NOW + DAY,
        ).action_put_in_queue()
        self.assertOutcome(self._send(self.sale), self.anna, deferred=1)

    def test_kinds_or_campaigns(self):
        """Either is enough."""
        self.rule.other_category_ids = self.service
        profile = self.anna.profile_id
        self._create_touch(profile, NOW - DAY, category_id=self.service.id)
        self.assertOutcome(self._send(self.sale), self.anna, deferred=1)


@tagged("post_install", "-at_install")
class TestRuleBlockTags(KindsCase):
    """Whom a rule blocks by a tag stays blocked."""

    def test_tag_in_use_is_not_archived(self):
        rule = self._rule("block", tag_ids=self.complaint.ids)
        for record in (self.complaint, self.complaint.dimension_id):
            with (
                self.assertRaisesRegex(ValidationError, "change the rule"),
                self.env.cr.savepoint(),
            ):
                record.active = False
        rule.policy_id.active = False
        self.complaint.active = False
        self.assertFalse(self.complaint.active)
