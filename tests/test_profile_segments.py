from unittest.mock import patch

from odoo.exceptions import AccessError, MissingError
from odoo.tests import tagged

from odoo.addons.mass_mailing_contact_strategy.models.audience import (
    contact_profile_segments,
)

from .common import ADDON
from .segment_preview_common import PreviewCase


@tagged("post_install", "-at_install")
class TestProfileSegments(PreviewCase):
    """The page of a person tells in which segments the person is, and why."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["contact.segment"].search([]).active = False
        cls.liking = cls._segment(cls._tagged(cls.likes), name="Liking")
        cls.buying = cls._segment(cls._tagged(cls.buys), name="Buying")

    def _told(self, person, **more):
        told = person.get_segments()
        self.assertFalse(told["trouble"])
        return {one["name"]: one["reasons"] for one in told["segments"]}

    def test_which_and_why(self):
        told = self._told(self.dan)
        self.assertEqual(set(told), {"Liking", "Buying"})
        for name, tag in (("Liking", "Likes"), ("Buying", "Buys")):
            (reason,) = told[name]
            self.assertIn(tag, reason)
        self.assertEqual(set(self._told(self.ann)), {"Liking"})
        self.assertEqual(self._told(self.flo), {})

    def test_only_the_lines_that_made_it_true(self):
        either = self._segment(
            self._group("any"),
            self._tagged(self.likes, level=1),
            self._tagged(self.buys, level=1),
            name="Either",
        )
        self.assertEqual(len(self._told(self.dan)["Either"]), 2)
        (reason,) = self._told(self.eve)["Either"]
        self.assertIn("Buys", reason)
        either.condition_ids.sorted("sequence")[0].kind = "none"
        self.assertNotIn("Either", self._told(self.eve))
        self.assertTrue(all("not: " in one for one in self._told(self.flo)["Either"]))

    def test_kept_members(self):
        """Since when is known; why is not: it may be otherwise by now."""
        self.liking.kind = "refreshed"
        self.liking.action_refresh()
        self.env["contact.tag.assignment"].search([]).unlink()
        (reason,) = self._told(self.ann)["Liking"]
        self.assertIn("since", reason)

    def test_as_the_field_says(self):
        """In as many statements for two segments as for ten."""
        self._segment(
            self._tagged(self.buys),
            name="Limited",
            max_members=1,
            rank_path="engagement_score",
        )
        for person in self.people:
            names = person.segment_ids.mapped("name")
            self.assertEqual(sorted(self._told(person)), sorted(names))
        self.env.flush_all()
        segments = self.env["contact.segment"].search([])
        with patch.object(type(self.env), "execute_query", autospec=True) as asked:
            asked.return_value = []
            self.dan._find_segments(segments)
        self.assertEqual(asked.call_count, 1)

    def test_broken(self):
        """A segment that cannot be asked has nobody in it."""
        self.likes.active = False
        self.assertEqual(set(self._told(self.dan)), {"Buying"})

    def test_reader(self):
        """Nobody is told of segments, or people, that are not theirs to see."""
        unit = self.env["res.company"].create({"name": "Other"})
        self.buying.company_id = unit
        user = self._create_user("reader", f"{ADDON}.{ADDON}_group_user")
        self.assertEqual(set(self._told(self.dan.with_user(user))), {"Liking"})
        self.dan.partner_id.company_id = unit
        with self.assertRaises(AccessError):
            self.dan.with_user(user).get_segments()
        with self.assertRaises(MissingError):
            self.Profile.browse([0]).get_segments()

    def test_patience(self):
        """Nobody waits for ever, and the page still works."""
        slow = "SELECT pg_sleep(2), 1"
        with (
            patch.object(contact_profile_segments, "PATIENCE", "10ms"),
            patch.object(
                type(self.dan),
                "_find_segments",
                lambda people, *_asked: people.env.cr.execute(
                    slow, log_exceptions=False
                ),
            ),
        ):
            self.assertIn("too many", self.dan.get_segments()["trouble"])
        self.assertEqual(set(self._told(self.dan)), {"Liking", "Buying"})
