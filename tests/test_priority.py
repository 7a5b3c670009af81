from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common import ADDON, DAY, HOUR, NOW, GateCase


class PlanCase(GateCase):
    """Mailings that wait in the queue."""

    def _plan(self, after, recipients=None, subject="Sale", **vals):
        """A mailing in the queue."""
        mailing = self._create_mailing(
            self.people if recipients is None else recipients,
            subject,
            schedule_type="scheduled",
            schedule_date=NOW + after,
            **vals,
        )
        mailing.action_put_in_queue()
        return mailing

    def assertWaits(self, profile, until, **options):
        (answer,) = self._check(profile, **options)
        self.assertEqual((answer["decision"], answer["next_allowed"]), ("defer", until))


@tagged("post_install", "-at_install")
class TestPriority(PlanCase):
    """Where an allowance is scarce, what goes first gets it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_policy(cls._cap(1, 7))
        cls.people = cls._create_partners(3)
        cls.anna = cls.people[0].profile_id
        cls.newsletter.useful_days = 30

    def test_room_is_kept(self):
        sale = self._plan(3 * DAY, self.people[:2], policy_priority=5)
        news = self._create_mailing(self.people, "News")
        self._launch(news)
        self.assertOutcome(news, self.people, deferred=2, sent=1)
        hold = news.hold_ids.filtered(lambda h: h.profile_id == self.anna)
        self.assertEqual(hold.next_allowed, NOW + 10 * DAY)
        self.assertIn("First comes “Sale” (priority 5, planned for 15 May", hold.reason)
        self._go_to(NOW + 3 * DAY + HOUR)
        self._run_queue()
        self.assertOutcome(sale, self.people[:2], sent=2)

    def test_lower_and_equal_later_keep_none(self):
        self._plan(DAY, policy_priority=-1)
        self._plan(DAY)
        self.assertSend(self.anna)
        self._plan(DAY, policy_priority=1)
        self.assertWaits(self.anna, NOW + 8 * DAY)
        self.assertSend(self.anna, priority=2)

    def test_tie(self):
        """Both are due: the one scheduled earlier goes first, then the older one."""
        older = self._plan(-2 * HOUR, subject="Older")
        twin = self._plan(-2 * HOUR, subject="Twin")
        later = self._plan(-1 * HOUR, subject="Later")
        self._run_queue()
        self.assertOutcome(older, self.people, sent=3)
        self.assertOutcome(twin, self.people, deferred=3)
        self.assertOutcome(later, self.people, deferred=3)

    def test_window(self):
        """What is planned counts as far as a window reaches, and no further."""
        self._plan(7 * DAY, policy_priority=5)
        self.assertSend(self.anna)
        self._plan(7 * DAY - HOUR, policy_priority=5)
        self.assertWaits(self.anna, NOW + 14 * DAY - HOUR)

    def test_free_when(self):
        """Of two in a week one is used: the sale gets the other."""
        self._create_touch(self.anna, NOW - 3 * DAY)
        self.env["contact.policy"].search([]).rule_ids.max_touches = 2
        self.assertSend(self.anna)
        self._plan(DAY, policy_priority=5)
        # On day 4 the old touch is free, and the sale leaves room again.
        self.assertWaits(self.anna, NOW + 4 * DAY)
        self._plan(2 * DAY, policy_priority=5)
        self.assertWaits(self.anna, NOW + 8 * DAY)

    def test_only_what_the_rule_counts(self):
        rule = self.env["contact.policy"].search([]).rule_ids
        rule.category_ids = self.newsletter
        self._plan(DAY, category_id=self.promotion.id, policy_priority=5)
        self.assertSend(self.anna, category="newsletter")
        self.promotion.counts = False
        rule.category_ids = False
        self.assertSend(self.anna, category="newsletter")
        self.promotion.counts = True
        self.assertWaits(self.anna, NOW + 8 * DAY, category="newsletter")

    def test_nobody_who_would_not_get_it(self):
        """No room is kept for whom a rule or Odoo keeps from the mailing."""
        self._plan(DAY, policy_priority=5, category_id=self.promotion.id)
        bea, cid = self.people[1:]
        self.assertWaits(bea.profile_id, NOW + 8 * DAY)
        promotions = {"category_ids": [Command.set(self.promotion.ids)]}
        self._create_policy(
            self._cap(0, 7, **promotions),
            is_guard=True,
            domain=repr([("id", "=", bea.profile_id.id)]),
        )
        self.assertSend(bea.profile_id, category="newsletter")
        self.env["mail.blacklist"].create({"email": cid.email})
        self.assertSend(cid.profile_id, category="newsletter")
        self.assertWaits(self.anna, NOW + 8 * DAY, category="newsletter")

    def test_stuck(self):
        """A mailing that nobody sends keeps room for a day only."""
        self._plan(-1 * DAY + HOUR, policy_priority=5)
        self.assertWaits(self.anna, NOW + 7 * DAY)
        self.assertSend(self.anna, at=NOW + 2 * HOUR)

    def test_preflight_says_the_same(self):
        self._plan(DAY, self.people[:2], policy_priority=5)
        news = self._create_mailing(self.people, "News")
        counts = (news.preflight_now, news.preflight_later, news.preflight_not)
        self.assertEqual(counts, (1, 2, 0))

    def test_other_business_unit(self):
        """Who won is told, but not what another unit plans."""
        other = self.env["res.company"].create({"name": "Other"})
        self._plan(DAY, policy_priority=5, company_id=other.id)
        news = self._create_mailing(self.people[:1], "News")
        self._launch(news)
        reason = news.hold_ids.with_context(
            allowed_company_ids=self.env.company.ids
        ).reason
        self.assertIn("a message of another business unit", reason)
        self.assertNotIn("Sale", reason)

    def test_priority_of_the_kind(self):
        self.promotion.priority = 4
        mailing = self._create_mailing(self.people, category_id=self.promotion.id)
        self.assertEqual(mailing.policy_priority, 4)
        self.assertEqual(mailing.copy().policy_priority, 4)
        self._launch(mailing)
        self.assertEqual(set(self._touches(mailing).mapped("priority")), {4})
        self._plan(DAY, policy_priority=3)
        self.assertSend(
            self._create_person("new"), category="promotion", at=NOW + 9 * DAY
        )

    def test_right(self):
        mailer = self._create_user("mailer", "mass_mailing.group_mass_mailing_user")
        mailing = self._create_mailing(self.people).with_user(mailer)
        self.assertFalse(mailing.can_set_priority)
        with self.assertRaises(AccessError):
            mailing.policy_priority = 3
        with self.assertRaises(AccessError):
            mailing.create({"subject": "Mine", "policy_priority": 3})
        mailing.subject = "Still mine"
        boss = self._create_user(
            "boss",
            "mass_mailing.group_mass_mailing_user",
            f"{ADDON}.{ADDON}_group_manager",
        )
        mailing.with_user(boss).policy_priority = 3
        self.assertEqual(mailing.copy().policy_priority, 0)

    def test_no_number(self):
        for wrong in ("high", 2**40, [1]):
            with self.assertRaisesRegex(UserError, "priority"):
                self.anna.check_contact("email", priority=wrong)
