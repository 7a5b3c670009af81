from datetime import date, datetime

from freezegun import freeze_time

from odoo.tests import tagged

from .common import DAY, HOUR, NOW
from .segment_member_common import MembersCase

GROUP = "mass_mailing_contact_strategy.mass_mailing_contact_strategy_group_user"


@tagged("post_install", "-at_install")
class TestSegmentMembers(MembersCase):
    """Segments that keep who is in them, with the dates."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = cls._people(4)
        cls._score(cls.people, 40, 30, 20, 10)

    def setUp(self):
        super().setUp()
        self._clock = freeze_time(NOW)
        self._clock.start()
        self.addCleanup(self._clock.stop)

    def _kept(self, domain, **vals):
        return self._segment(domain=domain, kind="refreshed", **vals)

    def _high(self, score):
        return [("engagement_score", ">=", score), ("id", "in", self.people.ids)]

    def _say(self, segment, domain):
        segment.condition_ids.domain = str(domain)

    def test_has_members_from_the_beginning(self):
        segment = self._kept(self._high(20))
        self.assertEqual(self._in(segment), self.people[:3])
        self.assertEqual(segment.refreshed_date, NOW)

    def test_stays_until_it_is_refreshed(self):
        segment = self._kept(self._high(20))
        self._score(self.people, 10, 30, 20, 90)
        self.assertEqual(self._in(segment), self.people[:3])
        segment._refresh(NOW + DAY, full=True)
        self.assertEqual(self._in(segment), self.people[1:])

    def test_dates_of_entry_and_exit(self):
        segment = self._kept(self._high(20))
        self._score(self.people[:1], 10)
        segment._refresh(NOW + DAY, full=True)
        self._score(self.people[:1], 90)
        segment._refresh(NOW + 2 * DAY, full=True)
        rows = self._rows(segment)
        self.assertEqual(
            rows[self.people[0]],
            [(NOW, NOW + DAY, False), (NOW + 2 * DAY, False, False)],
        )
        self.assertEqual(rows[self.people[1]], [(NOW, False, False)])

    def test_nothing_is_written_where_nothing_changed(self):
        segment = self._kept(
            self._high(20), max_members=2, rank_path="engagement_score"
        )
        before = self._rows(segment)
        self.env.cr.execute("SELECT max(id), count(*) FROM contact_segment_member")
        state = self.env.cr.fetchone()
        segment._refresh(NOW + DAY, full=True)
        self.assertEqual(self._rows(segment), before)
        self.env.cr.execute("SELECT max(id), count(*) FROM contact_segment_member")
        self.assertEqual(self.env.cr.fetchone(), state)

    def test_who_is_cut_is_kept_with_the_value(self):
        segment = self._kept(
            self._high(20), max_members=2, rank_path="engagement_score"
        )
        self.assertEqual(self._in(segment), self.people[:2])
        cut = segment.member_ids.filtered("is_cut")
        self.assertEqual(cut.profile_id, self.people[2])
        self.assertEqual(cut.rank_number, 20)

    def test_cut_and_back(self):
        segment = self._kept(
            self._high(20), max_members=2, rank_path="engagement_score"
        )
        self._score(self.people[2], 99)
        segment._refresh(NOW + DAY, full=True)
        rows = self._rows(segment)
        self.assertEqual(rows[self.people[2]], [(NOW + DAY, False, False)])
        self.assertEqual(
            rows[self.people[1]],
            [(NOW, NOW + DAY, False), (NOW + DAY, False, True)],
        )
        self._score(self.people[2], 0)
        segment._refresh(NOW + 2 * DAY, full=True)
        rows = self._rows(segment)
        self.assertEqual(
            rows[self.people[1]],
            [(NOW, NOW + DAY, False), (NOW + 2 * DAY, False, False)],
        )

    def test_a_limit_can_be_lifted(self):
        segment = self._kept(
            self._high(20), max_members=1, rank_path="engagement_score"
        )
        segment.max_members = 0
        self.assertEqual(self._in(segment), self.people[:3])
        self.assertFalse(segment.member_ids.filtered("is_cut"))

    def test_another_order_draws_another_line(self):
        segment = self._kept(
            self._high(10), max_members=1, rank_path="engagement_score"
        )
        self.assertEqual(self._in(segment), self.people[0])
        segment.rank_order = "asc"
        self.assertEqual(self._in(segment), self.people[3])
        self.people[2].partner_id.city = "A"
        segment.rank_path = "partner_id.city"
        self.assertEqual(self._in(segment), self.people[2])

    def test_editing_counts_at_once(self):
        segment = self._kept(self._high(20))
        line = segment.condition_ids
        segment.write(
            {"condition_ids": [(1, line.id, {"domain": str(self._high(40))})]}
        )
        self.assertEqual(self._in(segment), self.people[0])

    def test_a_line_that_is_edited_alone_makes_a_full_run(self):
        segment = self._kept(self._high(20))
        self._say(segment, self._high(40))
        self.assertFalse(segment.full_date)
        segment._refresh(NOW + DAY)
        self.assertEqual(self._in(segment), self.people[0])

    def test_frozen_stays_with_its_date(self):
        segment = self._segment(domain=self._high(20))
        segment.action_freeze()
        self.assertEqual((segment.kind, segment.frozen_date), ("frozen", NOW))
        self._score(self.people, 0, 0, 0, 0)
        self._say(segment, self._high(99))
        segment.write({"max_members": 1, "rank_path": "engagement_score"})
        self.env["contact.segment"]._cron_refresh_all()
        self.assertEqual(self._in(segment), self.people[:3])

    def test_frozen_by_its_kind(self):
        segment = self._segment(domain=self._high(20), kind="frozen")
        self.assertEqual(segment.frozen_date, NOW)
        self.assertEqual(self._in(segment), self.people[:3])

    def test_frozen_again(self):
        segment = self._segment(domain=self._high(20), kind="frozen")
        self._score(self.people[:1], 0)
        self._clock.stop()
        with freeze_time(NOW + DAY):
            segment.action_freeze()
        self._clock.start()
        self.assertEqual(segment.frozen_date, NOW + DAY)
        self.assertEqual(self._in(segment), self.people[1:3])
        self.assertEqual(self._rows(segment)[self.people[1]], [(NOW, False, False)])

    def test_switching_kinds_keeps_history(self):
        segment = self._kept(self._high(20))
        segment.kind = "live"
        self.assertFalse(segment.frozen_date)
        self._score(self.people[:1], 0)
        self.assertEqual(self._in(segment), self.people[1:3])
        segment.kind = "refreshed"
        rows = self._rows(segment)
        self.assertEqual(rows[self.people[1]], [(NOW, False, False)])
        self.assertEqual(rows[self.people[0]][0][0], NOW)
        self.assertTrue(rows[self.people[0]][0][1])

    def test_a_copy_has_its_own_members(self):
        segment = self._kept(self._high(20))
        copy = segment.copy()
        self.assertEqual(self._in(copy), self.people[:3])
        self.assertFalse(copy.member_ids & segment.member_ids)

    def test_people_who_are_merged_are_one_member(self):
        segment = self._kept(
            self._high(20), max_members=2, rank_path="engagement_score"
        )
        one, two, three, _four = self.people
        for source, target in ((one, two), (two, three)):
            since = min(
                row[0]
                for row in [*self._rows(segment)[source], *self._rows(segment)[target]]
            )
            count = self.env["contact.segment.member"].search_count(
                [("segment_id", "=", segment.id), ("is_cut", "=", False)]
            )
            source._merge_into(target)
            rows = self._rows(segment)[target]
            (now,) = [row for row in rows if not row[1]]
            self.assertEqual((now[0], now[2]), (since, False))
            after = self.env["contact.segment.member"].search_count(
                [("segment_id", "=", segment.id), ("is_cut", "=", False)]
            )
            self.assertEqual(after, count, "what was is not forgotten")
        segment._refresh(NOW + DAY, full=True)
        self.assertEqual(self._in(segment), three)

    def test_membership_keeps_nobody(self):
        profile = self.env["contact.profile"].create({"name": "Nobody"})
        segment = self._kept([("id", "=", profile.id)])
        self.assertEqual(self._in(segment), profile)
        self.assertFalse(profile._has_history())
        profile._drop_unused()
        self.assertFalse(profile.exists())

    def test_growth_by_day(self):
        segment = self._kept(
            self._high(20), max_members=2, rank_path="engagement_score"
        )
        self._score(self.people[:1], 0)
        segment._refresh(NOW + DAY, full=True)
        self._score(self.people[1:3], 0, 0)
        segment._refresh(NOW + 3 * DAY, full=True)
        growth = segment._growth(days=4, today=(NOW + 3 * DAY).date())[segment.id]
        self.assertEqual(
            [(day["entered"], day["left"], day["size"]) for day in growth],
            [(2, 0, 2), (1, 1, 2), (0, 0, 2), (0, 2, 0)],
        )
        self.assertEqual(growth[0]["day"], NOW.date())
        later = segment._growth(days=2, today=(NOW + 3 * DAY).date())[segment.id]
        self.assertEqual([day["size"] for day in later], [2, 0])

    def test_growth_follows_the_days_of_the_reader(self):
        segment = self._kept(self._high(20))
        self.env["contact.segment.member"].search([]).write(
            {"since": datetime(2026, 5, 11, 23)}
        )
        here = segment.with_context(tz="Europe/Oslo")
        growth = here._growth(days=1, today=date(2026, 5, 12))[segment.id]
        self.assertEqual(growth[0]["entered"], 3)

    def test_an_error_leaves_members_and_others_alone(self):
        broken, fine = self._kept(self._high(20)), self._kept(self._high(20))
        broken.condition_ids.flush_recordset()
        self.env.cr.execute(
            "UPDATE contact_segment_condition SET domain = %s WHERE segment_id = %s",
            ["[('nowhere', '=', 1)]", broken.id],
        )
        self.env.invalidate_all()
        self._score(self.people[:1], 0)
        (broken | fine)._refresh(NOW + DAY, full=True)
        self.assertTrue(broken.error)
        self.assertEqual(len(self._rows(broken)), 3)
        self.assertFalse(self._in(broken))
        self.assertFalse(fine.error)
        self.assertEqual(self._in(fine), self.people[1:3])
        self.assertFalse(broken.problem and fine.problem)

    def test_after_the_segments_it_asks_for(self):
        first = self._kept(self._high(20))
        second = self._kept([])
        self.env["contact.segment.condition"].create(
            {
                "segment_id": first.id,
                "kind": "segment",
                "other_segment_ids": second.ids,
            }
        )
        self.assertEqual(
            (first | second)._in_order_of_need().ids, [second.id, first.id]
        )

    def test_the_cron_looks_at_what_is_due(self):
        segment = self._kept(self._high(20))
        self._score(self.people[:1], 0)
        self.env["contact.segment"]._cron_refresh()
        self.assertEqual(len(self._in(segment)), 3, "looked at a moment ago")
        self._clock.stop()
        with freeze_time(NOW + HOUR):
            self.env["contact.segment"]._cron_refresh()
        self._clock.start()
        self.assertEqual(self._in(segment), self.people[1:3])

    def test_a_user_may_refresh_and_freeze(self):
        user = self._create_user("segments", GROUP)
        segment = self._kept(self._high(20)).with_user(user)
        segment.action_refresh()
        segment.action_freeze()
        self.assertEqual(segment.kind, "frozen")

    def test_queries_do_not_grow_with_people(self):
        segment = self._kept(self._high(0))
        self._people(30, "more")
        self.env.flush_all()
        with self.assertQueryCount(40):
            segment._refresh(NOW + DAY, full=True)
