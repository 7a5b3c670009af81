from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ADDON
from .segment_use_common import SegmentUseMixin
from .send_common import SendCase

LOGGER = f"odoo.addons.{ADDON}.models.audience.mailing_list"


@tagged("post_install", "-at_install")
class TestSegmentUseList(SegmentUseMixin, SendCase):
    """Mailing lists that follow a segment."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.oslo = cls._create_partners(3, "oslo", city="Oslo")
        cls.bergen = cls._create_partners(2, "bergen", city="Bergen")
        cls.segment = cls._create_segment("Oslo")
        cls.news = cls.lists[0]
        cls.by_hand = cls.env["mailing.contact"].create(
            {
                "name": "By hand",
                "email": "hand@strategy.test",
                "list_ids": cls.news.ids,
            }
        )
        cls.known = cls.env["mailing.contact"].create(
            {"name": "Known", "email": cls.oslo[0].email}
        )
        cls.news.segment_id = cls.segment

    def _follow(self):
        self.env["mailing.list"]._cron_follow_segments()
        self.env.invalidate_all()

    def assertOnList(self, *emails, out=()):
        subscriptions = self.news.subscription_ids
        on = subscriptions.filtered(lambda each: not each.opt_out).contact_id
        self.assertEqual(sorted(on.mapped("email")), sorted(emails))
        left = (subscriptions.contact_id - on).mapped("email")
        self.assertEqual(sorted(left), sorted(out))

    def _addresses(self, partners):
        return partners.mapped("email")

    def test_people_of_the_segment_are_added(self):
        self._follow()
        self.assertOnList("hand@strategy.test", *self._addresses(self.oslo))
        self.assertEqual(self.known.list_ids, self.news)
        contacts = self.env["mailing.contact"].search_count(
            [("email", "in", self._addresses(self.oslo))]
        )
        self.assertEqual(contacts, 3)
        self.assertTrue(self.news.segment_date)
        self._follow()
        self.assertOnList("hand@strategy.test", *self._addresses(self.oslo))

    def test_who_leaves_stays_when_only_added(self):
        self._follow()
        self.oslo[0].city = "Bergen"
        self._follow()
        self.assertOnList("hand@strategy.test", *self._addresses(self.oslo))

    def test_exactly_its_people(self):
        self.news.segment_sync = "full"
        self._follow()
        self.assertOnList(*self._addresses(self.oslo))
        self.oslo[0].city = "Bergen"
        self.bergen[0].city = "Oslo"
        self._follow()
        self.assertOnList(*self._addresses(self.oslo[1:] | self.bergen[0]))
        self.oslo[0].city = "Oslo"
        self._follow()
        self.assertOnList(*self._addresses(self.oslo | self.bergen[0]))
        self.assertTrue(self.known.exists())

    def test_unsubscribed_stays_so(self):
        self._follow()
        for sync in ("add", "full"):
            self.news.segment_sync = sync
            self.news._update_subscription_from_email(self.oslo[0].email)
            self.news._update_subscription_from_email("hand@strategy.test")
            self._follow()
            out = ["hand@strategy.test", self.oslo[0].email]
            self.assertOnList(*self._addresses(self.oslo[1:]), out=out)

    def test_taken_off_by_hand_stays_off(self):
        self._follow()
        self.known.list_ids = False
        self._follow()
        on = ["hand@strategy.test", *self._addresses(self.oslo[1:])]
        self.assertOnList(*on)
        self.news.segment_sync = "full"
        self._follow()
        self.assertOnList(*on[1:])
        self.known.list_ids = self.news
        self._follow()
        self.assertOnList(*self._addresses(self.oslo))

    def test_another_segment(self):
        self._follow()
        self.known.list_ids = False
        self.news.segment_id = self._create_segment("Bergen")
        self.news.segment_id = self.segment
        self._follow()
        self.assertOnList("hand@strategy.test", *self._addresses(self.oslo))

    def test_broken_changes_nothing_and_stops_nobody_else(self):
        self.news.segment_sync = "full"
        self._follow()
        self._break(self.segment)
        self.enterContext(mute_logger(LOGGER))
        other = self.lists[1]
        other.segment_id = self._create_segment("Bergen")
        self._follow()
        self.assertOnList(*self._addresses(self.oslo))
        self.assertIn("Oslo", self.news.segment_error)
        self.assertEqual(len(other.contact_ids), 2)
        with self.assertRaisesRegex(UserError, "Oslo"):
            self.news.action_follow_segment()
        with self.assertRaisesRegex(UserError, "News"):
            self._create_list_mailing().action_launch()
        self._mend(self.segment)
        self._follow()
        self.assertFalse(self.news.segment_error)

    def test_brought_up_to_date_before_it_is_sent_to(self):
        mailing = self._create_list_mailing()
        self.news.segment_sync = "full"
        mailing.action_launch()
        self.oslo[0].city = "Bergen"
        self.bergen[0].city = "Oslo"
        self._run_queue()
        contacts = self.env["mailing.contact"].browse(self._statuses(mailing))
        self.assertEqual(
            sorted(contacts.mapped("email")),
            sorted(self._addresses(self.oslo[1:] | self.bergen[0])),
        )

    def test_who_may(self):
        marketer = self._create_marketer()
        self.news.with_user(marketer).action_follow_segment()
        self.assertOnList("hand@strategy.test", *self._addresses(self.oslo))

    def test_not_one_by_one(self):
        self._create_partners(20, "more", city="Oslo")
        self.news._follow_segments()
        self._create_partners(20, "others", city="Oslo")
        self.env.flush_all()
        with self.assertQueryCount(60):
            self.news._follow_segments()
        self.assertEqual(len(self.news.contact_ids), 44)
