from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .common import ADDON, NOW
from .segment_common import SegmentCase


@tagged("post_install", "-at_install")
class TestSegmentRights(SegmentCase):
    """Whoever writes a line must be allowed to ask it; who counts, sees own people."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = cls._people(3)
        cls.anna, cls.bert, cls.carl = cls.people
        cls.other = cls.env["res.company"].create({"name": "Other"})
        groups = (
            f"{ADDON}.{ADDON}_group_user",
            "mass_mailing.group_mass_mailing_user",
        )
        cls.user = cls._create_user("segment_user", *groups)
        cls.everywhere = cls._create_user(
            "segment_all",
            *groups,
            company_ids=[Command.set(cls.env["res.company"].search([]).ids)],
        )

    def _create_as(self, user, *lines, **vals):
        vals = {"company_id": False, **vals}
        Segment = self.env["contact.segment"].with_user(user)
        return Segment.create(
            {
                "name": "Segment",
                "condition_ids": [Command.create(line) for line in self._flat(lines)],
                **vals,
            }
        )

    def _behaviour(self, model="contact.touch", path="profile_id", **vals):
        return {
            "kind": "behaviour",
            "model_id": self.env["ir.model"]._get_id(model),
            "person_path": path,
            "date_path": "create_date",
            **vals,
        }

    def test_records_that_one_may_not_read(self):
        """Of settings, or of a field for administrators."""
        with self.assertRaises(AccessError):
            self._create_as(
                self.everywhere,
                self._behaviour("ir.config_parameter", "create_uid.partner_id"),
            )
        own = {"company_id": self.env.company.id}
        segment = self._create_as(self.user, self._behaviour(), **own)
        with self.assertRaises(AccessError):
            segment.condition_ids.write(
                {
                    "model_id": self.env["ir.model"]._get_id("ir.config_parameter"),
                    "person_path": "create_uid.partner_id",
                }
            )

    def test_records_of_all_units(self):
        """Without a unit a segment counts all: for who works in all of them."""
        mailing = self._create_mailing(self.people.partner_id)
        response = {"kind": "response", "mailing_ids": [Command.set(mailing.ids)]}
        for line in (self._behaviour(), response):
            with self.assertRaisesRegex(AccessError, "all business units"):
                self._create_as(self.user, line)
            self._create_as(self.everywhere, line)
            own = self._create_as(self.user, line, company_id=self.env.company.id)
            with self.assertRaisesRegex(AccessError, "all business units"):
                own.company_id = False

    def test_the_ledger_is_no_field(self):
        """What was sent is not asked for by a path, which would cross units."""
        with self.assertRaisesRegex(ValidationError, "hidden between"):
            self._create_as(
                self.everywhere,
                {"kind": "domain", "domain": "[('touch_ids.clicked', '=', True)]"},
            )

    def test_lines_that_cannot_be_asked(self):
        """Refused when saved, with the line and the field."""
        for line, words in (
            ({"kind": "domain", "domain": "[('x_gone', '=', 1)]"}, "Line 1, Fields"),
            ({"kind": "domain", "domain": "[("}, "Line 1, Fields"),
            ({"kind": "tag"}, "Line 1, Tag"),
            ({"kind": "segment"}, "Line 1, Segment"),
            ({"kind": "response"}, "Line 1, Response"),
            ({"kind": "share", "share_from": 20, "share_to": 10}, "Random share"),
            ({"kind": "share", "share_to": 101}, "Random share"),
            ({"kind": "behaviour"}, "Line 1, Behaviour"),
            (self._behaviour(path="note"), "Path to the Person"),
            (self._behaviour(date_path="note"), "it does not end at a date"),
            (self._behaviour(domain="[('x', '=', 1)]"), "there is no field “x” on"),
            (self._behaviour(aggregate="sum"), "this needs a field"),
            (
                self._behaviour(date_from="2026-05-02", date_to="2026-05-01"),
                "before the first day",
            ),
            (self._behaviour(last_records=-1), "at most"),
        ):
            with (
                self.subTest(line=line),
                self.assertRaisesRegex(ValidationError, words),
            ):
                self._create_segment(line)

    def test_a_segment_that_needs_itself(self):
        """Refused with the way that leads back."""
        first = self._create_segment({"kind": "share"}, name="A")
        names = {"other_segment_ids": [Command.set(first.ids)]}
        second = self._create_segment({"kind": "segment", **names}, name="B")
        with self.assertRaisesRegex(ValidationError, "A > B > A"):
            first.condition_ids.write(
                {"kind": "segment", "other_segment_ids": [Command.set(second.ids)]}
            )

    def test_hidden_people(self):
        """A user counts the own people; what the line means is the same for all."""
        self.bert.partner_id.company_id = self.other
        self._create_touch(self.anna, NOW, company_id=self.other.id)
        self._create_touch(self.bert, NOW, company_id=self.other.id)
        segment = self._create_segment(
            self._behaviour(date_path="date", threshold=1), company_id=False
        )
        domain = segment.with_user(self.user)._compile_conditions(NOW)
        mine = self.Profile.with_user(self.user)
        self.assertEqual(mine.search(domain) & self.people, self.anna)
        self.assertEqual(mine.search(~domain) & self.people, self.carl)
        self.assertEqual(self.Profile.search(domain), self.anna | self.bert)
