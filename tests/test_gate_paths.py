from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common import DAY, HOUR, NOW, GateCase


@tagged("post_install", "-at_install")
class TestGatePaths(GateCase):
    """Whatever way a mailing takes, it passes the gate."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partners = cls._create_partners(4)
        cls.tired, *cls.fresh = cls.partners
        cls.fresh = cls.partners[1:]
        cls._create_touch(cls.tired.profile_id, NOW - DAY)
        cls.policy = cls._create_policy(cls._cap(1, channel_ids=cls.email.ids))

    def assertGoverned(self, mailing):
        """Three got it, one waits, and the ledger knows."""
        self.assertOutcome(mailing, self.partners, sent=3, deferred=1)
        touches = self._touches(mailing)
        self.assertEqual(touches.profile_id, self.fresh.profile_id)
        self.assertEqual(set(touches.mapped("state")), {"sent"})
        hold = mailing.hold_ids
        self.assertEqual(hold.profile_id, self.tired.profile_id)
        self.assertEqual(hold.next_allowed, NOW + 6 * DAY)
        self.assertEqual(hold.rule_id, self.policy.rule_ids)
        self.assertIn("At most 1 e-mail in any 7 days", hold.reason)

    def test_launch_and_queue(self):
        mailing = self._create_mailing(self.partners)
        self._launch(mailing)
        self.assertGoverned(mailing)
        self.assertEqual(mailing.state, "sending")
        self.assertTrue(mailing.is_waiting)
        self.assertRecordValues(
            self._touches(mailing)[0],
            [
                {
                    "date": NOW,
                    "channel_id": self.email.id,
                    "category_id": self.newsletter.id,
                    "company_id": self.env.company.id,
                    "cost": self.email.cost,
                    "counts": True,
                    "res_model": "res.partner",
                }
            ],
        )
        self.assertEqual(
            set(self._touches(mailing).mapped("address")),
            set(self.fresh.mapped("email_normalized")),
        )

    def test_without_policy_all_go_and_all_are_touches(self):
        self.policy.action_archive()
        mailing = self._create_mailing(self.partners)
        self._launch(mailing)
        self.assertOutcome(mailing, self.partners, sent=4)
        self.assertEqual(len(self._touches(mailing, "sent")), 4)
        self.assertEqual(mailing.state, "done")
        self.assertFalse(mailing.is_waiting)

    def test_schedule(self):
        mailing = self._create_mailing(
            self.partners, schedule_type="scheduled", schedule_date=NOW + HOUR
        )
        mailing.action_schedule()
        self._run_queue()
        self.assertFalse(self._touches(mailing))
        self._go_to(NOW + 2 * HOUR)
        self._run_queue()
        self.assertGoverned(mailing)

    def test_cron(self):
        mailing = self._create_mailing(self.partners)
        mailing.action_launch()
        with self.mock_mail_gateway(), self.enter_registry_test_mode():
            self.queue.method_direct_trigger()
            self._deliver()
        self.env.invalidate_all()
        self.assertGoverned(mailing)

    def test_explicit_recipients(self):
        mailing = self._create_mailing(self.partners)
        with self.mock_mail_gateway():
            mailing.action_send_mail(self.partners.ids)
            self._deliver()
        self.assertGoverned(mailing)

    def test_composer_from_a_list_view(self):
        composer = (
            self.env["mail.compose.message"]
            .with_context(active_ids=self.partners.ids)
            .create(
                {
                    "body": "<p>Hello</p>",
                    "subject": "From the list",
                    "composition_mode": "mass_mail",
                    "model": "res.partner",
                    "res_ids": repr(self.partners.ids),
                    "mass_mailing_name": "From the list",
                }
            )
        )
        with self.mock_mail_gateway():
            composer._action_send_mail()
            self._deliver()
        self.env.invalidate_all()
        mailing = self.env["mailing.mailing"].search(
            [("subject", "=", "From the list")]
        )
        self.assertGoverned(mailing)
        self._go_to(NOW + 6 * DAY + HOUR)
        self._run_queue()
        self.assertOutcome(mailing, self.partners, sent=4)

    def test_composer_that_is_killed_is_sent_on(self):
        """While it sends, its mailing says so: the queue takes it up."""
        states = []
        Gate = type(self.env["contact.gate"])
        send = Gate._send_through

        def spied(gate, mailing, *arguments):
            states.append(mailing.state)
            return send(gate, mailing, *arguments)

        values = {
            "body": "<p>Hello</p>",
            "subject": "Killed",
            "composition_mode": "mass_mail",
            "model": "res.partner",
            "res_ids": repr(self.fresh.ids),
            "mass_mailing_name": "Killed",
        }
        composer = self.env["mail.compose.message"].create(values)
        with self.mock_mail_gateway(), patch.object(Gate, "_send_through", spied):
            composer._action_send_mail()
        self.assertEqual(states, ["sending"])
        self.assertEqual(composer.mass_mailing_id.state, "done")

    def test_composer_that_fails_is_a_draft_again(self):
        mailing = self._create_mailing(self.partners, state="sending")
        mailing._stop_sending(UserError("No such word"))
        self.assertEqual(mailing.state, "draft")
        self.assertIn("No such word", mailing.message_ids[0].body)

    def test_user_of_email_marketing(self):
        mailing = self._create_mailing(self.partners, user_id=self.user_marketing.id)
        with self.mock_mail_gateway():
            mailing.with_user(self.user_marketing).action_send_mail()
            self._deliver()
        self.env.invalidate_all()
        self.assertGoverned(mailing)
        mine = mailing.with_user(self.user_marketing)
        self.assertEqual(mine.deferred_count, 1)
        self.assertIn("At most 1", mine.hold_ids.reason)

    def test_mailing_list(self):
        contacts = self.env["mailing.contact"].create(
            [{"name": p.name, "email": p.email} for p in self.partners]
        )
        mailing_list = self.env["mailing.list"].create(
            {"name": "List", "contact_ids": [Command.set(contacts.ids)]}
        )
        mailing = self.env["mailing.mailing"].create(
            {
                "subject": "To the list",
                "body_html": "<p>Hello</p>",
                "mailing_type": "mail",
                "mailing_model_id": self.env["ir.model"]._get_id("mailing.list"),
                "contact_list_ids": [Command.set(mailing_list.ids)],
            }
        )
        self._launch(mailing)
        self.assertOutcome(mailing, contacts, sent=3, deferred=1)
        self.assertEqual(self._touches(mailing).profile_id, self.fresh.profile_id)

    def test_nothing_left_is_an_answer(self):
        mailing = self._create_mailing(self.tired)
        self._launch(mailing)
        self.assertOutcome(mailing, self.tired, deferred=1)
        with self.assertRaises(UserError):
            mailing.action_send_mail()

    def test_second_launch_sends_nobody_twice(self):
        mailing = self._create_mailing(self.partners)
        self._launch(mailing)
        for _again in range(3):
            self._run_queue()
        self.assertFalse(self._new_mails)
        self.assertGoverned(mailing)

    def test_test_mailing_never_counts(self):
        mailing = self._create_mailing(self.partners)
        test = self.env["mailing.mailing.test"].create(
            {"email_to": self.fresh[0].email, "mass_mailing_id": mailing.id}
        )
        with self.mock_mail_gateway():
            test.send_mail_test()
        self.assertEqual(len(self._new_mails), 1)
        self.assertFalse(self._touches(mailing))
        self.assertSend(self.fresh[0].profile_id)

    def test_seed_address_gets_everything_and_counts_for_nothing(self):
        self.tired.profile_id.is_seed = True
        mailing = self._create_mailing(self.partners)
        self._launch(mailing)
        self.assertOutcome(mailing, self.partners, sent=4)
        touch = self._touches(mailing).filtered(
            lambda t: t.profile_id == self.tired.profile_id
        )
        self.assertFalse(touch.counts)
        again = self._create_mailing(self.tired)
        self._launch(again)
        self.assertOutcome(again, self.tired, sent=1)

    def test_one_to_one_message_passes(self):
        with self.mock_mail_gateway():
            self.tired.message_post(
                body="Hello", partner_ids=self.tired.ids, message_type="comment"
            )
        self.assertFalse(self.env["contact.hold"].search([]))

    def test_service_notices_and_transactional_messages(self):
        for category, counts in ((self.service, True), (self.transactional, False)):
            with self.subTest(category=category.code):
                person = self._create_partners(1, prefix=category.code)
                mailing = self._create_mailing(
                    person + self.tired, category_id=category.id
                )
                self._launch(mailing)
                self.assertOutcome(mailing, person + self.tired, sent=2)
                self.assertEqual(set(self._touches(mailing).mapped("counts")), {counts})
                promotion = self._create_mailing(person)
                self._launch(promotion)
                self.assertOutcome(
                    promotion,
                    person,
                    **{"deferred" if counts else "sent": 1},
                )

    def test_leave_out(self):
        self.policy.rule_ids.on_exceed = "hold"
        mailing = self._create_mailing(self.partners)
        self._launch(mailing)
        self.assertOutcome(mailing, self.partners, sent=3, held=1)
        self.assertEqual(mailing.state, "done")
        self._go_to(NOW + 7 * DAY)
        self._run_queue()
        self.assertOutcome(mailing, self.partners, sent=3, held=1)

    def test_held_people_have_no_trace(self):
        """Odoo skips a record with any trace, for ever."""
        mailing = self._create_mailing(self.partners)
        self._launch(mailing)
        self.assertNotIn(self.tired.id, self._statuses(mailing))
