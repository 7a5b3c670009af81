from odoo.exceptions import UserError
from odoo.modules.module import Manifest
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

import odoo.addons.mass_mailing_contact_strategy as addon

from .common import ADDON, DAY, HOUR, NOW, GateCase

QUIET = (f"odoo.addons.{ADDON}", "odoo.addons.base.models.ir_actions")


@tagged("post_install", "-at_install")
class TestGateUninstall(GateCase):
    """Without the addon nobody is there to hold anybody back."""

    def setUp(self):
        super().setUp()
        self.partners = self._create_partners(4)
        self._create_touch(self.partners[0].profile_id, NOW - DAY)
        self.policy = self._create_policy(self._cap(1), self._code("pass"))
        self.mailing = self._create_mailing(self.partners)
        self._launch(self.mailing)
        self.assertOutcome(self.mailing, self.partners, sent=3, deferred=1)

    def _prepare_uninstall(self):
        """What Odoo calls before it removes the addon."""
        hook = Manifest.for_addon(ADDON)["uninstall_hook"]
        getattr(addon, hook)(self.env)
        self.env.flush_all()
        self.env.invalidate_all()

    def test_nobody_waits_and_nobody_is_sent(self):
        self._prepare_uninstall()
        self.assertEqual(self.mailing.state, "done")
        self.assertFalse(self.mailing.is_waiting)
        self.assertFalse(
            self.env["contact.hold"].search([("state", "=", "deferred")], limit=1)
        )
        self._go_to(NOW + 7 * DAY)
        self._run_queue()
        self.assertFalse(self._new_mails)

    def test_archived_mailings_do_not_wait_either(self):
        self.mailing.with_context(active_test=False).active = False
        self._prepare_uninstall()
        self.mailing.active = True
        self._go_to(NOW + 7 * DAY)
        self._run_queue()
        self.assertFalse(self._new_mails)

    def test_rules_and_their_actions_are_gone(self):
        """They forbid each other's deletion, which Odoo's uninstall stumbles over."""
        archived = self._create_policy(self._cap(2), self._code("pass"))
        archived.action_archive()
        Rule = self.env["contact.policy.rule"].with_context(active_test=False)
        actions = Rule.search([]).action_server_id
        self.assertTrue(actions)
        self._prepare_uninstall()
        self.assertFalse(Rule.search([]))
        self.assertFalse(actions.exists())


@tagged("post_install", "-at_install")
class TestGateQueueIsolation(GateCase):
    """A mailing that cannot be decided does not keep the others from being sent."""

    def setUp(self):
        super().setUp()
        self.partners = self._create_partners(2)
        self.unit = self.env["res.company"].create({"name": "Unit"})

    def _queue_three(self):
        """The failing one is neither the first nor the last."""
        before, failing, after = (
            self._create_mailing(partners, subject=subject, **vals)
            for partners, subject, vals in (
                (self.partners[0], "Before", {}),
                (self.partners, "Failing", {"company_id": self.unit.id}),
                (self.partners[1], "After", {}),
            )
        )
        for mailing in (before, failing, after):
            mailing.action_launch()
        return before, failing, after

    def assertIsolated(self, said):
        before, failing, after = self._queue_three()
        with mute_logger(*QUIET):
            self._run_queue()
        self.assertOutcome(before, self.partners[0], sent=1)
        self.assertOutcome(after, self.partners[1], sent=1)
        self.assertEqual(before.state, "done")
        self.assertEqual(after.state, "done")
        self.assertFalse(failing.mailing_trace_ids)
        self.assertFalse(self._touches(failing))
        self.assertIn(failing.state, ("in_queue", "sending"))
        self.assertIn(said, " ".join(failing.message_ids.mapped("body")))
        return failing

    def test_failing_program(self):
        policy = self._create_policy(self._code("1 / 0"), company_id=self.unit.id)
        failing = self.assertIsolated("division by zero")
        policy.action_archive()
        self._run_queue()
        self.assertOutcome(failing, self.partners, sent=2)
        self.assertEqual(failing.state, "done")

    def test_unreadable_domain(self):
        """Fails in the send, and is never ignored."""
        policy = self._create_policy(self._cap(1), company_id=self.unit.id)
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE contact_policy SET domain = %s WHERE id = %s",
                "[('no_such_field', '=', 1)]",
                policy.id,
            )
        )
        self.env.invalidate_all()
        self.assertIsolated("was not sent")

    def test_says_it_once(self):
        """The queue runs again and again."""
        self._create_policy(
            self._code("raise UserError('Don\\'t: 1 < 2 & 3')"),
            company_id=self.unit.id,
        )
        failing = self.assertIsolated("1 &lt; 2 &amp; 3")
        said = len(failing.message_ids)
        self._go_to(NOW + HOUR)
        with mute_logger(*QUIET):
            self._run_queue()
        self.assertEqual(len(failing.message_ids), said)


