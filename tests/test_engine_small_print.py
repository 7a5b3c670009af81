from datetime import timedelta
from unittest.mock import patch

from odoo.tests import tagged

from .common import DAY, HOUR, NOW, SECOND, GateCase

HOME = {"street": "Storgata 1", "zip": "0150", "city": "Oslo"}


@tagged("post_install", "-at_install")
class TestEngineSmallPrint(GateCase):
    """What the engine counts, at the last comparison."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = cls._create_partners(2)
        cls.anna, cls.bert = cls.people.mapped("profile_id")
        cls.newsletter.useful_days = 30

    def _both_ways(self):
        """Person by person, and the ledger read at once."""
        for at_once in (False, True):
            large = patch.object(
                type(self.env["contact.policy.engine"]),
                "_is_large_part",
                lambda *_, at_once=at_once: at_once,
            )
            with large, self.subTest(at_once=at_once):
                yield

    def test_touch_where_the_window_ends(self):
        """It shares no window with the message, and is none of those in its way."""
        self._create_policy(self._cap(1))
        used = self._create_touch(self.anna, NOW - DAY)
        self._create_touch(self.anna, NOW + 7 * DAY)
        (answer,) = self._check(self.anna)
        self.assertEqual(answer["reasons"][0]["touch_ids"], used.ids)
        last = self._create_touch(self.anna, NOW + 7 * DAY - SECOND)
        (answer,) = self._check(self.anna)
        self.assertEqual(answer["reasons"][0]["touch_ids"], last.ids)

    def test_newest_but_for_who_goes_first(self):
        """Of two that are allowed a sale gets one: the newest touch must be free."""
        self._create_policy(self._cap(2))
        for days in (3, 1):
            self._create_touch(self.anna, NOW - days * DAY)
        self.assertDefer(self.anna, NOW + 4 * DAY)
        sale = self._create_mailing(
            self.people[0],
            "Sale",
            schedule_type="scheduled",
            schedule_date=NOW + 5 * DAY,
            policy_priority=5,
        )
        sale.action_put_in_queue()
        (answer,) = self._check(self.anna)
        self.assertEqual(answer["next_allowed"], NOW + 6 * DAY)

    def test_lost_among_the_refused(self):
        """Somebody booked by another worker is missed, though others are refused."""
        self._create_policy(self._cap(2))
        for days in (1, 2):
            self._create_touch(self.anna, NOW - days * DAY)
        mailing = self._create_mailing(self.people)
        Engine = self.env["contact.policy.engine"]
        crowd = mailing._contact_crowd(self.people.ids)
        plan = Engine._plan(mailing._contact_message(), people=crowd.people())
        booking = mailing._contact_booking(NOW)
        first = Engine._decide(plan, crowd.people(), NOW, booking)
        self.assertEqual(set(first.refused()), {self.people[0].id})
        self.assertEqual(first.lost, set())
        again = Engine._decide(plan, crowd.people(), NOW, booking)
        self.assertEqual(set(again.refused()), {self.people[0].id})
        self.assertEqual(again.lost, {self.people[1].id})

    def test_home_in_two_time_zones(self):
        """A day is that of whoever is asked, and nobody is asked twice."""
        self.people.write(HOME)
        carl, dora = self._create_partners(2, "neighbour").mapped("profile_id")
        (carl | dora).partner_id.write({**HOME, "street": "Storgata 2"})
        for profile, tz in zip(
            (self.anna, self.bert, carl, dora),
            ("Asia/Tokyo", "America/Los_Angeles") * 2,
            strict=True,
        ):
            profile.partner_id.tz = tz
        self._create_policy(
            self._cap(1, 1, "day", count_per="household", window_kind="calendar")
        )
        # Half past eleven at night of 11 May in Tokyo; that morning in Los Angeles
        self._create_touch(self.anna, NOW - timedelta(hours=18, minutes=30))
        for _way in self._both_ways():
            self.assertSend(self.anna | carl | dora, at=NOW)
            (answer,) = self._check(self.bert, at=NOW - 3 * HOUR)
            self.assertEqual(answer["decision"], "defer")
            everybody = self.anna | self.bert | carl | dora
            answers = self._check(everybody, at=NOW - 3 * HOUR)
            self.assertEqual(
                [answer["decision"] for answer in answers],
                ["send", "defer", "send", "send"],
            )

    def test_windows_that_end_on_different_days(self):
        """What is planned for the end of the month counts for the month."""
        self._create_policy(
            self._cap(1, 1, "month", window_kind="calendar"),
            self._cap(5, 1, "day", window_kind="calendar"),
        )
        self._create_touch(self.anna, NOW + 5 * DAY)
        for _way in self._both_ways():
            (answer,) = self._check(self.anna)
            self.assertEqual(answer["decision"], "defer")
            self.assertSend(self.bert)
