from datetime import datetime

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import DAY, NOW
from .segment_member_common import MembersCase


@tagged("post_install", "-at_install")
class TestSegmentRank(MembersCase):
    """The first N by a value."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = cls._people(5)
        cls._score(cls.people, 10, 50, 50, 30, 50)

    def _first(self, count, path="engagement_score", **vals):
        domain = self._of(self.people)
        return self._segment(domain=domain, max_members=count, rank_path=path, **vals)

    def test_highest_first_and_ties_by_id(self):
        self.assertEqual(self._in(self._first(2)), self.people[1:3])
        self.assertEqual(self._in(self._first(4)), self.people[1:])

    def test_lowest_first(self):
        segment = self._first(2, rank_order="asc")
        self.assertEqual(self._in(segment), self.people[0] + self.people[3])

    def test_more_seats_than_people(self):
        self.assertEqual(self._in(self._first(10)), self.people)

    def test_without_a_limit_nobody_is_cut(self):
        self.assertEqual(self._in(self._first(0)), self.people)

    def test_nothing_known_stands_last_either_way(self):
        for number, person in enumerate(self.people[:3]):
            person.consent_date = NOW.date() + number * DAY
        for order in ("asc", "desc"):
            segment = self._first(3, "consent_date", rank_order=order)
            self.assertEqual(self._in(segment), self.people[:3])
        self.assertEqual(self._in(self._first(1, "consent_date")), self.people[2])

    def test_texts_and_paths(self):
        for person, city in zip(self.people, "cbaed", strict=True):
            person.partner_id.city = city
        segment = self._first(2, "partner_id.city", rank_order="asc")
        self.assertEqual(self._in(segment), self.people[1:3])

    def test_empty_texts_are_nothing(self):
        self.people[0].partner_id.city = "z"
        self.people[1].partner_id.city = ""
        segment = self._first(1, "partner_id.city", rank_order="asc")
        self.assertEqual(self._in(segment), self.people[0])

    def test_chance_is_always_the_same(self):
        segment = self._first(3, rank_by="share")
        first = self._in(segment)
        self.assertEqual(len(first), 3)
        self.assertEqual(self._in(segment, NOW + 90 * DAY), first)
        others = [
            self._in(self._first(3, rank_by="share", name=str(number)))
            for number in range(20)
        ]
        self.assertTrue(any(other != first for other in others))

    def test_by_what_people_did(self):
        """The latest readers, the most frequent ones; who never read stands last."""
        days = {0: [9], 1: [20, 1], 2: [5, 6, 7]}
        for number, ages in days.items():
            for age in ages:
                self._create_touch(self.people[number], NOW - age * DAY, opened=True)
        for aggregate, order, expected in (
            ("latest", "desc", [1, 2]),
            ("latest", "asc", [0, 2]),
            ("earliest", "asc", [1, 0]),
            ("count", "desc", [2, 1]),
        ):
            segment = self._segment(domain=self._of(self.people))
            line = self._opened(segment, aggregate=aggregate)
            line.write({"threshold": 0, "comparison": ">="})
            segment.write(
                {
                    "rank_by": "behaviour",
                    "rank_condition_id": line.id,
                    "rank_order": order,
                    "max_members": 2,
                }
            )
            people = self.Profile.concat(*(self.people[i] for i in expected))
            for kind in ("live", "refreshed"):
                segment.kind = kind
                segment._refresh(NOW, full=True)
                with self.subTest(aggregate=aggregate, order=order, kind=kind):
                    self.assertEqual(self._in(segment), people.sorted("id"))

    def test_says_dates_of_what_people_did(self):
        for number in range(3):
            moment = NOW - (number + 1) * DAY
            self._create_touch(self.people[number], moment, opened=True)
        segment = self._segment(domain=self._of(self.people))
        line = self._opened(segment, aggregate="latest", threshold=0)
        segment.write(
            {
                "rank_by": "behaviour",
                "rank_condition_id": line.id,
                "max_members": 2,
            }
        )
        (behind, *_others) = segment._explain_limit(at=NOW)
        self.assertEqual(behind["profile_id"], self.people[2].id)
        self.assertIn("9 May 2026", behind["value"])
        self.assertIn("10 May 2026", behind["last_value"])

    def test_who_cannot_be_ranked_is_refused(self):
        for path in (False, "nothing", "partner_id", "tag_ids", "partner_id.image_128"):
            with self.subTest(path=path), self.assertRaises(ValidationError):
                self._first(2, path)
        with self.assertRaises(ValidationError):
            self._first(2, rank_by="behaviour")

    def test_seats_are_the_same_for_every_reader(self):
        """Whoever sees fewer people does not see others instead."""
        other = self.env["res.company"].create({"name": "Other unit"})
        self.people[1].partner_id.company_id = other
        user = self._create_user(
            "ranker",
            "mass_mailing_contact_strategy.mass_mailing_contact_strategy_group_user",
        )
        segment = self._first(2)
        Profile = self.Profile.with_user(user)
        found = Profile.search(segment.with_user(user)._get_domain(NOW))
        self.assertEqual(found.ids, self.people[2].ids)
        self.assertEqual(segment.with_user(user)._limit_counts(NOW), (1, 4))

    def test_a_unit_has_no_seats_for_people_of_others(self):
        other = self.env["res.company"].create({"name": "Other unit"})
        self.people[1].partner_id.company_id = other
        self.people[2].partner_id.company_id = self.env.company
        for kind in ("live", "refreshed"):
            segment = self._first(3, company_id=self.env.company.id, kind=kind)
            self.assertEqual(self._in(segment), self.people[2:])
        self.assertEqual(self._in(self._first(2)), self.people[1:3])

    def test_says_how_many_of_how_many(self):
        segment = self._first(2)
        self.assertEqual(segment._limit_counts(NOW), (2, 5))
        self.assertEqual(segment._say_limit(NOW), "2 of 5 people")

    def test_says_why_number_n_plus_one_is_out(self):
        segment = self._first(2)
        (equal, less, *_others) = segment._explain_limit(at=NOW)
        self.assertEqual(equal["profile_id"], self.people[4].id)
        self.assertEqual((equal["place"], equal["is_in"]), (3, False))
        self.assertIn("as number 2 has", equal["reason"])
        self.assertEqual((less["value"], less["last_value"]), ("30", "50"))
        self.assertEqual(
            less["reason"],
            "Number 4 of 5: 30. Number 2, the last who is in, has 50.",
        )

    def test_of_kept_members_the_rows_say_it(self):
        segment = self._first(2, kind="refreshed")
        self._score(self.people[3], 99)
        self.assertEqual(segment._limit_counts(NOW), (2, 5))
        (_equal, less, *_others) = segment._explain_limit(at=NOW)
        self.assertEqual((less["value"], less["last_value"]), ("30", "50"))

    def test_says_where_somebody_stands(self):
        segment = self._first(2)
        (inside,) = segment._explain_limit(self.people[1], at=NOW)
        self.assertTrue(inside["is_in"])
        self.assertEqual(inside["place"], 1)

    def test_dates_are_said_as_dates(self):
        self.people[0].persona_date = datetime(2026, 5, 1, 12)
        self.people.flush_recordset()
        segment = self._first(1, "persona_date")
        (behind, *_others) = segment._explain_limit(at=NOW)
        self.assertEqual(behind["value"], "nothing known")
        self.assertIn("2026", behind["last_value"])