@tagged("post_install", "-at_install")
class TestGateRetryOne(GateCase):
    """*Retry* of one failed message is about one person."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partners = cls._create_partners(3)
        cls.one, cls.two, cls.three = cls.partners
        cls._create_policy(cls._cap(1))

    def setUp(self):
        super().setUp()
        self.mailing = self._create_mailing(self.partners)
        self._fail(self.mailing)
        self.assertOutcome(self.mailing, self.partners, error=3)

    def _retry(self, partner):
        mails = self.env["mail.mail"].search([("mailing_id", "=", self.mailing.id)])
        mails.filtered(
            lambda mail: mail.mailing_trace_ids.res_id == partner.id
        ).mark_outgoing()

    def test_only_this_person_gets_it(self):
        newcomer = self._create_partners(1, prefix="newcomer")
        self.mailing.mailing_domain = repr(
            [("id", "in", (self.partners + newcomer).ids)]
        )
        self._retry(self.one)
        self._run_queue()
        self.assertOutcome(self.mailing, self.partners, sent=1, error=2)
        self.assertEqual(self._statuses(self.mailing)[self.one.id], "sent")
        self.assertEqual(self.mailing.state, "done")
        self.assertEqual(len(self._touches(self.mailing, "sent")), 1)

    def test_passes_the_gate(self):
        other = self._create_mailing(self.one, subject="Meanwhile")
        self._launch(other)
        self._retry(self.one)
        self._run_queue()
        self.assertOutcome(self.mailing, self.partners, error=2, deferred=1)
        self._go_to(NOW + 7 * DAY)
        self._run_queue()
        self.assertOutcome(self.mailing, self.partners, error=2, sent=1)

    def test_several_at_once(self):
        self._retry(self.one)
        self._retry(self.two)
        self._run_queue()
        self.assertOutcome(self.mailing, self.partners, sent=2, error=1)

    def test_of_an_archived_mailing(self):
        """Nobody would ask again: so the failure stays what it is."""
        self.mailing.active = False
        with self.assertRaisesRegex(UserError, "archived"):
            self._retry(self.one)
        self._run_queue()
        self.assertOutcome(self.mailing, self.partners, error=3)


@tagged("post_install", "-at_install")
class TestGateReached(GateCase):
    """Who has the message does not get it again, and nobody can pretend."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partners = cls._create_partners(2)
        cls.one, cls.two = cls.partners
        cls._create_policy(cls._cap(3))
        cls.manager = cls._create_user("reached", f"{ADDON}.{ADDON}_group_manager")

    def _send_explicitly(self, mailing, recipients):
        with self.mock_mail_gateway():
            mailing.action_send_mail(recipients.ids)
            self._deliver()
        self.env.invalidate_all()
        return self._new_mails

    def test_address_changed_since(self):
        contact = self.env["mailing.contact"].create(
            {"name": "Anna", "email": "anna@strategy.test"}
        )
        for record in (self.one, contact):
            with self.subTest(model=record._name):
                mailing = self._create_mailing(record)
                self._launch(mailing)
                record.email = "elsewhere@strategy.test"
                self.assertFalse(self._send_explicitly(mailing, record))
                self.assertEqual(len(self._touches(mailing)), 1)
                self.assertOutcome(mailing, record, sent=1)

    def test_nobody_writes_the_ledger_of_a_mailing_by_hand(self):
        mailing = self._create_mailing(self.partners)
        self._launch(mailing)
        trace = mailing.mailing_trace_ids[0]
        Touch = self.env["contact.touch"]
        good = {"profile_id": self.one.profile_id.id, "channel_id": self.call.id}
        for user in (self.user_marketing, self.manager):
            for bad in (
                {"mailing_id": mailing.id},
                {"trace_id": trace.id},
                {"state": "reserved"},
                {"res_model": "res.partner", "res_id": self.one.id},
            ):
                said = self.subTest(user=user.login, bad=bad)
                with said, self.assertRaises(UserError):
                    Touch.with_user(user).create({**good, **bad})
            self.assertTrue(Touch.with_user(user).create(good))

    def test_defaults_are_no_way_around(self):
        mailing = self._create_mailing(self.partners)
        Touch = self.env["contact.touch"].with_user(self.manager)
        for bad in ({"default_mailing_id": mailing.id}, {"default_state": "reserved"}):
            with self.subTest(bad=bad):
                touch = Touch.with_context(**bad).create(
                    {"profile_id": self.one.profile_id.id}
                )
                self.assertFalse(touch.mailing_id)
                self.assertEqual(touch.state, "sent")

    def test_history_without_a_record_reaches_nobody(self):
        """Imported by another addon: it counts, but is no message of this mailing."""
        mailing = self._create_mailing(self.partners)
        self._create_touch(
            self.one.profile_id, NOW - HOUR, mailing_id=mailing.id, state="sent"
        )
        self._launch(mailing)
        self.assertOutcome(mailing, self.partners, sent=2)

    def test_record_of_another_model_is_another(self):
        mailing = self._create_mailing(self.partners)
        self._create_touch(
            self._create_person("stranger"),
            NOW - HOUR,
            mailing_id=mailing.id,
            res_model="mailing.contact",
            res_id=self.one.id,
        )
        self._launch(mailing)
        self.assertOutcome(mailing, self.partners, sent=2)
