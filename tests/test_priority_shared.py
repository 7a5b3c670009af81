from datetime import timedelta

from odoo.tests import tagged

from .common import DAY, NOW
from .test_priority import PlanCase

HOME = {"street": "Storgata 1", "zip": "0150", "city": "Oslo"}


@tagged("post_install", "-at_install")
class TestPriorityShared(PlanCase):
    """Room is kept in whatever a rule counts: money, and what people share."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.newsletter.useful_days = 30
        cls.people = cls._create_partners(3)
        cls.anna, cls.bert, cls.carl = cls.people.mapped("profile_id")

    def _sale(self, recipients, after=DAY):
        return self._plan(after, recipients, policy_priority=5)

    def test_money(self):
        """Of 25 cents a message of yesterday has cost 10, and the sale will, too."""
        self.email.cost = 0.1
        self._create_policy(
            {
                "rule_type": "cost",
                "max_cost": 0.25,
                "window_value": 7,
                "window_unit": "day",
            }
        )
        self._create_touch(self.anna, NOW - DAY, cost=0.1)
        self.assertSend(self.anna)
        sale = self._sale(self.people)
        self.assertSend(self.bert | self.carl)
        self.assertWaits(self.anna, NOW + 6 * DAY)
        self.assertEqual(self._goes_first(self.anna), sale)
        # The sale alone leaves no room for another one: until it is long ago.
        other = self._sale(self.people, 2 * DAY)
        self.assertWaits(self.bert, NOW + 8 * DAY)
        self.assertEqual(self._goes_first(self.bert), sale | other)

    def _goes_first(self, profile):
        """The mailings that a refusal names."""
        news = self._create_mailing(profile.partner_id, "News")
        self._launch(news)
        (rule,) = news.hold_ids.facts["rules"]
        return self.env["mailing.mailing"].browse(rule["planned"])

    def test_inbox(self):
        """The sale goes to the same inbox, to somebody else."""
        self.people[1].email = self.people[0].email
        self._create_policy(self._cap(1, count_per="inbox"))
        self._sale(self.people[1])
        self.assertWaits(self.anna, NOW + 8 * DAY)
        self.assertSend(self.carl)

    def test_household(self):
        self.people[:2].write(HOME)
        self._create_policy(self._cap(2, count_per="household"))
        self._create_touch(self.anna, NOW - DAY)
        self.assertSend(self.anna | self.bert)
        sale = self._sale(self.people[1:])
        self.assertWaits(self.anna, NOW + 6 * DAY)
        self.assertEqual(self._goes_first(self.anna), sale)
        self.assertSend(self.carl)

    def test_people_of_a_company(self):
        """One more of them may be written to: whoever is, counts once."""
        firm = self.env["res.partner"].create({"name": "Firm", "is_company": True})
        self.people.parent_id = firm
        self._create_policy(self._cap(1, count_per="company", count_what="people"))
        self._sale(self.people[1])
        self.assertSend(self.bert)
        self.assertWaits(self.anna, NOW + 8 * DAY)
        self.env["contact.policy"].search([]).rule_ids.max_touches = 2
        self.assertSend(self.anna)
        self._create_touch(self.bert, NOW - DAY)
        self.assertSend(self.anna)
        self._create_touch(self.carl, NOW - DAY)
        self.assertWaits(self.anna, NOW + 6 * DAY)

    def test_home_in_two_time_zones(self):
        """Today is over in Tokyo when the sale goes out, and not in Los Angeles."""
        self.people[:2].write(HOME)
        self.people[0].tz, self.people[1].tz = "Asia/Tokyo", "America/Los_Angeles"
        self._create_policy(
            self._cap(1, 1, "day", count_per="household", window_kind="calendar")
        )
        self._sale(self.people[1], timedelta(hours=8))
        self.assertSend(self.anna)
        (answer,) = self._check(self.bert)
        self.assertEqual(answer["decision"], "defer")

    def test_everybody_at_once(self):
        """A mailing to many: the same by another way of reading."""
        self.people[:2].write(HOME)
        self._create_policy(
            self._cap(1, count_per="household"), self._cap(2, count_per="inbox")
        )
        self._sale(self.people[:1])
        news = self._create_mailing(self.people, "News")
        for large in (False, True):
            self.patch(
                type(self.env["contact.policy.engine"]),
                "_is_large_part",
                lambda *_args, large=large: large,
            )
            news.invalidate_recordset()
            counts = (news.preflight_now, news.preflight_later, news.preflight_not)
            self.assertEqual(counts, (1, 2, 0))
