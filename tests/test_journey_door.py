from datetime import datetime

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import ADDON, DAY, HOUR, NOW
from .journey_common import REASON, JourneyCase


@tagged("post_install", "-at_install")
class TestJourneyDoor(JourneyCase):
    """Whichever way somebody takes to another stage, it leads through one door."""

    # ------------------------------------------------------------
    # Moving
    # ------------------------------------------------------------

    def test_forward(self):
        """Forward is free, and is written down: from, to, when, by whom, how long."""
        person = self._create_traveller(self.subscriber, NOW - 3 * DAY - HOUR)
        person.journey_stage_id = self.opportunity
        self.assertEqual(person.journey_stage_date, NOW)
        self.assertRecordValues(
            person.journey_move_ids,
            [
                {
                    "from_stage_id": self.subscriber.id,
                    "stage_id": self.opportunity.id,
                    "date": NOW,
                    "is_back": False,
                    "kind": "user",
                    "user_id": self.env.uid,
                    "reason": False,
                }
            ],
        )
        self.assertAlmostEqual(person.journey_move_ids.days, 3 + 1 / 24, places=9)

    def test_same_stage(self):
        """Who is there already stays as he is."""
        person = self._create_traveller(self.lead, NOW - DAY)
        person.journey_stage_id = self.lead
        self.assertEqual(person.journey_stage_date, NOW - DAY)
        self.assertFalse(person.journey_move_ids)

    def test_days_over_a_clock_change(self):
        """Days are 24 hours long, also when clocks are changed."""
        person = self._create_traveller(self.lead, datetime(2026, 3, 28, 12))
        moves = person._move_to_stage(
            self.opportunity, date=datetime(2026, 3, 29, 12, 0, 1)
        )
        self.assertAlmostEqual(moves.days, 1 + 1 / 86400, places=9)

    def test_reason_is_kept(self):
        person = self._create_traveller(self.lead)
        person.with_context(stage_reason=f" {REASON} ").journey_stage_id = self.customer
        self.assertEqual(person.journey_move_ids.reason, REASON)

    # ------------------------------------------------------------
    # Refusals
    # ------------------------------------------------------------

    def test_back_needs_a_reason(self):
        person = self._create_traveller(self.customer)
        with self.assertRaisesRegex(UserError, "Say why anna goes back"):
            person.journey_stage_id = self.lead
        for empty in (None, "", "  ", False):
            with self.assertRaises(UserError):
                person.with_context(stage_reason=empty).journey_stage_id = self.lead
        person.with_context(stage_reason=REASON).journey_stage_id = self.lead
        self.assertTrue(person.journey_move_ids.is_back)
        self.assertEqual(person.journey_move_ids.reason, REASON)

    def test_back_only_where_it_is_allowed(self):
        person = self._create_traveller(self.customer)
        self.lead.is_way_back = False
        with self.assertRaisesRegex(UserError, "cannot go back"):
            person.with_context(stage_reason=REASON).journey_stage_id = self.lead

    def test_nobody_leaves(self):
        """Without a stage somebody could go anywhere: so this is no way back."""
        person = self._create_traveller(self.customer)
        with self.assertRaisesRegex(UserError, "Nobody leaves the journey"):
            person.with_context(stage_reason=REASON).journey_stage_id = False
        self.assertEqual(person.journey_stage_id, self.customer)

    def test_one_refused_moves_nobody(self):
        before = self._create_traveller(self.lead, name="before")
        after = self._create_traveller(self.customer, name="after")
        with self.assertRaises(UserError):
            (before + after).journey_stage_id = self.opportunity
        with self.assertRaises(UserError):
            (after + before)._move_to_stage(self.opportunity)
        self.env.invalidate_all()
        self.assertEqual(before.journey_stage_id, self.lead)
        self.assertEqual(after.journey_stage_id, self.customer)
        self.assertFalse((before + after).journey_move_ids)

    def test_rules_pass_no_gate(self):
        """A person decides at a gate, and before it; no rule does."""
        self.opportunity.write({"kind": "gate"})
        for stage in (self.lead, self.opportunity):
            person = self._create_traveller(stage, name=stage.name)
            with self.assertRaisesRegex(UserError, "past the gate"):
                person._move_to_stage(self.customer, reason="x", kind="rule")
            person.journey_stage_id = self.customer
        person = self._create_traveller(self.lead, name="at the gate")
        person._move_to_stage(self.opportunity, kind="rule")
        self.assertEqual(person.journey_stage_id, self.opportunity)

    def test_no_such_stage(self):
        person = self._create_traveller(self.lead)
        gone = self.Stage.create({"name": "Gone"})
        gone_id = gone.id
        gone.unlink()
        for value in (gone_id, 2**31, -1, "x", [1], {"a": 1}, 1.5, float("nan")):
            with self.subTest(value=value), self.assertRaises(UserError):
                person.write({"journey_stage_id": value})
        archived = self.Stage.create({"name": "Old", "sequence": 99, "active": False})
        with self.assertRaisesRegex(UserError, "archived"):
            person.journey_stage_id = archived

    def test_dates_are_made_by_moves(self):
        person = self._create_traveller(self.lead)
        with self.assertRaises(UserError):
            person.journey_stage_date = NOW - DAY
        with self.assertRaises(UserError):
            person.write(
                {"journey_stage_id": self.customer.id, "journey_stage_date": NOW - DAY}
            )

    # ------------------------------------------------------------
    # Rights
    # ------------------------------------------------------------

    def test_rights(self):
        """Whoever may write to the person may move the person, and nobody else."""
        person = self._create_traveller(self.lead)
        user = self._create_user("mover", f"{ADDON}.{ADDON}_group_user")
        reader = self._create_user("reader", "base.group_partner_manager")
        with self.assertRaises(AccessError):
            person.partner_id.with_user(reader).journey_stage_id = self.customer
        person.with_user(user).journey_stage_id = self.opportunity
        self.assertEqual(person.journey_move_ids.user_id, user)
        moves = person.journey_move_ids.with_user(user)
        self.assertTrue(moves.read(["reason"]))
        for call in (
            lambda: moves.write({"reason": "x"}),
            lambda: moves.unlink(),
            lambda: moves.create({"profile_id": person.id}),
        ):
            with self.assertRaises(AccessError):
                call()

    def test_other_units(self):
        unit = self.env["res.company"].create({"name": "Unit"})
        theirs = self._create_traveller(self.lead, company_id=unit.id)
        user = self._create_user("ours", f"{ADDON}.{ADDON}_group_manager")
        with self.assertRaises(AccessError):
            theirs.with_user(user).journey_stage_id = self.customer
        theirs.journey_stage_id = self.customer
        for model in ("contact.journey.move", "contact.journey.reach"):
            domain = [("company_id", "=", unit.id)]
            self.assertTrue(self.env[model].search(domain), model)
            self.assertFalse(self.env[model].with_user(user).search(domain), model)
        Balance = self.env["contact.journey.balance"]
        domain = [("stage_id", "=", self.customer.id)]
        self.assertFalse(Balance.with_user(user).search(domain))
        self.assertTrue(
            Balance.with_context(allowed_company_ids=unit.ids).search(domain)
        )

    # ------------------------------------------------------------
    # Cost
    # ------------------------------------------------------------

    def test_queries_do_not_grow(self):
        """A batch costs as many queries as one person."""
        counts = []
        for number in (1, 1, 50):
            people = self._create_travellers(number, self.lead)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            people.write({"journey_stage_id": self.customer.id})
            self.env.flush_all()
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])
