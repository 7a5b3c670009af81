from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .common import ADDON, DAY, HOUR, NOW, GateCase


@tagged("post_install", "-at_install")
class TestHoldWaiting(GateCase):
    """Who may not be written to now is decided again when free."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partners = cls._create_partners(4)
        cls.early, cls.late, cls.one, cls.two = cls.partners
        cls._create_touch(cls.early.profile_id, NOW - 5 * DAY)
        cls._create_touch(cls.late.profile_id, NOW - 2 * DAY)
        cls.policy = cls._create_policy(cls._cap(1))

    def setUp(self):
        super().setUp()
        self.mailing = self._create_mailing(self.partners)
        self._launch(self.mailing)
        self.assertOutcome(self.mailing, self.partners, sent=2, deferred=2)

    def _later(self, days):
        self._go_to(NOW + days * DAY)
        return self._run_queue()

    def test_each_gets_it_when_free_and_the_mailing_ends_by_itself(self):
        self.assertTrue(self.mailing.is_waiting)
        self.assertEqual(self.mailing.state, "sending")
        self.assertEqual(self.mailing.next_recheck, NOW + 2 * DAY)
        self._later(1)
        self.assertOutcome(self.mailing, self.partners, sent=2, deferred=2)
        self._later(2)
        self.assertOutcome(self.mailing, self.partners, sent=3, deferred=1)
        self.assertEqual(self.mailing.next_recheck, NOW + 5 * DAY)
        self.assertEqual(self.mailing.state, "sending")
        self._later(5)
        self.assertOutcome(self.mailing, self.partners, sent=4)
        self.assertEqual(self.mailing.state, "done")
        self.assertFalse(self.mailing.is_waiting)
        self.assertEqual(self.mailing.sent_date, NOW + 5 * DAY)
        self.assertEqual(set(self.mailing.hold_ids.mapped("state")), {"sent"})

    def test_queue_is_woken_in_time(self):
        triggers = self.env["ir.cron.trigger"].search(
            [("cron_id", "=", self.queue.id), ("call_at", ">", NOW + HOUR)]
        )
        self.assertIn(NOW + 2 * DAY, triggers.mapped("call_at"))
        self._later(2)
        triggers = self.env["ir.cron.trigger"].search(
            [("cron_id", "=", self.queue.id), ("call_at", ">", NOW + 3 * DAY)]
        )
        self.assertIn(NOW + 5 * DAY, triggers.mapped("call_at"))

    def test_decided_again_not_just_sent(self):
        """Somebody else used the allowance up meanwhile."""
        self._create_touch(self.early.profile_id, NOW + DAY)
        self._later(2)
        self.assertOutcome(self.mailing, self.partners, sent=2, deferred=1, held=1)
        hold = self.mailing.hold_ids.filtered(lambda h: h.res_id == self.early.id)
        self.assertEqual(hold.next_allowed, NOW + 8 * DAY)
        self.assertEqual(hold.state, "held")  # after the last useful moment

    def test_one_hold_per_recipient_however_often_asked(self):
        self.mailing.useful_until = NOW + 30 * DAY
        self._create_touch(self.early.profile_id, NOW + DAY)
        self._later(2)
        self._later(4)
        self.assertEqual(len(self.mailing.hold_ids), 2)
        self.assertOutcome(self.mailing, self.partners, sent=2, deferred=2)
        hold = self.mailing.hold_ids.filtered(lambda h: h.res_id == self.early.id)
        self.assertEqual(hold.next_allowed, NOW + 8 * DAY)
        self.assertEqual(hold.touch_ids.date, NOW + DAY)

    def test_who_left_the_audience_does_not_get_it(self):
        self.mailing.mailing_domain = repr(
            [("id", "in", (self.partners - self.early).ids)]
        )
        self._later(2)
        self.assertNotIn(self.early.id, self._statuses(self.mailing))
        hold = self.mailing.hold_ids.filtered(lambda h: h.res_id == self.early.id)
        self.assertEqual(hold.state, "expired")
        self.assertEqual(hold.expired_reason, "left_audience")
        self._later(5)
        self.assertOutcome(self.mailing, self.partners, sent=3, expired=1)
        self.assertEqual(self.mailing.state, "done")

    def test_who_joined_the_blacklist_meanwhile_does_not_get_it(self):
        self.env["mail.blacklist"]._add(self.early.email)
        self._later(2)
        self.assertEqual(self._statuses(self.mailing)[self.early.id], "cancel")
        self.assertFalse(
            self._touches(self.mailing).filtered(
                lambda t: (
                    t.profile_id == self.early.profile_id
                    and t.state in ("reserved", "sent")
                )
            )
        )
        self._later(5)
        self.assertOutcome(self.mailing, self.partners, sent=3, cancel=1)
        self.assertEqual(self.mailing.state, "done")

    def test_too_late(self):
        self.mailing.useful_until = NOW + 3 * DAY
        self._later(2)
        self._later(4)
        self.assertOutcome(self.mailing, self.partners, sent=3, expired=1)
        self.assertEqual(self.mailing.state, "done")
        hold = self.mailing.hold_ids.filtered(lambda h: h.state == "expired")
        self.assertEqual(hold.expired_reason, "too_late")
        self._later(5)
        self.assertOutcome(self.mailing, self.partners, sent=3, expired=1)

    def test_usefulness_comes_from_the_kind_of_communication(self):
        self.assertEqual(
            self.mailing.useful_until,
            NOW + self.newsletter.useful_days * DAY,
        )

    def test_waiting_is_pointless_when_free_too_late(self):
        mailing = self._create_mailing(
            self.early + self.late, useful_until=NOW + 3 * DAY
        )
        self._launch(mailing)
        self.assertOutcome(mailing, self.early + self.late, deferred=1, held=1)

    def test_newcomers_do_not_join(self):
        newcomer = self._create_partners(1, prefix="newcomer")
        self.mailing.mailing_domain = repr(
            [("id", "in", (self.partners + newcomer).ids)]
        )
        for days in (2, 5):
            self._later(days)
        self.assertOutcome(self.mailing, self.partners, sent=4)
        self.assertEqual(self.mailing.state, "done")

    def test_somebody_ends_the_waiting(self):
        self.mailing.action_stop_waiting()
        self.assertOutcome(self.mailing, self.partners, sent=2, expired=2)
        self.assertEqual(self.mailing.state, "done")
        self._later(5)
        self.assertOutcome(self.mailing, self.partners, sent=2, expired=2)

    def test_held_people_are_decided_again_on_request(self):
        self.policy.rule_ids.on_exceed = "hold"
        mailing = self._create_mailing(self.early + self.one)
        self._go_to(NOW + HOUR)
        self._launch(mailing)
        self.assertOutcome(mailing, self.early + self.one, held=2)
        self.assertEqual(mailing.state, "done")
        self.policy.rule_ids.max_touches = 2
        mailing.hold_ids.action_decide_again()
        self.assertEqual(mailing.state, "sending")
        self._go_to(NOW + 2 * HOUR)
        self._run_queue()
        self.assertOutcome(mailing, self.early + self.one, sent=2)
        self.assertEqual(mailing.state, "done")

    def test_a_weaker_strategy_does_not_wake_anybody_by_itself(self):
        """Deferred people are asked at their time, not before."""
        self.policy.action_archive()
        self._later(1)
        self.assertOutcome(self.mailing, self.partners, sent=2, deferred=2)
        self._later(2)
        self.assertOutcome(self.mailing, self.partners, sent=3, deferred=1)

    def test_deleted_person_and_record(self):
        self.early.unlink()
        for days in (2, 5):
            self._later(days)
        self.assertEqual(self.mailing.state, "done")
        self.assertEqual(len(self._touches(self.mailing, "sent")), 3)
        self.assertEqual(self.mailing.deferred_count, 0)

    def test_merged_people(self):
        """The deferred person is merged with another who has had it."""
        wizard = self.env["base.partner.merge.automatic.wizard"].create(
            {
                "partner_ids": [Command.set((self.early + self.one).ids)],
                "dst_partner_id": self.one.id,
            }
        )
        wizard.action_merge()
        for days in (2, 5):
            self._later(days)
        self.assertEqual(self.mailing.state, "done")
        mine = self._touches(self.mailing).filtered(
            lambda t: t.profile_id == self.one.profile_id
        )
        self.assertEqual(len(mine), 1)

    def test_back_to_draft_and_launched_again(self):
        self.mailing.action_cancel()
        self.assertFalse(self.mailing.is_waiting)
        self._go_to(NOW + 2 * DAY)
        self._launch(self.mailing)
        self.assertOutcome(self.mailing, self.partners, sent=3, deferred=1)
        self.assertEqual(len(self._touches(self.mailing, "sent")), 3)

    def test_counts_on_the_form(self):
        self.assertEqual(self.mailing.sent, 2)
        self.assertEqual(self.mailing.deferred_count, 2)
        self.assertEqual(self.mailing.expected, 2)
        for name in ("deferred", "held", "expired"):
            action = getattr(self.mailing, f"action_view_{name}")()
            found = self.env["contact.hold"].search(action["domain"])
            self.assertEqual(len(found), self.mailing[f"{name}_count"])

    def test_reason_is_said_in_the_readers_language(self):
        hold = self.mailing.hold_ids[:1]
        self.assertIn("Everybody: At most 1 touch in any 7 days.", hold.reason)
        self.assertIn("Free again on", hold.reason)
        self.policy.name = "All customers"
        hold.invalidate_recordset()
        self.assertIn("All customers", hold.reason)

    def test_reason_survives_the_rule(self):
        hold = self.mailing.hold_ids[:1]
        self.policy.unlink()
        self.env.invalidate_all()
        self.assertIn("At most 1 touch in any 7 days", hold.reason)

    def test_user_stops_and_manager_decides_again(self):
        manager = self._create_user("waits_manager", f"{ADDON}.{ADDON}_group_manager")
        hold = self.mailing.hold_ids[:1]
        with self.assertRaises(AccessError):
            hold.with_user(self.user_marketing).action_decide_again()
        hold.with_user(manager).action_decide_again()
        self.mailing.with_user(self.user_marketing).action_stop_waiting()
        self.assertEqual(self.mailing.state, "done")
