from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .common import DAY, HOUR, NOW, GateCase


@tagged("post_install", "-at_install")
class TestRuleQuota(GateCase):
    """Of a shared allowance some is kept for a business unit."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        Company = cls.env["res.company"]
        cls.shop = Company.create({"name": "Shop"})
        cls.branch = Company.create({"name": "Branch", "parent_id": cls.shop.id})
        cls.rule = cls._create_policy(
            cls._cap(3, 7, quota_ids=[cls._keep(cls.shop, 2)])
        ).rule_ids
        cls.anna = cls._create_person("anna")

    @staticmethod
    def _keep(unit, touches):
        return Command.create({"company_id": unit.id, "touches": touches})

    def _touch(self, days, unit=None):
        unit = unit or self.env.company
        return self._create_touch(self.anna, NOW - days * DAY, company_id=unit.id)

    def test_sentence(self):
        self.assertIn(
            "At most 3 touches in any 7 days, of which are kept: 2 for Shop",
            self.rule.sentence,
        )
        self.shop.name = "Store"
        self.assertIn("2 for Store", self.rule.sentence)

    def test_what_is_kept(self):
        self.assertSend(self.anna)
        touch = self._touch(2)
        answer = self.assertDefer(self.anna, NOW + 5 * DAY)
        self.assertEqual(answer["reasons"][0]["touch_ids"], touch.ids)
        self.assertSend(self.anna, company=self.shop)
        self.assertSend(self.anna, company=self.branch)

    def test_used_by_the_unit(self):
        """Its own touches take nothing from the others until all of it is used."""
        for days in (3, 2):
            self._touch(days, self.branch)
            self.assertSend(self.anna)
        self._touch(1, self.shop)
        # When the first of the branch is free again, the shop has two left in use.
        self.assertDefer(self.anna, NOW + 4 * DAY)
        self.assertDefer(self.anna, NOW + 4 * DAY, company=self.shop)

    def test_next_free_moment(self):
        """A touch of the unit that leaves the window is kept for it again."""
        self._touch(6, self.shop)
        self._touch(5)
        self.assertDefer(self.anna, NOW + 2 * DAY)
        self.assertSend(self.anna, company=self.shop)

    def test_all_is_kept(self):
        self.rule.quota_ids.touches = 3
        self.assertHold(self.anna)
        self.assertSend(self.anna, company=self.shop)

    def test_planned_by_the_unit(self):
        """What the unit plans uses what is kept for it, not more."""
        self._create_mailing(
            self.anna.partner_id,
            "Sale",
            company_id=self.shop.id,
            policy_priority=5,
            schedule_type="scheduled",
            schedule_date=NOW + HOUR,
        ).action_put_in_queue()
        self.assertSend(self.anna)
        self.rule.quota_ids.unlink()
        self.rule.max_touches = 1
        answer = self._check(self.anna)[0]
        self.assertEqual(answer["next_allowed"], NOW + HOUR + 7 * DAY)

    def test_gate(self):
        self._touch(2)
        ours = self._create_mailing(self.anna.partner_id, "Ours")
        self._launch(ours)
        self.assertOutcome(ours, self.anna.partner_id, deferred=1)
        theirs = self._create_mailing(
            self.anna.partner_id, "Theirs", company_id=self.shop.id
        )
        self._launch(theirs)
        self.assertOutcome(theirs, self.anna.partner_id, sent=1)

    def test_too_much(self):
        for values in (
            {"max_touches": 1},
            {"quota_ids": [self._keep(self.env.company, 2)]},
            {"quota_ids": [Command.update(self.rule.quota_ids.id, {"touches": 4})]},
        ):
            with (
                self.assertRaisesRegex(ValidationError, "More is kept"),
                self.env.cr.savepoint(),
            ):
                self.rule.write(values)

    def test_copy(self):
        copy = self.rule.policy_id.copy()
        self.assertEqual(copy.rule_ids.quota_ids.touches, 2)
