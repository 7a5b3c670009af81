from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import StrategyCase
from .segment_use_common import SegmentUseMixin


@tagged("post_install", "-at_install")
class TestSegmentUseApi(SegmentUseMixin, StrategyCase):
    """What other programs may ask a segment."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.oslo = cls._create_partners(3, "oslo", city="Oslo")
        cls.bergen = cls._create_partners(2, "bergen", city="Bergen")
        cls.in_oslo = cls._create_segment("Oslo")
        cls.in_bergen = cls._create_segment("Bergen")

    def test_members(self):
        ids = sorted(self.oslo.profile_id.ids)
        self.assertEqual(self.in_oslo.get_members(), ids)
        self.assertEqual(self.in_oslo.get_members(limit=2, offset=1), ids[1:])
        self.assertEqual(self.in_oslo.get_members(limit=0), [])
        self.assertEqual(self.in_oslo.get_member_count(), 3)
        asked = [*self.bergen.profile_id.ids, *ids]
        self.assertEqual(
            self.in_oslo.is_member(asked), [False, False, True, True, True]
        )

    def test_members_that_the_caller_may_see(self):
        unit = self.env["res.company"].create({"name": "Unit"})
        self.oslo[0].company_id = unit
        mine = self.in_oslo.with_user(self._create_marketer())
        self.assertEqual(mine.get_members(), sorted(self.oslo[1:].profile_id.ids))
        self.assertEqual(mine.get_member_count(), 2)
        self.assertEqual(mine.is_member(self.oslo[:2].profile_id.ids), [False, True])
        self.in_oslo.company_id = unit
        with self.assertRaises(AccessError):
            mine.get_members()
        with self.assertRaises(AccessError):
            self.in_bergen.with_user(self._create_user("nosy")).get_member_count()

    def test_members_of_a_broken_segment(self):
        self._break(self.in_oslo)
        for ask in (
            self.in_oslo.get_members,
            self.in_oslo.get_member_count,
            lambda: self.in_oslo.is_member([1]),
        ):
            with self.assertRaisesRegex(UserError, "Oslo"):
                ask()

    def test_nonsense_is_refused(self):
        for limit in (-1, "x", True, 2**40, [1]):
            with self.assertRaises(UserError):
                self.in_oslo.get_members(limit=limit)
        for ids in ("x", [None], [-1], 5, {"a": 1}):
            with self.assertRaises(UserError):
                self.in_oslo.is_member(ids)
