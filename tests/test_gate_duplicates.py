from odoo.fields import Command
from odoo.tests import tagged

from .common import DAY, NOW, GateCase


@tagged("post_install", "-at_install")
class TestGateDuplicates(GateCase):
    """One message for one person, whatever records the person appears in."""

    def _twins(self):
        """Two mailing contacts of one person, and somebody else."""
        contacts = self.env["mailing.contact"].create(
            [
                {"name": name, "email": f"{name}@strategy.test"}
                for name in ("anna", "anna", "bob")
            ]
        )
        self.assertEqual(len(contacts.profile_id), 2)
        return contacts

    def _mail(self, contacts):
        mailing = self._create_mailing(contacts)
        self._launch(mailing)
        return mailing

    def test_two_records_of_a_person_get_one_message(self):
        self._create_policy(self._cap(1))
        contacts = self._twins()
        mailing = self._mail(contacts)
        self.assertOutcome(mailing, contacts, sent=2, cancel=1)
        trace = mailing.mailing_trace_ids.filtered(lambda t: t.trace_status == "cancel")
        self.assertEqual(trace.failure_type, "mail_dup")
        self.assertEqual(len(self._touches(mailing, "sent")), 2)

    def test_two_records_that_are_not_contacts(self):
        if "crm.lead" not in self.env:
            self.skipTest("crm is not installed")
        leads = self.env["crm.lead"].create(
            [{"name": "Lead", "email_from": "anna@strategy.test"} for _twice in "ab"]
        )
        other = self.env["crm.lead"].create(
            {"name": "Lead", "email_from": "bob@strategy.test"}
        )
        self._create_policy(self._cap(1))
        mailing = self._mail(leads + other)
        self.assertOutcome(mailing, leads + other, sent=2, cancel=1)

    def test_two_addresses_of_a_person(self):
        """Odoo itself would write to both."""
        partner = self._create_partners(1)
        if "crm.lead" not in self.env:
            self.skipTest("crm is not installed")
        self._create_policy(self._cap(1))
        leads = self.env["crm.lead"].create(
            [
                {"name": "Own", "partner_id": partner.id},
                {"name": "By address", "email_from": partner.email},
            ]
        )
        mailing = self._mail(leads)
        self.assertOutcome(mailing, leads, sent=1, cancel=1)

    def test_tired_person_twice(self):
        """Nobody gets a second chance by a second record."""
        self._create_policy(self._cap(1))
        contacts = self._twins()
        self._create_touch(contacts[0].profile_id, NOW - DAY)
        mailing = self._mail(contacts)
        self.assertEqual(len(self._touches(mailing, "sent")), 1)
        outcomes = self._outcomes(mailing)
        self.assertEqual(set(outcomes), set(contacts.ids))
        self._go_to(NOW + 6 * DAY)
        self._run_queue()
        self.assertOutcome(mailing, contacts, sent=2, cancel=1)
        self.assertEqual(mailing.state, "done")

    def test_without_policy_as_odoo_does(self):
        contacts = self._twins()
        mailing = self._mail(contacts)
        self.assertOutcome(mailing, contacts, sent=2, cancel=1)
        partners = self.env["res.partner"].create(
            [{"name": name, "email": "office@strategy.test"} for name in "ab"]
        )
        mailing = self._mail(partners)
        statuses = self._statuses(mailing)
        self.assertEqual(sorted(statuses.values()), ["cancel", "sent"])

    def _colleagues(self):
        partners = self.env["res.partner"].create(
            [{"name": name, "email": "office@strategy.test"} for name in ("one", "two")]
        )
        self.assertEqual(len(partners.profile_id), 2)
        return partners

    def test_shared_inbox_counted_per_inbox(self):
        self._create_policy(self._cap(1, count_per="inbox", on_exceed="defer"))
        partners = self._colleagues()
        mailing = self._mail(partners)
        self.assertEqual(len(self._touches(mailing, "sent")), 1)
        outcomes = self._outcomes(mailing)
        self.assertEqual(set(outcomes), set(partners.ids))

    def test_shared_inbox_in_two_mailings(self):
        self._create_policy(self._cap(1, count_per="inbox"))
        one, two = self._colleagues()
        first, second = self._mail(one), self._mail(two)
        self.assertOutcome(first, one, sent=1)
        self.assertOutcome(second, two, deferred=1)
        self.assertIn("per inbox", second.hold_ids.reason)

    def test_lists_with_the_same_contact(self):
        contacts = self._twins()
        self._create_policy(self._cap(1))
        lists = self.env["mailing.list"].create(
            [
                {"name": name, "contact_ids": [Command.set(contacts.ids)]}
                for name in ("First", "Second")
            ]
        )
        mailing = self._create_mailing(
            contacts,
            mailing_model_id=self.env["ir.model"]._get_id("mailing.list"),
            contact_list_ids=[Command.set(lists.ids)],
        )
        self._launch(mailing)
        self.assertOutcome(mailing, contacts, sent=2, cancel=1)
