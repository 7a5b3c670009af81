from odoo.fields import Command
from odoo.tests import tagged

from .common import DAY, HOUR, NOW, GateCase


@tagged("post_install", "-at_install")
class TestHoldChange(GateCase):
    """The mailing or its people change while somebody waits."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partners = cls._create_partners(4, prefix="waits")
        cls.early, cls.late, cls.one, cls.two = cls.partners
        cls._create_touch(cls.early.profile_id, NOW - 5 * DAY)
        cls._create_touch(cls.late.profile_id, NOW - 2 * DAY)
        cls.policy = cls._create_policy(cls._cap(1))

    def _waiting(self, **vals):
        domain = repr([("email", "like", "waits.%@strategy.test")])
        mailing = self._create_mailing(self.partners, mailing_domain=domain, **vals)
        self._launch(mailing)
        self.assertOutcome(mailing, self.partners, sent=2, deferred=2)
        return mailing

    def _later(self, days):
        self._go_to(NOW + days * DAY)
        return self._run_queue()

    def _merge(self, source, target):
        self.env["base.partner.merge.automatic.wizard"].create(
            {
                "partner_ids": [Command.set((source + target).ids)],
                "dst_partner_id": target.id,
            }
        ).action_merge()
        self.env.invalidate_all()

    # ------------------------------------------------------------
    # The mailing
    # ------------------------------------------------------------

    def test_back_to_draft_forgets_who_waits(self):
        mailing = self._waiting()
        self.assertTrue(mailing.useful_until)
        mailing.action_cancel()
        self.env.invalidate_all()
        self.assertEqual(mailing.state, "draft")
        self.assertFalse(mailing.deferred_count)
        self.assertFalse(mailing.hold_ids)
        self.assertFalse(mailing.useful_until)
        self._go_to(NOW + 30 * DAY)
        self._launch(mailing)
        self.assertOutcome(mailing, self.partners, sent=4)

    def test_back_to_draft_keeps_what_somebody_entered(self):
        mailing = self._waiting(useful_until=NOW + 6 * DAY)
        mailing.action_cancel()
        self.assertEqual(mailing.useful_until, NOW + 6 * DAY)

    def test_held_people_are_asked_again_after_a_draft(self):
        self.policy.rule_ids.on_exceed = "hold"
        mailing = self._create_mailing(self.partners)
        self._launch(mailing)
        self.assertOutcome(mailing, self.partners, sent=2, held=2)
        mailing.action_cancel()
        self.policy.rule_ids.max_touches = 2
        self._go_to(NOW + HOUR)
        self._launch(mailing)
        self.assertOutcome(mailing, self.partners, sent=4)

    def test_other_recipients_model(self):
        mailing = self._waiting()
        mailing.action_cancel()
        contact = self.env["mailing.contact"].create(
            {"name": "Carl", "email": "carl@strategy.test"}
        )
        mailing.write(
            {
                "mailing_model_id": self.env["ir.model"]._get_id("mailing.contact"),
                "mailing_domain": repr([("id", "in", contact.ids)]),
            }
        )
        self._launch(mailing)
        self.assertEqual(mailing.state, "done")
        self.assertFalse(mailing.deferred_count)
        self.assertEqual(self._statuses(mailing)[contact.id], "sent")

    def test_other_recipients_model_while_waiting(self):
        """Nobody of the old model waits for ever, nobody of the new one gets it for
        having the same number."""
        mailing = self._waiting()
        mailing.write(
            {
                "mailing_model_id": self.env["ir.model"]._get_id("mailing.contact"),
                "mailing_domain": "[]",
            }
        )
        for days in (2, 5, 8):
            self._later(days)
        self.assertFalse(mailing.deferred_count)
        self.assertNotEqual(mailing.state, "sending")
        self.assertEqual(len(self._touches(mailing, "sent")), 2)

    def test_archived(self):
        mailing = self._waiting()
        mailing.action_archive()
        self.env.invalidate_all()
        self.assertFalse(mailing.is_waiting)
        self.assertEqual(mailing.state, "done")
        self.assertOutcome(mailing, self.partners, sent=2, expired=2)
        self.assertEqual(set(mailing.hold_ids.mapped("expired_reason")), {"stopped"})
        mailing.action_unarchive()
        self._later(5)
        self.assertOutcome(mailing, self.partners, sent=2, expired=2)

    def test_decide_again_extends_the_usefulness(self):
        mailing = self._waiting(useful_until=NOW + 6 * DAY)
        self.policy.rule_ids.window_value = 30
        self._later(2)
        self._later(7)
        self.policy.rule_ids.window_value = 7
        self.assertEqual(mailing.state, "done")
        holds = mailing.hold_ids.filtered(lambda h: h.state in ("held", "expired"))
        self.assertEqual(len(holds), 2)
        holds.action_decide_again()
        self.assertGreater(mailing.useful_until, NOW + 7 * DAY)
        self._go_to(NOW + 7 * DAY + HOUR)
        self._run_queue()
        self.assertOutcome(mailing, self.partners, sent=4)
        self.assertEqual(mailing.state, "done")

    # ------------------------------------------------------------
    # The people
    # ------------------------------------------------------------

    def _outsider(self):
        return self.env["res.partner"].create(
            {"name": "Outsider", "email": "outsider@strategy.test"}
        )

    def test_merged_into_somebody_outside(self):
        mailing = self._waiting()
        target = self._outsider()
        hold = mailing.hold_ids.filtered(lambda h: h.res_id == self.early.id)
        target.email = "waits.new@strategy.test"
        self._merge(self.early, target)
        self.assertEqual(hold.exists().res_id, target.id)
        self.assertEqual(hold.profile_id, target.profile_id)
        self._later(2)
        self.assertEqual(self._statuses(mailing).get(target.id), "sent")

    def test_reached_person_merged(self):
        mailing = self._waiting()
        target = self._outsider()
        target.email = "waits.new@strategy.test"
        touch = self._touches(mailing).filtered(lambda t: t.res_id == self.one.id)
        self._merge(self.one, target)
        self.assertEqual(touch.exists().res_id, target.id)
        mailing.is_waiting = False
        self._run_queue()
        self.assertFalse(self._new_mails)
        mine = self._touches(mailing).filtered(
            lambda t: t.profile_id == target.profile_id
        )
        self.assertEqual(mine, touch)

    def test_two_waiting_people_merged(self):
        mailing = self._waiting()
        self._merge(self.early, self.late)
        self.assertIn(self.late.id, mailing.hold_ids.mapped("res_id"))
        for days in (2, 5, 6):
            self._later(days)
        self.assertEqual(self._statuses(mailing)[self.late.id], "sent")
        self.assertEqual(len(self._touches(mailing, "sent")), 3)
        self.assertEqual((mailing.deferred_count, mailing.expired_count), (0, 1))
        self.assertEqual(mailing.state, "done")

    def test_touches_without_a_mailing_follow_as_well(self):
        called = {"channel_id": self.call.id, "res_model": "res.partner"}
        touches = self.env["contact.touch"]
        for days in (1, 2, 3):
            touches += self._create_touch(
                self.one.profile_id, NOW - days * DAY, res_id=self.one.id, **called
            )
        self._merge(self.one, self.two)
        self.assertEqual(set(touches.mapped("res_id")), {self.two.id})

    def test_two_reached_people_merged(self):
        mailing = self._waiting()
        self._merge(self.one, self.two)
        touches = self._touches(mailing, "sent")
        self.assertEqual(touches.profile_id, self.two.profile_id)
        self.assertIn(self.two.id, touches.mapped("res_id"))

    def test_reached_person_merged_of_an_exempt_kind(self):
        """No rule is asked, and still nobody gets it twice: not at another address."""
        mailing = self._create_mailing(self.partners, category_id=self.service.id)
        with self._queue_running():
            mailing.action_send_mail([self.one.id])
            self._deliver()
        self._merge(self.one, self.two)
        self._launch(mailing)
        mine = self._touches(mailing, "sent").filtered(
            lambda t: t.profile_id == self.two.profile_id
        )
        self.assertEqual(len(mine), 1)

    def test_waiting_person_merged_into_one_reached(self):
        mailing = self._waiting()
        self._merge(self.early, self.one)
        for days in (2, 5):
            self._later(days)
        self.assertEqual(mailing.state, "done")
        self.assertFalse(mailing.deferred_count)
        mine = self._touches(mailing, "sent").filtered(
            lambda t: t.profile_id == self.one.profile_id
        )
        self.assertEqual(len(mine), 1)
