from odoo.fields import Command
from odoo.tests import tagged

from .common import DAY, HOUR, NOW
from .sms_common import SmsCase


@tagged("post_install", "-at_install")
class TestSmsPaths(SmsCase):
    """Whatever way a text message takes, it passes the same gate as an e-mail."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partners = cls._create_callers(4)
        cls.tired, cls.fresh = cls.partners[0], cls.partners[1:]
        cls._create_touch(cls.tired.profile_id, NOW - DAY)
        # Any channels together: an e-mail uses the allowance of a text message up.
        cls.policy = cls._create_policy(cls._cap(1))

    def assertGoverned(self, mailing, recipients=None):
        """Three got it, one waits, and the ledger knows."""
        recipients = recipients or self.partners
        self.assertOutcome(mailing, recipients, sent=3, deferred=1)
        touches = self._touches(mailing)
        self.assertEqual(touches.profile_id, self.fresh.profile_id)
        self.assertEqual(set(touches.mapped("state")), {"sent"})
        self.assertEqual(touches.channel_id, self.sms)
        self.assertEqual(sorted(self.numbers), sorted(self.fresh.mapped("phone")))
        self.assertEqual(mailing.hold_ids.profile_id, self.tired.profile_id)
        self.assertEqual(mailing.hold_ids.next_allowed, NOW + 6 * DAY)

    def test_launch_and_queue(self):
        mailing = self._create_sms_mailing(self.partners)
        self._launch(mailing)
        self.assertGoverned(mailing)
        self.assertEqual(mailing.state, "sending")
        self.assertTrue(mailing.is_waiting)
        self.assertRecordValues(
            self._touches(mailing).sorted("address")[:1],
            [
                {
                    "address": self._number(1),
                    "date": NOW,
                    "category_id": self.newsletter.id,
                    "company_id": self.env.company.id,
                    "cost": 0.07,
                    "counts": True,
                    "res_model": "res.partner",
                }
            ],
        )

    def test_deferred_people_get_it_when_free(self):
        mailing = self._create_sms_mailing(self.partners)
        self._launch(mailing)
        newcomer = self._create_callers(1, prefix="newcomer", first=50)
        mailing.mailing_domain = repr([("id", "in", (self.partners + newcomer).ids)])
        self._go_to(NOW + 6 * DAY + HOUR)
        self._run_queue()
        self.assertOutcome(mailing, self.partners, sent=4)
        self.assertEqual(mailing.state, "done")
        self.assertFalse(mailing.is_waiting)
        self.assertEqual(len(self.numbers), 4)

    def test_schedule(self):
        mailing = self._create_sms_mailing(
            self.partners, schedule_type="scheduled", schedule_date=NOW + HOUR
        )
        mailing.action_schedule()
        self._run_queue()
        self.assertFalse(self._touches(mailing))
        self._go_to(NOW + 2 * HOUR)
        self._run_queue()
        self.assertOutcome(mailing, self.partners, sent=3, deferred=1)

    def test_cron(self):
        mailing = self._create_sms_mailing(self.partners)
        mailing.action_launch()
        with self.mock_mail_gateway(), self.enter_registry_test_mode():
            self.queue.method_direct_trigger()
            self.env.ref("sms.ir_cron_sms_scheduler_action").method_direct_trigger()
        self.env.invalidate_all()
        self.assertGoverned(mailing)

    def test_explicit_recipients(self):
        mailing = self._create_sms_mailing(self.partners)
        mailing.action_send_mail(self.partners.ids)
        self._run_queue()
        self.assertGoverned(mailing)
        self.assertEqual(mailing.state, "sending")

    def test_sent_at_once(self):
        mailing = self._create_sms_mailing(self.partners, sms_force_send=True)
        mailing.action_send_mail()
        self.env.invalidate_all()
        self.assertGoverned(mailing)
        self.assertTrue(mailing.is_waiting)

    def test_sent_at_once_to_nobody(self):
        """No outcome comes in that would end the mailing."""
        self.policy.rule_ids.on_exceed = "hold"
        mailing = self._create_sms_mailing(self.tired, sms_force_send=True)
        mailing.action_send_mail()
        self.assertOutcome(mailing, self.tired, held=1)
        self.assertEqual(mailing.state, "done")

    def test_several_mailings_have_their_own_recipients(self):
        """Odoo takes those of the first for all."""
        first = self._create_sms_mailing(self.fresh[0])
        second = self._create_sms_mailing(self.fresh[1])
        (first + second).action_send_mail()
        self.assertEqual(self._touches(first).res_id, self.fresh[0].id)
        self.assertEqual(self._touches(second).res_id, self.fresh[1].id)

    def test_composer_of_a_mailing(self):
        mailing = self._create_sms_mailing(self.partners)
        composer = self._create_sms_composer(self.partners, mailing_id=mailing.id)
        composer._action_send_sms()
        self._run_queue()
        self.assertGoverned(mailing)

    def _find_made(self):
        return self.env["mailing.mailing"].search(
            [("subject", "=like", "Text message to %")]
        )

    def test_composer_from_a_list_view(self):
        """It becomes a mailing, so that there is something to wait with."""
        self._create_sms_composer(self.partners).action_send_sms()
        mailing = self._find_made()
        self._run_queue()
        self.assertGoverned(mailing)
        self._go_to(NOW + 6 * DAY + HOUR)
        self._run_queue()
        self.assertOutcome(mailing, self.partners, sent=4)
        self.assertEqual(mailing.state, "done")

    def test_composer_from_a_list_view_at_once(self):
        self._create_sms_composer(self.partners).action_send_sms_mass_now()
        self.env.invalidate_all()
        self.assertGoverned(self._find_made())

    def test_composer_of_somebody_who_sends_no_mailings(self):
        user = self._create_user("seller", "base.group_partner_manager")
        self._create_sms_composer(self.partners, user=user).action_send_sms()
        mailing = self._find_made()
        self.assertEqual(mailing.user_id, user)
        self._run_queue()
        self.assertGoverned(mailing)

    def test_server_action_on_a_list(self):
        template = self.env["sms.template"].create(
            {
                "name": "Template",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "body": "Dear {{ object.name }}",
            }
        )
        action = self.env["ir.actions.server"].create(
            {
                "name": "Send SMS",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "state": "sms",
                "sms_template_id": template.id,
                "sms_method": "sms",
            }
        )
        action.with_context(
            active_model="res.partner", active_ids=self.partners.ids
        ).run()
        mailing = self._find_made()
        self._run_queue()
        self.assertGoverned(mailing)

    def test_one_to_one_message_passes(self):
        self._create_sms_composer(self.tired).action_send_sms()
        composer = self._create_sms_composer(
            self.tired, composition_mode="comment", res_id=self.tired.id
        )
        composer.action_send_sms()
        self._run_queue()
        self.assertFalse(self._find_made())
        self.assertEqual(self.numbers, [self.tired.phone] * 2)

    def test_without_a_policy_a_list_is_none_of_our_business(self):
        self.policy.action_archive()
        self._create_sms_composer(self.partners).action_send_sms()
        self._run_queue()
        self.assertFalse(self._find_made())
        self.assertEqual(len(self.numbers), 4)

    def test_mailing_list(self):
        contacts = self.env["mailing.contact"].create(
            [
                {"name": p.name, "email": p.email, "mobile": p.phone}
                for p in self.partners
            ]
        )
        mailing_list = self.env["mailing.list"].create(
            {"name": "List", "contact_ids": [Command.set(contacts.ids)]}
        )
        mailing = self._create_sms_mailing(
            mailing_list,
            contact_list_ids=[Command.set(mailing_list.ids)],
            mailing_domain=[("list_ids", "in", mailing_list.ids)],
        )
        self._launch(mailing)
        self.assertGoverned(mailing, contacts)

    def test_copy(self):
        mailing = self._create_sms_mailing(self.partners)
        self._launch(mailing)
        again = mailing.copy()
        self._launch(again)
        self.assertOutcome(again, self.partners, deferred=4)

    def test_queued_before_the_policy_was_switched_on(self):
        self.policy.action_archive()
        mailing = self._create_sms_mailing(self.partners)
        mailing.action_put_in_queue()
        self.policy.action_unarchive()
        self._run_queue()
        self.assertGoverned(mailing)

    def test_test_message_never_counts(self):
        mailing = self._create_sms_mailing(self.partners)
        self.env["mailing.sms.test"].create(
            {"numbers": self._number(1), "mailing_id": mailing.id}
        ).action_send_sms()
        self.assertEqual(self.numbers, [self._number(1)])
        self.assertFalse(self._touches(mailing))

    def test_without_policy_all_go_and_all_are_touches(self):
        self.policy.action_archive()
        mailing = self._create_sms_mailing(self.partners)
        self._launch(mailing)
        self.assertOutcome(mailing, self.partners, sent=4)
        self.assertEqual(len(self._touches(mailing, "sent")), 4)
        self._run_queue()
        self.assertEqual(mailing.state, "done")

    def test_a_mailing_that_fails_stops_alone(self):
        self.policy.action_archive()
        unit = self.env["res.company"].create({"name": "Unit"})
        self._create_policy(self._code("1 / 0"), company_id=unit.id)
        failing = self._create_sms_mailing(self.fresh[0], company_id=unit.id)
        fine = self._create_sms_mailing(self.fresh[1])
        (failing + fine).action_put_in_queue()
        with self.assertLogs(
            "odoo.addons.mass_mailing_contact_strategy.models.delivery", "WARNING"
        ):
            self._run_queue()
        self.assertOutcome(fine, self.fresh[1], sent=1)
        self.assertFalse(self._touches(failing))
        self.assertIn("division by zero", failing.message_ids[:1].body)
