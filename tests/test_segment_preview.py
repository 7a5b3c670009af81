from unittest.mock import patch

from odoo.tests import Form, tagged
from odoo.tools import SQL

from odoo.addons.mass_mailing_contact_strategy.models.audience.segment_crowd import (
    Crowd,
)

from .common import ADDON, DAY, NOW
from .segment_preview_common import PreviewCase

AUDIENCE = f"odoo.addons.{ADDON}.models.audience"


@tagged("post_install", "-at_install")
class TestSegmentPreview(PreviewCase):
    """What the form of a segment tells of it."""

    def test_counts_after_each_line(self):
        """Each line leaves fewer; by itself it is true of more."""
        segment = self._segment(self._tagged(self.likes), self._tagged(self.buys))
        preview = segment.preview
        self.assertEqual(preview["total"], 6)
        self.assertEqual(self._lefts(preview, segment), [4, 1])
        second = preview["lines"][str(segment.condition_ids[1].id)]
        self.assertEqual(second["own"], 2)
        self.assertEqual((preview["fit"], preview["count"]), (1, 1))

    def test_group(self):
        """After the line of a group stands what the group leaves, and after each line
        in it what it leaves so far."""
        segment = self._segment(
            self._group("any"),
            self._tagged(self.likes, level=1),
            self._tagged(self.buys, level=1),
        )
        self.assertEqual(self._lefts(segment.preview, segment), [5, 4, 5])
        segment.condition_ids[0].kind = "none"
        self.assertEqual(self._lefts(segment.preview, segment), [1, 2, 1])
        self.assertEqual(segment.preview["count"], 1)

    def test_unsaved(self):
        """Lines count while they are written."""
        segment = self._segment(self._tagged(self.likes))
        with Form(segment) as form:
            self.assertEqual(form.preview["count"], 4)
            with form.condition_ids.new() as line:
                line.kind = "tag"
                line.tag_ids.add(self.buys)
            self.assertEqual(form.preview["count"], 1)
            lefts = {told["left"] for told in form.preview["lines"].values()}
            self.assertEqual(lefts, {4, 1})

    def test_no_line(self):
        """Without a line it is everybody."""
        segment = self._segment()
        self.assertEqual(segment.preview["count"], 6)
        self.assertEqual(len(segment.preview["examples"]), 6)

    def test_empty_group(self):
        """A group that holds nothing yet says so, and is no condition."""
        segment = self._segment(self._tagged(self.likes))
        form = Form(segment)
        with form.condition_ids.new() as line:
            line.kind = "none"
        told = form.preview["lines"].values()
        self.assertEqual(form.preview["count"], 4)
        self.assertTrue([one["problem"] for one in told if "problem" in one])

    def test_test_addresses(self):
        """A test address is nobody."""
        self.ann.is_seed = True
        self.assertEqual(self._segment().preview["total"], 5)

    def test_reachable(self):
        """Without an address, or blacklisted, nobody is reached."""
        self.env["mail.blacklist"]._add(self.ann.email_normalized)
        self.bea.partner_id.email = False
        preview = self._segment(self._tagged(self.likes)).preview
        self.assertEqual((preview["count"], preview["reachable"]), (4, 2))
        self.assertEqual(preview["may"], 1)

    def test_allowance(self):
        """Whoever had enough is reached, and may get nothing this week."""
        self._create_policy(self._cap(1, 30))
        segment = self._segment(self._tagged(self.likes))
        self._create_touch(self.ann, NOW - DAY)
        preview = segment._preview(NOW)
        self.assertEqual((preview["reachable"], preview["sampled"]), (4, 4))
        self.assertEqual(preview["may"], 0.75)
        # ... but who is free again within the week may
        preview = segment._preview(NOW + 24 * DAY)
        self.assertEqual(preview["may"], 1)

    def test_limit(self):
        """The limit takes some of those who fit."""
        segment = self._segment(
            self._tagged(self.likes),
            max_members=2,
            rank_by="field",
            rank_path="name",
            rank_order="asc",
        )
        preview = segment.preview
        self.assertEqual((preview["fit"], preview["count"]), (4, 2))
        self.assertEqual(
            {one["id"] for one in preview["examples"]}, {self.ann.id, self.bea.id}
        )

    def test_one_reading(self):
        """People are read once, however many lines there are."""
        lines = [self._tagged(self.likes), self._tagged(self.buys)]
        for times in (1, 5):
            segment = self._segment(*(lines * times))
            original = Crowd.rows
            with patch.object(Crowd, "rows", autospec=True) as rows:
                rows.side_effect = original
                self.assertEqual(len(segment.preview["lines"]), 2 * times)
            self.assertEqual(rows.call_count, 1)

    def test_hidden_people(self):
        """Whom the reader may not see is not counted, and no example."""
        unit = self.env["res.company"].create({"name": "Other"})
        self.ann.partner_id.company_id = unit
        user = self._create_user("reader", f"{ADDON}.{ADDON}_group_user")
        segment = self._segment(self._tagged(self.likes)).with_user(user)
        self.assertEqual(segment.preview["count"], 3)
        self.assertEqual(segment.people_count, 3)
        self.assertNotIn(
            self.ann.id, [one["id"] for one in segment.preview["examples"]]
        )

    def test_too_many(self):
        """Nobody waits for ever, and the form still works."""
        segment = self._segment(self._tagged(self.likes))
        with (
            patch(f"{AUDIENCE}.segment_crowd.PATIENCE", "10ms"),
            patch(
                f"{AUDIENCE}.contact_segment_preview._some",
                lambda *asked: SQL("pg_sleep(2)"),
            ),
        ):
            self.assertIn("too many", segment.preview["trouble"])
        segment.invalidate_recordset()
        self.assertEqual(segment.preview["count"], 4)
