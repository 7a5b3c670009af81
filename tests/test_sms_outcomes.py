from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.mass_mailing_contact_strategy.models.delivery import (
    contact_gate_send,
)

from .common import DAY, HOUR, NOW
from .sms_common import SmsCase


@tagged("post_install", "-at_install")
class TestSmsOutcomes(SmsCase):
    """What becomes of a text message, the touch becomes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partners = cls._create_callers(3)
        cls.one, cls.two, cls.three = cls.partners
        cls.policy = cls._create_policy(cls._cap(1))

    def _touch_of(self, mailing, partner):
        return self._touches(mailing).filtered(
            lambda touch: touch.profile_id == partner.profile_id
        )

    def test_failed_messages_give_their_allowance_back(self):
        self.answers[self.one.phone] = "server_error"
        mailing = self._create_sms_mailing(self.partners)
        self._launch(mailing)
        self.assertOutcome(mailing, self.partners, sent=2, error=1)
        self.assertEqual(self._touch_of(mailing, self.one).state, "failed")
        self.assertSend(self.one.profile_id, "sms")
        self.assertDefer(self.two.profile_id, NOW + 7 * DAY, "sms")

    def test_in_process_counts_from_then_on(self):
        """A provider may never say that it has delivered a message."""
        self.answers[self.one.phone] = "processing"
        mailing = self._create_sms_mailing(self.one)
        self._launch(mailing)
        self.assertEqual(self._statuses(mailing), {self.one.id: "process"})
        touch = self._touches(mailing)
        self.assertEqual((touch.state, touch.is_uncertain), ("sent", False))
        self._go_to(NOW + 7 * DAY)
        self.env["contact.touch"]._cron_sweep()
        self.assertSend(self.one.profile_id, "sms", at=NOW + 7 * DAY)

    def test_what_the_provider_says_later(self):
        self.answers[self.one.phone] = "processing"
        mailing = self._create_sms_mailing(self.partners)
        self._launch(mailing)
        trackers = mailing.mailing_trace_ids.sms_tracker_ids
        of = {tracker.mailing_trace_id.res_id: tracker for tracker in trackers}
        of[self.one.id]._action_update_from_sms_state("sent")
        of[self.two.id]._action_update_from_provider_error("rejected")
        of[self.three.id]._action_update_from_provider_error("not_delivered")
        self.env.invalidate_all()
        states = [self._touch_of(mailing, partner).state for partner in self.partners]
        self.assertEqual(states, ["sent", "sent", "failed"])
        self.assertTrue(self._touch_of(mailing, self.two).bounced)
        self.assertEqual(mailing.state, "done")

    def test_waiting_in_the_queue(self):
        mailing = self._create_sms_mailing(self.one)
        with self._queue_running():
            mailing._action_send_mail()
        touch = self._touches(mailing)
        self.assertEqual(touch.state, "reserved")
        self.assertDefer(self.one.profile_id, NOW + 7 * DAY)
        self._go_to(NOW + HOUR)
        other = self._create_sms_mailing(self.one)
        with self._queue_running():
            other._action_send_mail()
        self.assertOutcome(other, self.one, deferred=1)
        self.assertEqual(touch.date, NOW + HOUR)

    def test_thrown_away_in_the_queue(self):
        for how in ("unlink", "action_set_canceled"):
            with self.subTest(how=how):
                person = self._create_callers(
                    1, prefix=how.lower(), first=90 + len(how)
                )
                mailing = self._create_sms_mailing(person)
                with self._queue_running():
                    mailing._action_send_mail()
                sms = self.env["sms.sms"].search([("mailing_id", "=", mailing.id)])
                getattr(sms, how)()
                self.env["contact.touch"]._cron_sweep()
                self.assertEqual(self._touches(mailing).state, "released")
                self.assertSend(person.profile_id, "sms")

    def test_whom_odoo_cancels(self):
        """Nobody of these waits, none uses allowance up, and the numbers add up."""
        partners = self._create_callers(4, prefix="odd", first=20)
        listed, nowhere, wrong, fine = partners
        listed._phone_set_blacklisted()
        nowhere.phone = False
        wrong.phone = "12"
        for partner in partners[:3]:
            self._create_touch(partner.profile_id, NOW - DAY)
        mailing = self._create_sms_mailing(partners)
        foretold = mailing._preflight()
        self.assertEqual((foretold["now"], foretold["not"]), (1, 3))
        labels = {line["label"]: line["count"] for line in foretold["lines"]}
        self.assertEqual(labels, {"No phone number": 2, "On the blacklist": 1})
        self._launch(mailing)
        self.assertOutcome(mailing, partners, sent=1, cancel=3)
        self.assertEqual(self._touches(mailing, "sent").profile_id, fine.profile_id)

    def test_unsubscribed(self):
        contacts = self.env["mailing.contact"].create(
            [
                {"name": p.name, "email": p.email, "mobile": p.phone}
                for p in self.partners
            ]
        )
        mailing_list = self.env["mailing.list"].create(
            {"name": "List", "contact_ids": contacts.ids}
        )
        mailing_list.subscription_ids[0].opt_out = True
        mailing = self._create_sms_mailing(
            mailing_list,
            contact_list_ids=mailing_list.ids,
            mailing_domain=[("list_ids", "in", mailing_list.ids)],
        )
        self.assertEqual(mailing._preflight()["not"], 1)
        self._launch(mailing)
        self.assertOutcome(mailing, contacts, sent=2, cancel=1)

    def test_preflight_foretells(self):
        self._create_touch(self.one.profile_id, NOW - DAY)
        self.two.phone = self.three.phone
        mailing = self._create_sms_mailing(self.partners)
        self.assertEqual(mailing.preflight_state, "ready")
        foretold = mailing._preflight()
        self.assertEqual(
            [foretold[name] for name in ("total", "now", "later", "not")], [3, 1, 1, 1]
        )
        self._launch(mailing)
        self.assertOutcome(mailing, self.partners, sent=1, deferred=1, cancel=1)

    def test_too_late(self):
        self._create_touch(self.one.profile_id, NOW - DAY)
        mailing = self._create_sms_mailing(
            self.partners, useful_until=NOW + 6 * DAY + HOUR
        )
        self._launch(mailing)
        self._go_to(NOW + 6 * DAY + 2 * HOUR)
        self._run_queue()
        self.assertOutcome(mailing, self.partners, sent=2, expired=1)
        self.assertEqual(mailing.state, "done")

    # ------------------------------------------------------------
    # Trying again
    # ------------------------------------------------------------

    def _fail_all(self):
        self.answers = dict.fromkeys(self.partners.mapped("phone"), "server_error")
        mailing = self._create_sms_mailing(self.partners)
        self._launch(mailing)
        self.assertOutcome(mailing, self.partners, error=3)
        self.answers = {}
        return mailing, self.env["sms.sms"].search([("mailing_id", "=", mailing.id)])

    def test_retry_of_failures_passes_the_gate(self):
        mailing, _messages = self._fail_all()
        self._create_touch(self.one.profile_id, NOW)
        mailing.action_retry_failed()
        self._run_queue()
        self.assertOutcome(mailing, self.partners, sent=2, deferred=1)
        self._go_to(NOW + 7 * DAY)
        self._run_queue()
        self.assertOutcome(mailing, self.partners, sent=3)

    def test_retry_of_the_message_itself_passes_the_gate(self):
        for method in ("resend_failed", "action_set_outgoing"):
            with self.subTest(method=method):
                self.env["contact.touch"].search([]).unlink()
                self.numbers.clear()
                mailing, messages = self._fail_all()
                self._create_touch(self.one.profile_id, NOW)
                getattr(messages, method)()
                self._run_queue()
                self.assertOutcome(mailing, self.partners, sent=2, deferred=1)
                self.assertNotIn(self.one.phone, self.numbers)

    def test_retry_without_a_policy_is_odoos(self):
        self.policy.action_archive()
        mailing, messages = self._fail_all()
        messages.resend_failed()
        self.assertEqual(len(self.numbers), 3)
        self.assertEqual(len(self._touches(mailing, "sent")), 3)

    def test_retry_of_an_archived_mailing(self):
        mailing, messages = self._fail_all()
        mailing.active = False
        with self.assertRaisesRegex(UserError, "archived"):
            messages.resend_failed()

    # ------------------------------------------------------------
    # Numbers
    # ------------------------------------------------------------

    def test_a_number_is_an_inbox(self):
        self.policy.rule_ids.count_per = "inbox"
        self.two.phone = self.one.phone
        first = self._create_sms_mailing(self.one)
        self._launch(first)
        second = self._create_sms_mailing(self.two + self.three)
        self._launch(second)
        self.assertOutcome(second, self.two + self.three, sent=1, deferred=1)
        self.assertDefer(self.two.profile_id, NOW + 7 * DAY, "sms")
        self.assertSend(self.two.profile_id, "email")

    def test_one_number_one_message_however_large_the_mailing(self):
        self.policy.rule_ids.max_touches = 5
        self.three.phone = self.one.phone
        mailing = self._create_sms_mailing(self.partners)
        with patch.object(contact_gate_send, "GATE_CHUNK", 1):
            self._launch(mailing)
        self.assertOutcome(mailing, self.partners, sent=2, cancel=1)
        self.assertEqual(len(set(self.numbers)), len(self.numbers))

    def test_one_number_one_message_also_for_whoever_waited(self):
        self.three.phone = self.one.phone
        self._create_touch(self.three.profile_id, NOW - DAY)
        mailing = self._create_sms_mailing(self.partners)
        self._launch(mailing)
        self.assertOutcome(mailing, self.partners, sent=2, deferred=1)
        self._go_to(NOW + 7 * DAY)
        self._run_queue()
        self.assertOutcome(mailing, self.partners, sent=2, cancel=1)
        self.assertEqual(len(self.numbers), 2)

    def test_a_forced_number_is_the_one_that_counts(self):
        """The composer may take another field than Odoo would."""
        leads = self.env["mailing.contact"].create(
            [
                {"name": f"Lead {index}", "mobile": self._number(70 + index)}
                for index in range(2)
            ]
        )
        self._create_sms_composer(leads, number_field_name="mobile").action_send_sms()
        self._run_queue()
        self.assertEqual(sorted(self.numbers), [self._number(70), self._number(71)])

    def test_somebody_known_by_a_number_alone(self):
        contacts = self.env["mailing.contact"].create(
            [{"name": "Nobody", "mobile": self._number(60)}] * 2
        )
        first = self._create_sms_mailing(contacts[0])
        self._launch(first)
        self.assertOutcome(first, contacts[0], sent=1)
        person = self._touches(first).profile_id
        self.assertFalse(person.email_normalized)
        self.assertEqual(person.phone_sanitized, self._number(60))
        second = self._create_sms_mailing(contacts[1])
        self._launch(second)
        self.assertOutcome(second, contacts[1], deferred=1)
        self.assertEqual(second.hold_ids.profile_id, person)

    def test_a_contacts_number_is_the_contacts(self):
        contact = self.env["mailing.contact"].create(
            {"name": "Same", "mobile": self.one.phone}
        )
        mailing = self._create_sms_mailing(contact)
        self._launch(mailing)
        self.assertEqual(self._touches(mailing).profile_id, self.one.profile_id)
