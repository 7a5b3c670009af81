import random
from datetime import timedelta
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import tagged
from odoo.tools import SQL

from .common import DAY, HOUR, NOW
from .segment_member_common import MembersCase

OLD = NOW - 100 * DAY
WRITE = "odoo.addons.mass_mailing_contact_strategy.models.audience"


@tagged("post_install", "-at_install")
class TestSegmentDelta(MembersCase):
    """Only those who may have changed are looked at, as good as in a full run."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = cls._people(12)
        cls._score(cls.people, *range(12))
        cls._age(cls)

    def _age(self):
        """All was written long ago."""
        self.env.cr.flush()
        for model in (
            *("contact.profile", "res.partner", "contact.touch", "mailing.contact"),
            *("contact.tag.assignment", "contact.tag", "contact.tag.dimension"),
        ):
            self.env.cr.execute(
                SQL(
                    "UPDATE %s SET write_date = %s, create_date = %s",
                    SQL.identifier(self.env[model]._table),
                    OLD,
                    OLD,
                )
            )
        self.env.invalidate_all()

    def _stamp(self, records, moment):
        """In a test everything is written at once: say when it was."""
        records.flush_recordset()
        self.env.cr.execute(
            SQL(
                "UPDATE %s SET write_date = %s WHERE id = ANY(%s)",
                SQL.identifier(records._table),
                moment,
                records.ids,
            )
        )
        self.env.invalidate_all()

    def _kept(self, domain, **vals):
        segment = self._segment(domain=domain, kind="refreshed", **vals)
        self._age()
        segment.refreshed_date = segment.full_date = NOW
        return segment

    def _looked_at(self, segment, at=NOW + 2 * HOUR):
        people = segment._changed_people(at)
        return None if people is None else self.Profile.browse(people)

    def _open(self, segment):
        self.env.invalidate_all()
        return {
            row.profile_id: (row.is_cut, row.rank_number, row.rank_text)
            for row in segment.member_ids.filtered(lambda row: not row.until)
        }

    def test_nobody_where_nothing_happened(self):
        segment = self._kept([("partner_id.city", "=", "Oslo")])
        self.assertEqual(self._looked_at(segment), self.Profile)

    def test_whose_profile_or_contact_was_written(self):
        segment = self._kept([("partner_id.city", "=", "Oslo")])
        self.people[0].partner_id.city = "Oslo"
        self._stamp(self.people[0].partner_id, NOW + HOUR)
        self._stamp(self.people[1], NOW + HOUR)
        self.assertEqual(self._looked_at(segment).sorted("id"), self.people[:2])
        segment._refresh(NOW + 2 * HOUR)
        self.assertEqual(self._in(segment), self.people[0])
        self.assertEqual(segment.full_date, NOW)

    def test_what_is_beside_the_rank_counts(self):
        segment = self._kept([], max_members=2, rank_path="partner_id.city")
        self._stamp(self.people[3].partner_id, NOW + HOUR)
        self.assertEqual(self._looked_at(segment), self.people[3])

    def test_everybody_where_it_cannot_be_said(self):
        for domain in (
            [("partner_id.category_id", "=", 1)],
            [("create_date", ">", "-3d")],
            [("create_date", ">", "=monday")],
            [("partner_id", "child_of", 1)],
            [("partner_id", "any", [("create_date", "<", "today")])],
        ):
            with self.subTest(domain=domain):
                self.assertIsNone(self._looked_at(self._kept(domain)))

    def test_through_any(self):
        segment = self._kept([("partner_id", "any", [("country_id.code", "=", "NO")])])
        self.assertEqual(self._looked_at(segment), self.Profile)
        self._stamp(self.people[2].partner_id, NOW + HOUR)
        self.assertEqual(self._looked_at(segment), self.people[2])

    def test_members_of_another_segment(self):
        other = self._kept(self._of(self.people[:3]))
        segment = self._kept([])
        self.env["contact.segment.condition"].create(
            {
                "segment_id": segment.id,
                "kind": "segment",
                "other_segment_ids": other.ids,
            }
        )
        self.env["contact.segment.member"].search([]).write({"since": OLD})
        self._age()
        segment.refreshed_date = segment.full_date = other.full_date = NOW
        self.assertEqual(self._looked_at(segment), self.Profile)
        self._stamp(self.people[:1], NOW + HOUR)
        self._score(self.people[:1], 1)
        other.member_ids[:1].sudo().until = NOW + HOUR
        self.assertTrue(self._looked_at(segment))

    def test_changing_what_it_asks_for_means_everybody(self):
        other = self._segment(domain=self._of(self.people[:3]))
        segment = self._kept([])
        self.env["contact.segment.condition"].create(
            {
                "segment_id": segment.id,
                "kind": "segment",
                "other_segment_ids": other.ids,
            }
        )
        segment.full_date = NOW
        other.condition_ids.domain = str(self._of(self.people[:1]))
        self.assertFalse(segment.full_date)

    def test_who_leaves_a_waterfall_gives_people_back(self):
        waterfall = self.env["contact.segment.waterfall"].create({"name": "W"})
        first, second = (
            self._segment(
                str(number),
                self._of(self.people),
                kind="refreshed",
                waterfall_id=waterfall.id,
                waterfall_sequence=number,
            )
            for number in (1, 2)
        )
        self.assertFalse(self._in(second))
        first.waterfall_id = False
        self.assertFalse(second.full_date)
        second._refresh(NOW)
        self.assertEqual(self._in(second), self.people)
        place = {"waterfall_id": waterfall.id, "waterfall_sequence": 0}
        third = self._segment("0", self._of(self.people), **place)
        self.assertFalse(self._in(second), "taken at once")
        second._refresh(NOW)
        third.unlink()
        second._refresh(NOW)
        self.assertEqual(self._in(second), self.people)

    def test_too_many_are_everybody(self):
        segment = self._kept([])
        self._stamp(self.people, NOW + HOUR)
        with patch(f"{WRITE}.contact_segment_refresh_write.MANY", 5):
            self.assertIsNone(self._looked_at(segment))

    def test_the_line_is_drawn_for_all(self):
        """One person rises: another one, who was not looked at, is cut."""
        segment = self._kept(
            self._of(self.people), max_members=3, rank_path="engagement_score"
        )
        self.assertEqual(self._in(segment), self.people[9:])
        self._score(self.people[0], 99)
        self._stamp(self.people[0], NOW + HOUR)
        self.assertEqual(self._looked_at(segment), self.people[0])
        segment._refresh(NOW + 2 * HOUR)
        self.assertEqual(self._in(segment), self.people[0] + self.people[10:])

    def test_whose_records_are_new_or_crossed_an_edge(self):
        segment = self._kept([])
        self._opened(segment)
        touches = [
            self._create_touch(person, moment, opened=True)
            for person, moment in (
                (self.people[0], NOW - 30 * DAY + HOUR),
                (self.people[1], NOW - 29 * DAY),
                (self.people[2], NOW - 2 * DAY),
            )
        ]
        segment._refresh(NOW, full=True)
        self.assertEqual(self._in(segment), self.people[:3])
        self._age()
        self.assertEqual(self._looked_at(segment), self.people[0])
        self._stamp(touches[2], NOW + HOUR)
        self.assertEqual(
            self._looked_at(segment).sorted("id"), self.people[0] + self.people[2]
        )
        segment._refresh(NOW + 2 * HOUR)
        self.assertEqual(self._in(segment), self.people[1:3])
        self.assertEqual(segment.full_date, NOW, "not everybody was looked at")

    def test_tags_and_their_expiry(self):
        tag = self._create_tag("Kites")
        segment = self._kept([])
        self._line(segment, "tag", tag_ids=tag.ids)
        self._tag(self.people[0], tag)
        self._tag(self.people[1], tag, expires=NOW + HOUR)
        segment._refresh(NOW, full=True)
        self._age()
        # By the database's own clock it has expired, and is archived.
        self.env.cr.execute("UPDATE contact_tag_assignment SET active = TRUE")
        self.assertEqual(self._looked_at(segment), self.people[1])
        self._tag(self.people[2], tag)
        row = self.people[2].tag_assignment_ids
        self._age()
        self._stamp(row, NOW + HOUR)
        self.assertEqual(
            self._looked_at(segment).sorted("id"), self.people[1] + self.people[2]
        )
        self._stamp(tag, NOW + HOUR)
        self.assertIsNone(self._looked_at(segment))

    def test_answers_to_a_mailing(self):
        mailing = self._create_mailing(self.people.partner_id)
        segment = self._kept([])
        self._line(segment, "response", mailing_ids=mailing.ids, response="clicked")
        touch = self._create_touch(
            self.people[0], NOW - DAY, mailing_id=mailing.id, state="sent"
        )
        self._age()
        segment.refreshed_date = segment.full_date = NOW
        touch.write({"clicked": True, "clicked_date": NOW + HOUR})
        self._stamp(touch, OLD)
        self.assertEqual(self._looked_at(segment), self.people[0])

    def test_lists_mean_everybody(self):
        segment = self._kept([])
        self._line(segment, "list", is_empty=True)
        segment.refreshed_date = segment.full_date = NOW
        self.assertIsNone(self._looked_at(segment))

    @settings(max_examples=25, deadline=None)
    @given(st.integers(0, 10**6), st.booleans(), st.sampled_from([0, 1, 4]))
    def test_as_a_full_run(self, seed, is_live, limit):
        """Whatever happened: what a full run writes is there already."""
        rng = random.Random(seed)
        self.env["contact.segment"].search([]).unlink()
        self.env["contact.touch"].search([]).unlink()
        self._age()
        waterfall = self.env["contact.segment.waterfall"].create({"name": "W"})
        self._segment(
            "First",
            [("engagement_score", "in", [2, 5, 7])],
            kind="live" if is_live else "refreshed",
            waterfall_id=waterfall.id,
            waterfall_sequence=1,
        )
        segment = self._kept(
            [
                ("id", "in", self.people.ids),
                "|",
                ("partner_id.city", "in", ["Oslo", "Bern"]),
                ("engagement_score", ">", 6),
            ],
            max_members=limit,
            rank_path=rng.choice(["engagement_score", "partner_id.city"]),
            waterfall_id=waterfall.id,
            waterfall_sequence=2,
        )
        if rng.random() < 0.6:
            self._opened(segment, is_negated=rng.random() < 0.5)
            segment._refresh(NOW, full=True)
        at = NOW
        for _turn in range(3):
            at += timedelta(hours=rng.choice([2, 30]))
            for person in rng.sample(list(self.people), 3):
                self._score(person, rng.randrange(12))
                self._stamp(person, at - HOUR / 2)
            contact = rng.choice(self.people).partner_id
            contact.city = rng.choice(["Oslo", "Bern", "Rome", False])
            self._stamp(contact, at - HOUR / 2)
            opened = at - rng.choice([1, 29, 30]) * DAY + rng.choice([-1, 1]) * HOUR
            touch = self._create_touch(rng.choice(self.people), opened, opened=True)
            self._stamp(touch, at - HOUR / 2)
            self.env["contact.segment"].search([("kind", "=", "refreshed")])._refresh(
                at
            )
            self.assertFalse(segment.error)
            by_delta = self._open(segment)
            segment._refresh(at, full=True)
            self.assertEqual(self._open(segment), by_delta)
