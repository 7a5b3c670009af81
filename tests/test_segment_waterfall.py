from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import tagged

from .common import NOW
from .segment_member_common import MembersCase

MOST = 6
ONE_SEGMENT = st.fixed_dictionaries(
    {
        "people": st.sets(st.integers(0, MOST - 1)),
        "kind": st.sampled_from(["live", "live", "refreshed", "frozen"]),
        "limit": st.integers(0, 3),
        "sequence": st.integers(1, 3),
        "active": st.sampled_from([True, True, True, False]),
    }
)


@tagged("post_install", "-at_install")
class TestSegmentWaterfall(MembersCase):
    """Each person falls into the first segment that fits."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = cls._people(MOST)
        cls._score(cls.people, *range(MOST, 0, -1))
        cls.waterfall = cls.env["contact.segment.waterfall"].create({"name": "Spring"})

    def _step(self, sequence, people, **vals):
        return self._segment(
            f"Step {sequence}",
            self._of(people),
            waterfall_id=self.waterfall.id,
            waterfall_sequence=sequence,
            rank_path="engagement_score",
            **vals,
        )

    def test_the_first_that_fits(self):
        one = self._step(1, self.people[:3])
        two = self._step(2, self.people[1:5])
        three = self._step(3, self.people)
        self.assertEqual(self._in(one), self.people[:3])
        self.assertEqual(self._in(two), self.people[3:5])
        self.assertEqual(self._in(three), self.people[5])

    def test_of_the_same_number_the_older_is_first(self):
        one = self._step(1, self.people[:3])
        two = self._step(1, self.people)
        self.assertEqual(self._in(one), self.people[:3])
        self.assertEqual(self._in(two), self.people[3:])

    def test_who_is_behind_a_limit_falls_through(self):
        self._step(1, self.people[:4], max_members=2)
        two = self._step(2, self.people[1:], max_members=3)
        three = self._step(3, self.people)
        self.assertEqual(self._in(two), self.people[2:5])
        self.assertEqual(self._in(three), self.people[5])

    def test_who_is_archived_takes_nobody(self):
        one = self._step(1, self.people[:3])
        two = self._step(2, self.people)
        one.active = False
        self.assertEqual(self._in(two), self.people)

    def test_members_are_what_a_kept_segment_takes(self):
        one = self._step(1, self.people[:3], kind="frozen")
        one.condition_ids.domain = str(self._of(self.people[5]))
        two = self._step(2, self.people)
        self.assertEqual(self._in(one), self.people[:3])
        self.assertEqual(self._in(two), self.people[3:])

    def test_who_was_kept_falls_into_an_earlier_one_at_once(self):
        one = self._step(1, self.people[:1])
        two = self._step(2, self.people, kind="refreshed")
        one.condition_ids.domain = str(self._of(self.people[:2]))
        self.assertEqual(self._in(two), self.people[2:])

    def test_a_broken_one_breaks_the_later(self):
        one = self._step(2, self.people[:3])
        kept = self._step(3, self.people, kind="refreshed")
        live = self._step(4, self.people)
        first = self._step(1, self.people[:2])
        self._break(one)
        self.assertEqual(self._in(first), self.people[:2])
        for segment in (one, kept, live):
            self.assertFalse(self._in(segment))
            with self.assertRaises(ValueError):
                segment._outside(NOW)

    def _break(self, segment):
        """A field that is asked for is gone."""
        segment.condition_ids.flush_recordset()
        self.env.cr.execute(
            "UPDATE contact_segment_condition SET domain = %s WHERE segment_id = %s",
            ["[('nowhere', '=', 1)]", segment.id],
        )
        self.env.invalidate_all()

    def test_a_circle_is_a_problem(self):
        one = self._step(1, self.people)
        two = self._step(2, self.people)
        line = {"kind": "segment", "other_segment_ids": two.ids, "segment_id": one.id}
        try:
            self.env["contact.segment.condition"].create(line)
        except Exception as error:  # noqa: BLE001, refused when it is saved
            self.assertIn("Step", str(error))
            return
        with self.assertRaisesRegex(ValueError, "Step 1 > Step 2 > Step 1"):
            one._audience(NOW)
        self.assertFalse(self._in(two))

    def test_everybody_else_is_outside(self):
        self._step(1, self.people[:2], max_members=1)
        segment = self._step(2, self.people[:4])
        everybody = self.Profile.search([], order="id")
        for kind in ("live", "refreshed", "frozen"):
            segment.kind = kind
            inside = self._in(segment)
            self.assertEqual(inside, self.people[1:4])
            outside = self.Profile.search(segment._outside(NOW), order="id")
            self.assertEqual(outside, everybody - inside)

    @settings(max_examples=40, deadline=None)
    @given(st.lists(ONE_SEGMENT, min_size=1, max_size=5))
    def test_nobody_is_ever_in_two(self, specs):
        """Whatever the kinds, limits and order: as somebody does it by hand."""
        self.waterfall.segment_ids.unlink()
        made = []
        for spec in specs:
            people = self.people.browse(
                self.people[i].id for i in sorted(spec["people"])
            )
            segment = self._step(
                spec["sequence"],
                people,
                kind=spec["kind"],
                max_members=spec["limit"],
                active=spec["active"],
            )
            made.append((segment, people))
        made.sort(key=lambda pair: (pair[0].waterfall_sequence, pair[0].id))
        kept = {
            segment: segment.member_ids.filtered(
                lambda row: not row.until and not row.is_cut
            ).profile_id
            for segment, _people in made
        }
        taken = self.people.browse()
        for segment, people in made:
            if not segment.active:
                continue
            if segment.kind == "live":
                left = people - taken
                wanted = left[: segment.max_members] if segment.max_members else left
            else:
                wanted = kept[segment] - taken
            self.assertEqual(self._in(segment), wanted.sorted("id"))
            taken |= wanted
