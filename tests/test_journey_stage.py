from datetime import timedelta

from psycopg2 import IntegrityError

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import DAY, NOW, SECOND
from .journey_common import JourneyCase


@tagged("post_install", "-at_install")
class TestJourneyStage(JourneyCase):
    """Stages keep their people, their history and their time limits."""

    def test_stages_with_people_stay(self):
        self._create_travellers(2, self.lead)
        with self.assertRaisesRegex(UserError, "There are 2 people in “Lead”"):
            self.lead.unlink()
        with self.assertRaisesRegex(UserError, "There are 2 people in “Lead”"):
            self.lead.action_archive()
        people = self.env["contact.profile"].search(
            [("journey_stage_id", "=", self.lead.id)]
        )
        people.journey_stage_id = self.opportunity
        with self.assertRaisesRegex(UserError, "history"):
            self.lead.unlink()
        self.lead.action_archive()
        self.assertFalse(self.lead.active)

    def test_history_stands(self):
        """Putting the stages into another order does not change what was."""
        person = self._create_traveller(self.lead)
        person.journey_stage_id = self.customer
        self.lead.sequence = 200
        self.env.invalidate_all()
        self.assertFalse(person.journey_move_ids.is_back)
        person.journey_stage_id = self.lead
        self.assertFalse(person.journey_move_ids[0].is_back)

    def test_limits(self):
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(IntegrityError),
            self.cr.savepoint(),
        ):
            self.Stage.create({"name": "Late", "kind": "sla"})
        for vals in ({"active": False}, {"kind": "gate"}):
            with self.assertRaises(UserError), self.cr.savepoint():
                self.env["contact.profile"].search(
                    [("journey_stage_id", "=", self.stranger.id)]
                ).journey_stage_id = self.lead
                self.stranger.write(vals)

    def test_kanban_columns(self):
        """All stages are columns, in their order."""
        self._create_traveller(self.lead)
        Profile = self.env["contact.profile"].with_context(read_group_expand=True)
        groups = Profile.formatted_read_group(
            [("name", "=", "anna")], ["journey_stage_id"], ["__count"]
        )
        self.assertEqual(
            [group["journey_stage_id"][0] for group in groups],
            self.Stage.search([]).ids,
        )
        counts = {group["journey_stage_id"][0]: group["__count"] for group in groups}
        self.assertEqual(counts[self.lead.id], 1)
        self.assertEqual(sum(counts.values()), 1)

    # ------------------------------------------------------------
    # Overdue
    # ------------------------------------------------------------

    def test_overdue_at_the_second(self):
        limit = timedelta(days=self.lead.max_days)
        Profile = self.env["contact.profile"]
        for since, is_overdue in (
            (NOW - limit + SECOND, False),
            (NOW - limit, False),
            (NOW - limit - SECOND, True),
        ):
            person = self._create_traveller(self.lead, since, name=f"p{since}")
            own = [("id", "=", person.id)]
            with self.subTest(since=since):
                self.assertEqual(person.is_stage_overdue, is_overdue)
                self.assertEqual(
                    person.stage_overdue_since, since + limit if is_overdue else False
                )
                for domain, expected in (
                    ([("is_stage_overdue", "=", True)], is_overdue),
                    ([("is_stage_overdue", "=", False)], not is_overdue),
                    ([("is_stage_overdue", "!=", True)], not is_overdue),
                    ([("stage_overdue_since", "!=", False)], is_overdue),
                    ([("stage_overdue_since", "=", False)], not is_overdue),
                    ([("stage_overdue_since", "<", NOW)], is_overdue),
                    ([("stage_overdue_since", "<", NOW - SECOND)], False),
                    ([("stage_overdue_since", ">=", NOW - SECOND)], is_overdue),
                    ([("stage_overdue_since", "=", NOW - SECOND)], is_overdue),
                ):
                    self.assertEqual(
                        bool(Profile.search(own + domain)), expected, domain
                    )

    def test_inventory_is_never_overdue(self):
        person = self._create_traveller(self.customer, NOW - 9999 * DAY)
        nowhere = self._create_traveller(self.Stage, None, name="nowhere")
        overdue = [("is_stage_overdue", "=", True)]
        self.assertFalse((person + nowhere).filtered_domain(overdue))
        self.assertFalse(
            (person + nowhere) & self.env["contact.profile"].search(overdue)
        )
        not_overdue = self.env["contact.profile"].search(
            [("is_stage_overdue", "=", False)]
        )
        self.assertLessEqual(person + nowhere, not_overdue)
