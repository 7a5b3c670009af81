from unittest.mock import patch

from odoo.fields import Command
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
        preview = segment.get_preview({})
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
        self.assertEqual(self._lefts(segment.get_preview({}), segment), [5, 4, 5])
        segment.condition_ids[0].kind = "none"
        self.assertEqual(self._lefts(segment.get_preview({}), segment), [1, 2, 1])
        self.assertEqual(segment.get_preview({})["count"], 1)

    def test_unsaved(self):
        """Lines count while they are written."""
        segment = self._segment(self._tagged(self.likes))
        (saved,) = segment.condition_ids
        line = {"sequence": 2, **self._tagged(self.buys)}
        preview = segment.get_preview({"condition_ids": [[0, "virtual_7", line]]})
        self.assertEqual(preview["count"], 1)
        lefts = {key: told["left"] for key, told in preview["lines"].items()}
        self.assertEqual(lefts, {str(saved.id): 4, "virtual_7": 1})
        instead = {"tag_ids": [Command.set(self.buys.ids)]}
        preview = segment.get_preview({"condition_ids": [[1, saved.id, instead]]})
        self.assertEqual(preview["count"], 2)
        self.assertEqual(segment.get_preview({})["count"], 4)

    def test_not_there_yet(self):
        """A new segment counts before it is saved."""
        line = [0, "virtual_1", self._tagged(self.likes)]
        new = self.env["contact.segment"].get_preview({"condition_ids": [line]})
        self.assertEqual(new["count"], 4)

    def test_form_does_not_wait(self):
        """Neither the form nor a change of it counts anybody."""
        segment = self._segment(self._tagged(self.likes))
        with (
            patch.object(Crowd, "rows", side_effect=AssertionError),
            Form(segment) as form,
        ):
            form.max_members = 3
            form.rank_by = "share"

    def test_no_line(self):
        """Without a line it is everybody."""
        segment = self._segment()
        self.assertEqual(segment.get_preview({})["count"], 6)
        self.assertEqual(len(segment.get_preview({})["examples"]), 6)

    def test_empty_group(self):
        """A group that holds nothing yet says so, and is no condition."""
        segment = self._segment(self._tagged(self.likes))
        line = [0, "virtual_1", {"sequence": 2, "kind": "none"}]
        preview = segment.get_preview({"condition_ids": [line]})
        self.assertEqual(preview["count"], 4)
        self.assertIn("problem", preview["lines"]["virtual_1"])

    def test_test_addresses(self):
        """A test address is nobody."""
        self.ann.is_seed = True
        self.assertEqual(self._segment().get_preview({})["total"], 5)

    def test_reachable(self):
        """Without an address, or blacklisted, nobody is reached."""
        self.env["mail.blacklist"]._add(self.ann.email_normalized)
        self.bea.partner_id.email = False
        preview = self._segment(self._tagged(self.likes)).get_preview({})
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
        preview = segment.get_preview({})
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
                self.assertEqual(len(segment.get_preview({})["lines"]), 2 * times)
            self.assertEqual(rows.call_count, 1)

    def test_hidden_people(self):
        """Whom the reader may not see is not counted, and no example."""
        unit = self.env["res.company"].create({"name": "Other"})
        self.ann.partner_id.company_id = unit
        user = self._create_user("reader", f"{ADDON}.{ADDON}_group_user")
        segment = self._segment(self._tagged(self.likes)).with_user(user)
        self.assertEqual(segment.get_preview({})["count"], 3)
        self.assertEqual(segment.people_count, 3)
        self.assertNotIn(
            self.ann.id, [one["id"] for one in segment.get_preview({})["examples"]]
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
            self.assertIn("too many", segment.get_preview({})["trouble"])
        self.assertEqual(segment.get_preview({})["count"], 4)
