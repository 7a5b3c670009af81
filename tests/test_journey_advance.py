from datetime import timedelta

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.mass_mailing_contact_strategy.models.insight import (
    contact_journey_advance,
)

from .common import ADDON, DAY, HOUR, NOW, SECOND
from .journey_common import REASON, JourneyCase


@tagged("post_install", "-at_install")
class TestJourneyAdvance(JourneyCase):
    """People advance by themselves: by domains of stages and by signals."""

    def _advance(self, people):
        self.env["contact.profile"]._advance(people.ids)

    def _let_enter(self, stage, domain):
        stage.write({"domain": str(domain), "is_automatic": True})

    # ------------------------------------------------------------
    # Forward
    # ------------------------------------------------------------

    def test_by_signal(self):
        """One move to the furthest stage, with the signal named."""
        person = self._create_traveller(self.subscriber, NOW - 9 * DAY)
        for stage in (self.lead, self.customer):
            signal = self._create_signal(stage)
            self._create_hit(signal, person, NOW - 2 * DAY)
        self._advance(person)
        self.assertEqual(person.journey_stage_id, self.customer)
        self.assertEqual(person.journey_stage_date, NOW - 2 * DAY)
        self.assertRecordValues(
            person.journey_move_ids,
            [
                {
                    "from_stage_id": self.subscriber.id,
                    "stage_id": self.customer.id,
                    "kind": "rule",
                    "user_id": False,
                    "signal_id": signal.id,
                    "reason": signal.display_name,
                    "days": 7,
                }
            ],
        )
        self._advance(person)
        self.assertEqual(len(person.journey_move_ids), 1)

    def test_by_domain(self):
        person = self._create_traveller(self.lead, name="anna")
        other = self._create_traveller(self.lead, name="bert")
        self._let_enter(self.customer, [("name", "=", "anna")])
        self._advance(person + other)
        self.assertEqual(person.journey_stage_id, self.customer)
        self.assertEqual(other.journey_stage_id, self.lead)
        self.assertEqual(person.journey_move_ids.kind, "rule")
        self.assertIn("Customer", person.journey_move_ids.reason)

    def test_what_does_not_move(self):
        """A domain that is switched off or empty, a signal that is off, a stage that is
        archived, a test address, somebody archived."""
        person = self._create_traveller(self.lead, name="anna")
        self.customer.domain = "[('name', '=', 'anna')]"
        self.repeat.is_automatic = True
        signal = self._create_signal(self.promoter, active=False)
        self._create_hit(signal, person)
        late = self.Stage.create({"name": "Late", "sequence": 75})
        self._create_hit(self._create_signal(late), person)
        late.active = False
        self._advance(person)
        self.assertEqual(person.journey_stage_id, self.lead)
        signal.active = True
        for name in ("is_seed", "active"):
            person.write({"is_seed": name == "is_seed", "active": name != "active"})
            self._advance(person)
            self.assertEqual(person.journey_stage_id, self.lead)
        person.active = True
        self._advance(person)
        self.assertEqual(person.journey_stage_id, self.promoter)

    def test_never_back(self):
        person = self._create_traveller(self.customer, NOW - 9 * DAY)
        self._create_hit(self._create_signal(self.lead), person)
        self._advance(person)
        self.assertEqual(person.journey_stage_id, self.customer)

    def test_gate(self):
        """Rules lead to a gate, and not past it."""
        self.opportunity.write({"kind": "gate"})
        person = self._create_traveller(self.lead)
        self._create_hit(self._create_signal(self.customer), person)
        self._advance(person)
        self.assertEqual(person.journey_stage_id, self.lead)
        self._create_hit(self._create_signal(self.opportunity), person)
        self._advance(person)
        self.assertEqual(person.journey_stage_id, self.opportunity)
        self._advance(person)
        self.assertEqual(person.journey_stage_id, self.opportunity)
        person.journey_stage_id = self.customer

    # ------------------------------------------------------------
    # What somebody has decided
    # ------------------------------------------------------------

    def test_moved_back_by_hand(self):
        """What was known then does not move the person on again; news does."""
        person = self._create_traveller(self.subscriber, NOW - 9 * DAY)
        hit = self._create_hit(
            self._create_signal(self.customer), person, NOW - 5 * DAY
        )
        self._let_enter(self.opportunity, [("id", "=", person.id)])
        self._advance(person)
        self.assertEqual(person.journey_stage_id, self.customer)
        person._move_to_stage(self.lead, reason=REASON, date=NOW - DAY)
        self._advance(person)
        self.assertEqual(person.journey_stage_id, self.lead)
        hit.last_date = NOW - DAY
        self._advance(person)
        self.assertEqual(person.journey_stage_id, self.lead)
        hit.last_date = NOW - DAY + SECOND
        self._advance(person)
        self.assertEqual(person.journey_stage_id, self.customer)
        self.assertEqual(person.journey_stage_date, NOW - DAY + SECOND)

    def test_to_come_is_no_news(self):
        """A contract that ends next month says nothing new each night."""
        person = self._create_traveller(self.customer, NOW - 9 * DAY)
        signal = self._create_signal(self.customer)
        self._create_hit(signal, person, NOW - 8 * DAY, NOW + 30 * DAY)
        person._move_to_stage(self.lead, reason=REASON, date=NOW - DAY)
        self._advance(person)
        self.assertEqual(person.journey_stage_id, self.lead)

    def test_further_domain_after_a_way_back(self):
        """A domain does not say since when it fits: only a stage further than the one
        that was left is entered."""
        person = self._create_traveller(self.customer)
        self._let_enter(self.customer, [("id", "=", person.id)])
        person._move_to_stage(self.lead, reason=REASON)
        self._advance(person)
        self.assertEqual(person.journey_stage_id, self.lead)
        self._let_enter(self.promoter, [("id", "=", person.id)])
        self._advance(person)
        self.assertEqual(person.journey_stage_id, self.promoter)

    # ------------------------------------------------------------
    # Lost and found
    # ------------------------------------------------------------

    def test_lapsed_and_back(self):
        """Who has not bought for long has lapsed; a purchase brings the person back to
        the furthest stage that it speaks for; night after night nothing flips."""
        person = self._create_traveller(self.repeat, NOW - 500 * DAY)
        bought = [
            self._create_hit(self._create_signal(stage), person, NOW - 500 * DAY)
            for stage in (self.subscriber, self.customer, self.repeat)
        ]
        lapsing = self._create_signal(self.lapsed)
        lapse = self._create_hit(lapsing, person, NOW - 9 * DAY, NOW - 400 * DAY)
        for _night in range(3):
            self._advance(person)
            self.assertEqual(person.journey_stage_id, self.lapsed)
        self.assertEqual(person.journey_stage_date, NOW - 9 * DAY)
        # something new, but still lapsed: a click, not a purchase
        bought[0].last_date = NOW - 2 * DAY
        self._advance(person)
        self.assertEqual(person.journey_stage_id, self.lapsed)
        # a purchase: the signal of having lapsed is true no more
        lapse.unlink()
        for hit in bought[1:]:
            hit.last_date = NOW - HOUR
        for _night in range(3):
            self._advance(person)
            self.assertEqual(person.journey_stage_id, self.repeat)
        move = person.journey_move_ids[0]
        self.assertTrue(move.is_back)
        self.assertEqual(move.reason, bought[2].signal_id.display_name)
        self.assertEqual(move.date, NOW - HOUR)
        self.assertEqual(len(person.journey_move_ids), 2)
        # and again
        self._create_hit(lapsing, person, NOW - SECOND, NOW - HOUR)
        self._advance(person)
        self.assertEqual(person.journey_stage_id, self.lapsed)

    def test_back_only_by_news_and_only_where_it_is_allowed(self):
        person = self._create_traveller(self.lapsed, NOW - 9 * DAY)
        hit = self._create_hit(self._create_signal(self.repeat), person, NOW - 20 * DAY)
        self._advance(person)
        self.assertEqual(person.journey_stage_id, self.lapsed)
        hit.last_date = NOW
        self.repeat.is_way_back = False
        self._advance(person)
        self.assertEqual(person.journey_stage_id, self.lapsed)
        self.repeat.is_way_back = True
        self._advance(person)
        self.assertEqual(person.journey_stage_id, self.repeat)

    # ------------------------------------------------------------
    # The whole, and its cost
    # ------------------------------------------------------------

    def test_cron(self):
        """Everybody, also in several batches, and of all business units."""
        unit = self.env["res.company"].create({"name": "Unit"})
        people = self._create_travellers(7, self.lead)
        people[0].partner_id.company_id = unit
        self._let_enter(self.customer, [("id", "in", people.ids)])
        self.patch(contact_journey_advance, "BATCH", 3)
        with self.enter_registry_test_mode():
            self.env.ref(f"{ADDON}.ir_cron_advance").method_direct_trigger()
        self.assertEqual(people.journey_stage_id, self.customer)

    def test_queries_do_not_grow(self):
        counts = []
        self._let_enter(self.customer, [("name", "like", "person")])
        for number in (1, 1, 50):
            people = self._create_travellers(number, self.lead)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self._advance(people)
            self.env.flush_all()
            counts.append(self.cr.sql_log_count - before)
            self.assertEqual(people.journey_stage_id, self.customer)
        self.assertEqual(counts[1], counts[2])

    # ------------------------------------------------------------
    # Rules that are written
    # ------------------------------------------------------------

    def test_domain_is_checked(self):
        for domain in ("[(", "[('nothing', '=', 1)]", "name", "{'a': 1}", "[1]"):
            with self.subTest(domain=domain), self.assertRaises(ValidationError):
                self.customer.domain = domain

    def test_domain_asks_nothing_hidden(self):
        manager = self._create_user("manager", f"{ADDON}.{ADDON}_group_manager")
        for domain in (
            [("touch_ids.note", "ilike", "secret")],
            [("partner_id.profile_id", "any", [("hold_ids", "!=", False)])],
            [("touch_year_ids.sent_count", ">", 0)],
        ):
            with self.assertRaisesRegex(ValidationError, "business units"):
                self.customer.with_user(manager).domain = str(domain)
        self.customer.with_user(manager).domain = "[('name', '=', 'x')]"

    def test_unreadable_rule(self):
        """A rule that was understood once and is not any more stops no other."""
        person = self._create_traveller(self.lead)
        self._let_enter(self.customer, [("id", "=", person.id)])
        self._let_enter(self.promoter, [("id", "=", person.id)])
        self.env.flush_all()
        self.cr.execute(
            "UPDATE contact_journey_stage SET domain = %s WHERE id = %s",
            ("[('gone', '=', 1)]", self.promoter.id),
        )
        self.env.invalidate_all()
        self.assertIn("Promoter", self.promoter.warning)
        self._advance(person)
        self.assertEqual(person.journey_stage_id, self.customer)

    def test_live_count(self):
        people = self._create_travellers(3, self.lead)
        self.customer.domain = str([("id", "in", people.ids)])
        self.assertEqual(self.customer.fit_count, 3)
        self.customer.domain = "[]"
        self.assertEqual(self.customer.fit_count, 0)
        self.assertEqual(self.lead.profile_count, 3)
        people._enter_stage(self.lead, dict.fromkeys(people.ids, NOW - 99 * DAY))
        self.assertEqual(self.lead.overdue_count, 3)

    def test_rules_need_a_reason_to_go_back(self):
        person = self._create_traveller(self.lapsed, NOW - timedelta(days=1))
        with self.assertRaises(UserError):
            person._move_to_stage(self.customer, kind="rule")
