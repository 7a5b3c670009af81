from odoo.fields import Command
from odoo.tests import tagged

from .common import DAY, NOW, GateCase


@tagged("post_install", "-at_install")
class TestGateFailure(GateCase):
    """Our own failure gives the allowance back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partners = cls._create_partners(3)
        cls._create_policy(cls._cap(1))

    def test_failed_smtp_releases(self):
        mailing = self._create_mailing(self.partners)
        self._fail(mailing)
        self.assertOutcome(mailing, self.partners, error=3)
        self.assertEqual(len(self._touches(mailing, "failed")), 3)
        self.assertSend(self.partners.profile_id)

    def test_retry_of_failures_passes_the_gate(self):
        mailing = self._create_mailing(self.partners)
        self._fail(mailing)
        other = self._create_mailing(self.partners[0], subject="Meanwhile")
        self._launch(other)
        self.assertOutcome(other, self.partners[0], sent=1)
        mailing.action_retry_failed()
        self._run_queue()
        self.assertOutcome(mailing, self.partners, sent=2, deferred=1)
        self.assertEqual(len(self._touches(mailing, "sent")), 2)
        self._go_to(NOW + 7 * DAY)
        self._run_queue()
        self.assertOutcome(mailing, self.partners, sent=3)
        self.assertEqual(mailing.state, "done")

    def test_retry_of_what_was_overridden(self):
        """Who had to wait, and failed to get it all the same, is asked about again."""
        self._launch(self._create_mailing(self.partners))
        mailing = self._create_mailing(self.partners, subject="Recall")
        self._launch(mailing)
        self.assertOutcome(mailing, self.partners, deferred=3)
        self.env["contact.override"].create(
            {"mailing_id": mailing.id, "reason": "Recall", "until": NOW + 7 * DAY}
        )
        self._run_queue_and_fail()
        self.assertOutcome(mailing, self.partners, error=3)
        mailing.action_retry_failed()
        self._run_queue()
        self.assertOutcome(mailing, self.partners, sent=3)

    def test_retry_while_the_mailing_is_sent(self):
        """Whoever sends it ends it afterwards, and has not heard of the retry."""
        mailing = self._create_mailing(self.partners)
        self._fail(mailing)
        mailing.state = "sending"
        mailing.action_retry_failed()
        mailing.write({"state": "done"})  # as at the end of the run
        self.assertEqual(mailing.state, "sending")
        self._run_queue()
        self.assertOutcome(mailing, self.partners, sent=3)
        self.assertEqual(mailing.state, "done")

    def test_blacklisted_and_invalid_addresses_give_their_allowance_back(self):
        blocked, invalid, fine = self.partners
        self.env["mail.blacklist"]._add(blocked.email)
        invalid.email = "not an address"
        mailing = self._create_mailing(self.partners)
        self._launch(mailing)
        self.assertOutcome(mailing, self.partners, sent=1, cancel=2)
        self.assertEqual(self._touches(mailing, "sent").profile_id, fine.profile_id)
        self.assertFalse(self._touches(mailing, "reserved"))
        self.assertSend(blocked.profile_id + invalid.profile_id)

    def test_opted_out_gives_the_allowance_back(self):
        contacts = self.env["mailing.contact"].create(
            [{"name": p.name, "email": p.email} for p in self.partners]
        )
        mailing_list = self.env["mailing.list"].create(
            {"name": "List", "contact_ids": [Command.set(contacts.ids)]}
        )
        mailing_list.subscription_ids[0].opt_out = True
        gone = mailing_list.subscription_ids[0].contact_id
        mailing = self._create_mailing(
            contacts,
            mailing_model_id=self.env["ir.model"]._get_id("mailing.list"),
            contact_list_ids=[Command.set(mailing_list.ids)],
        )
        self._launch(mailing)
        self.assertSend(gone.profile_id)
        self.assertFalse(self._touches(mailing, "reserved"))

    def test_person_without_address(self):
        nobody = self._create_partners(1, prefix="nobody", email=False)
        mailing = self._create_mailing(self.partners + nobody)
        self._launch(mailing)
        self.assertOutcome(mailing, self.partners + nobody, sent=3, cancel=1)
        self.assertSend(nobody.profile_id)

    def test_cancelled_mail_in_the_queue(self):
        """Thrown away before it left: the allowance is given back."""
        mailing = self._create_mailing(self.partners)
        mailing.action_launch()
        self.env["ir.config_parameter"].set_param("mail.mail.force.send.limit", 0)
        with self._queue_running():
            self.env["mailing.mailing"]._process_mass_mailing_queue()
        self.env.invalidate_all()
        self.assertEqual(len(self._touches(mailing, "reserved")), 3)
        one, two, three = self.env["mail.mail"].search(
            [("mailing_id", "=", mailing.id)]
        )
        one.mailing_trace_ids.unlink()
        two.cancel()
        self.env["contact.touch"]._cron_sweep()
        self.assertEqual(len(self._touches(mailing, "reserved")), 1)
        self.assertEqual(len(self._touches(mailing, "released")), 2)
        with self.mock_mail_gateway():
            three.send()
        self.env.invalidate_all()
        self.assertEqual(len(self._touches(mailing, "sent")), 1)

    def test_calendar_rules_and_nobody_with_a_clock(self):
        """A batch in which no person can be written to, or all are gone by now."""
        self._create_policy(self._cap(1, 1, "day", window_kind="calendar"))
        nobody = self._create_partners(1, prefix="nobody", email=False)
        mailing = self._create_mailing(nobody)
        self._launch(mailing)
        self.assertOutcome(mailing, nobody, cancel=1)
        self.assertEqual(mailing.state, "done")
