import contextlib
import smtplib

from odoo.exceptions import AccessError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import ADDON, DAY, HOUR, NOW, GateCase


@tagged("post_install", "-at_install")
class TestUncertain(GateCase):
    """What a person decides about a message that may have arrived."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partners = cls._create_partners(2)
        cls.doubt, cls.fine = cls.partners
        cls.mailer = cls._create_user(
            "uncertain_mailer", "mass_mailing.group_mass_mailing_user"
        )
        cls.reader = cls._create_user("uncertain_reader", f"{ADDON}.{ADDON}_group_user")

    def setUp(self):
        super().setUp()
        self.mailing = self._create_mailing(self.partners)
        self.mailing.action_launch()
        self.env["ir.config_parameter"].set_param("mail.mail.force.send.limit", 0)
        self._lose(self.doubt)
        self.touch = self._touches(self.mailing).filtered("is_uncertain")

    @mute_logger("odoo.addons.mail.models.mail_mail")
    def _lose(self, partner):
        """Send; the connection breaks when this person's message is handed over."""
        with self._queue_running():
            send_message = type(self.testing_smtp_session).send_message

            def lose(session, message, smtp_from, smtp_to_list):
                if partner.email in smtp_to_list:
                    raise smtplib.SMTPServerDisconnected("gone")
                send_message(session, message, smtp_from, smtp_to_list)

            type(self.testing_smtp_session).send_message = lose
            self.env["mailing.mailing"]._process_mass_mailing_queue()
            # Not assertRaises: it takes back what was written.
            with contextlib.suppress(smtplib.SMTPServerDisconnected):
                self._deliver()
        self.env.invalidate_all()
        self._run_queue()

    def _trace(self):
        return self.mailing.mailing_trace_ids.filtered(
            lambda trace: trace.res_id == self.doubt.id
        )

    def _mail(self):
        return self.env["mail.mail"].search(
            [("mailing_trace_ids", "in", self._trace().ids)]
        )

    def test_it_is_listed_and_counts(self):
        self.assertRecordValues(
            self.touch,
            [{"profile_id": self.doubt.profile_id.id, "state": "sent", "date": NOW}],
        )
        self.assertEqual(self._trace().trace_status, "process")
        self.assertEqual(self._mail().state, "cancel")
        self.assertIn("may or may not have arrived", self._mail().failure_reason)
        self.assertEqual(self.mailing.state, "done")
        self._create_policy(self._cap(1))
        self.assertDefer(self.doubt.profile_id, NOW + 7 * DAY)
        found = self.env["contact.touch"].search(
            self.mailing.action_view_uncertain()["domain"]
        )
        self.assertEqual(found, self.touch)

    def test_the_form_says_so(self):
        form = Form(self.mailing.with_user(self.mailer))
        self.assertEqual(form.uncertain_count, 1)
        action = self.mailing.with_user(self.mailer).action_view_uncertain()
        views = self.env["contact.touch"].with_user(self.mailer)
        arch = views.get_view(action["views"][0][0], "list")["arch"]
        for name in ("arrived", "again", "leave"):
            self.assertIn(f"action_uncertain_{name}", arch)
        arch = views.with_user(self.reader).get_view(action["views"][0][0], "list")
        self.assertNotIn("action_uncertain", arch["arch"])

    def test_the_numbers_add_up(self):
        names = ("delivered", "bounced", "scheduled", "pending", "failed", "canceled")
        self.assertEqual(sum(self.mailing[name] for name in names), 1)
        self.assertEqual(self.mailing.uncertain_count, 1)
        self.assertEqual(self.mailing.expected, 2)

    def test_nobody_sends_it_by_himself(self):
        self.env["contact.touch"]._cron_sweep()
        self.mailing.action_retry_failed()
        self._run_queue()
        self.assertEqual(self._trace().trace_status, "process")
        self.assertTrue(self.touch.is_uncertain)
        self.assertEqual(len(self._touches(self.mailing)), 2)

    def test_it_arrived(self):
        self._go_to(NOW + HOUR)
        self.touch.with_user(self.mailer).action_uncertain_arrived()
        self.env.invalidate_all()
        self.assertEqual(self._trace().trace_status, "sent")
        self.assertRecordValues(
            self.touch, [{"state": "sent", "date": NOW, "is_uncertain": False}]
        )
        self.assertEqual(self.mailing.uncertain_count, 0)
        self.assertEqual(self.mailing.delivered, 2)

    def test_evidence_decides(self):
        for happened in ("set_opened", "set_replied", "set_bounced"):
            with self.subTest(happened=happened), self.env.cr.savepoint() as savepoint:
                getattr(self._trace(), happened)()
                self.env.invalidate_all()
                self.assertFalse(self.touch.is_uncertain)
                self.assertEqual(self.touch.state, "sent")
                savepoint.close(rollback=True)
                self.env.invalidate_all()

    def test_sent_again(self):
        self._go_to(NOW + HOUR)
        self.touch.with_user(self.mailer).action_uncertain_again()
        self._run_queue()
        self.assertOutcome(self.mailing, self.partners, sent=2)
        touches = self._touches(self.mailing).filtered(
            lambda touch: touch.profile_id == self.doubt.profile_id
        )
        self.assertEqual(sorted(touches.mapped("date")), [NOW, NOW + HOUR])
        self.assertEqual(set(touches.mapped("state")), {"sent"})
        self.assertFalse(touches.filtered("is_uncertain"))
        self.assertEqual(self.mailing.state, "done")

    def test_sent_again_only_as_the_rules_allow(self):
        """The first one may have arrived: it keeps counting."""
        self._create_policy(self._cap(1))
        self._go_to(NOW + HOUR)
        self.touch.with_user(self.mailer).action_uncertain_again()
        self._run_queue()
        self.assertOutcome(self.mailing, self.partners, sent=1, deferred=1)
        self._go_to(NOW + 7 * DAY)
        self._run_queue()
        self.assertOutcome(self.mailing, self.partners, sent=2)

    def test_retry_of_the_mail_itself_is_a_decision_too(self):
        """With or without rules it is one message more."""
        self._go_to(NOW + HOUR)
        self._mail().mark_outgoing()
        self._run_queue()
        self.assertOutcome(self.mailing, self.partners, sent=2)
        self.assertEqual(self.mailing.uncertain_count, 0)
        self.assertEqual(len(self._touches(self.mailing, "sent")), 3)

    def test_left_alone(self):
        """It failed in the statistics, and counts for the rules."""
        self._create_policy(self._cap(1))
        self.touch.with_user(self.mailer).action_uncertain_leave()
        self.env.invalidate_all()
        self.assertEqual(self._trace().trace_status, "error")
        self.assertEqual(self.mailing.uncertain_count, 0)
        self.assertDefer(self.doubt.profile_id, NOW + 7 * DAY)
        self.mailing.action_retry_failed()
        self._run_queue()
        self.assertEqual(self._trace().trace_status, "error")

    def test_who_may_decide(self):
        for name in ("arrived", "again", "leave"):
            decide = getattr(
                self.touch.with_user(self.reader), f"action_uncertain_{name}"
            )
            with self.subTest(name=name), self.assertRaises(AccessError):
                decide()
        self.assertTrue(self.touch.is_uncertain)

    def test_decided_twice(self):
        """The second click finds nothing to do."""
        self.touch.action_uncertain_leave()
        self.touch.action_uncertain_again()
        self._run_queue()
        self.assertEqual(self._trace().trace_status, "error")
