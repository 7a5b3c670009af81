from odoo.fields import Command
from odoo.tests import tagged

from .common import NOW
from .segment_common import SegmentCase


@tagged("post_install", "-at_install")
class TestSegmentSentences(SegmentCase):
    """Lines as one would say them: labels and names, never technical ones."""

    def assertSaid(self, line, expected, at=None):
        line = self._create_segment(line).condition_ids
        self.assertEqual(line._say_dates(at) if at else line.sentence, expected)

    def _domain(self, *domain, **vals):
        return {"kind": "domain", "domain": repr(list(domain)), **vals}

    def _touch(self, **vals):
        return {
            "kind": "behaviour",
            "model_id": self.env["ir.model"]._get_id("contact.touch"),
            "person_path": "profile_id",
            "date_path": "date",
            **vals,
        }

    def test_fields(self):
        city = ("partner_id.city", "ilike", "oslo")
        since = ("journey_stage_date", ">=", "-7d")
        for line, expected in (
            (self._domain(), "everybody"),
            (self._domain(city), "City of Contact contains “oslo”"),
            (
                self._domain(city, ("phone_sanitized", "!=", False)),
                "City of Contact contains “oslo” and Phone is set",
            ),
            (
                self._domain("|", city, ("phone_sanitized", "=", False)),
                "City of Contact contains “oslo” or Phone is not set",
            ),
            (self._domain(city, city, city, city), "fits 4 conditions on fields"),
            (
                self._domain(city, is_negated=True),
                "not: City of Contact contains “oslo”",
            ),
        ):
            self.assertSaid(line, expected)
        self.assertIn("7 days ago", self._create_segment(self._domain(since)).sentence)
        dated = self._create_segment(self._domain(since))._say_dates(NOW)
        self.assertIn("since 5 May 2026 09:00", dated)

    def test_what_we_know(self):
        helen = self._create_persona("Loyal family")
        boats = self._create_tag("Boats")
        for line, expected in (
            (
                {"kind": "persona", "persona_ids": [Command.set(helen.ids)]},
                "is “Loyal family”",
            ),
            ({"kind": "persona", "is_empty": True}, "has no persona"),
            (
                {
                    "kind": "tag",
                    "tag_ids": [Command.set(boats.ids)],
                    "tag_kind": "implicit",
                    "min_confidence": 0.5,
                    "seen_days": 30,
                },
                f"has the tag “{boats.display_name}” (concluded, at least 50 % sure,"
                " seen within 30 days)",
            ),
            (
                {"kind": "share", "share_to": 12.5, "share_key": "Spring"},
                "is in the first 12.5 % of draw “Spring”",
            ),
        ):
            self.assertSaid(line, expected)

    def test_behaviour(self):
        opened = {"threshold": 2, "domain": "[('opened', '=', True)]"}
        for line, expected in (
            (
                self._touch(**opened, last_records=5),
                "at least 2 of the last 5 of “Touch” with Opened",
            ),
            (
                self._touch(**opened, window_value=30),
                "at least 2 of “Touch” with Opened within 30 days",
            ),
            (
                self._touch(comparison="<", threshold=1, window_value=30),
                "no “Touch” within 30 days",
            ),
            (
                self._touch(aggregate="sum", value_path="cost", threshold=100),
                "the sum of “Cost” of “Touch” is at least 100",
            ),
            (
                self._touch(date_from="2026-05-01", date_to="2026-05-31"),
                "at least 1 of “Touch” from 05/01/2026 to 05/31/2026",
            ),
        ):
            self.assertSaid(line, expected)
        dated = self._create_segment(self._touch(window_value=7))._say_dates(NOW)
        self.assertIn("since 5 May 2026 09:00", dated)

    def test_outline(self):
        segment = self._create_segment(
            ("none", {"kind": "persona", "is_empty": True}, self._domain()),
            {"kind": "stage", "is_empty": True},
        )
        self.assertEqual(
            segment.sentence,
            "None of these\n    has no persona\n    everybody\nis at no stage",
        )
