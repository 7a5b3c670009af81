from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import email_normalize

from .test_identity import IdentityCommon


@tagged("post_install", "-at_install")
class TestIdentityResolve(IdentityCommon):
    def _model(self, name):
        if name not in self.env:
            self.skipTest(f"{name} is not installed")
        return self.env[name]

    def _rows(self, records, create=True):
        return {
            res_id: (profile_id, address)
            for res_id, profile_id, address in self.Profile._resolve_rows(
                records._name, records.ids, create=create
            )
        }

    def test_partners_and_contacts(self):
        partner = self._create_partner()
        contact = self._create_contact("list@identity.test")
        gone = self._create_partner("Gone")
        gone_id = gone.id
        gone.unlink()
        self.assertEqual(
            self.Profile.resolve("res.partner", [partner.id, gone_id]),
            {partner.id: partner.profile_id.id},
        )
        for model in ("mailing.contact", "mailing.list"):
            self.assertEqual(
                self.Profile.resolve(model, contact.ids),
                {contact.id: contact.profile_id.id},
            )

    def test_missing_profiles_are_made(self):
        partner, contact = (
            self._create_partner(),
            self._create_contact("c@identity.test"),
        )
        (partner.profile_id + contact.profile_id).unlink()
        self.assertTrue(self._resolve_one(partner))
        self.assertTrue(self._resolve_one(contact))
        self.assertEqual(partner.profile_id.partner_id, partner)

    def test_contact_without_address_is_nobody(self):
        self.assertEqual(self.Profile.resolve("mailing.contact", [0]), {})
        contact = self._create_contact(False, name="Nobody")
        self.assertIsNone(self._resolve_one(contact))
        self.assertEqual(self._rows(contact), {contact.id: (None, None)})

    def test_wrong_model(self):
        for model in ("no.such.model", "res.country", "ir.cron"):
            with self.assertRaises(UserError):
                self.Profile.resolve(model, [1])

    def test_preview_writes_nothing(self):
        partner = self._create_partner()
        contact = self._create_contact("c@identity.test")
        (partner.profile_id + contact.profile_id).unlink()
        count = self.Profile.search_count([])
        self.assertEqual(
            self._rows(partner, create=False),
            {partner.id: (None, "anna@identity.test")},
        )
        self.assertEqual(
            self._rows(contact, create=False), {contact.id: (None, "c@identity.test")}
        )
        self.assertEqual(self.Profile.search_count([]), count)

    def test_leads(self):
        partner = self._create_partner()
        leads = self._model("crm.lead").create(
            [
                {"name": "By address", "email_from": "Anna <ANNA@identity.test>"},
                {"name": "By contact", "partner_id": partner.id},
                {"name": "New", "email_from": "new@identity.test"},
                {"name": "Nobody"},
            ]
        )
        rows = self.Profile.resolve("crm.lead", leads.ids)
        self.assertEqual(rows.keys(), set(leads[:3].ids))
        self.assertEqual(rows[leads[0].id], partner.profile_id.id)
        self.assertEqual(rows[leads[1].id], partner.profile_id.id)
        new = self.Profile.browse(rows[leads[2].id])
        self.assertEqual(new.email_normalized, "new@identity.test")
        self.assertEqual(self.Profile.resolve("crm.lead", leads.ids), rows)

    def test_mail_goes_to_the_contact_and_so_does_the_count(self):
        """A record with a contact and an address of its own: the contact is mailed."""
        partner = self._create_partner()
        record = self._model("mailing.test.partner").create(
            {"email_from": "own@identity.test", "partner_id": partner.id}
        )
        self.assertEqual(
            self._rows(record), {record.id: (partner.profile_id.id, partner.email)}
        )
        partner.email = False
        self.assertEqual(self._rows(record)[record.id][1], "own@identity.test")

    def test_registrations_go_to_the_attendee_first(self):
        Registration = self._model("event.registration")
        event = self.env["event.event"].create(
            {
                "name": "Fair",
                "date_begin": "2030-01-01 10:00:00",
                "date_end": "2030-01-01 12:00:00",
            }
        )
        record = Registration.create(
            {
                "event_id": event.id,
                "partner_id": self._create_partner().id,
                "email": "attendee@identity.test",
            }
        )
        self.assertEqual(self._rows(record)[record.id][1], "attendee@identity.test")

    def test_same_address_as_the_composer(self):
        """For every kind of test record the address is the one Odoo would write to."""
        partner = self._create_partner()
        address = "Other <OTHER@identity.test>, second@identity.test"
        for model, vals in (
            ("mailing.test.simple", {"email_from": address}),
            ("mailing.test.blacklist", {"email_from": address}),
            ("mailing.test.optout", {"customer_id": partner.id}),
            ("mailing.test.optout", {"email_from": "bad", "customer_id": partner.id}),
            ("mailing.test.customer", {"customer_id": partner.id}),
            ("mailing.test.partner", {"email_from": address, "partner_id": partner.id}),
            ("mailing.test.partner.unstored", {"email_from": "anna@identity.test"}),
            ("mailing.performance", {"email_from": address}),
            ("mailing.performance.blacklist", {"email_from": "bad"}),
            ("mailing.test.utm", {"name": "No address at all"}),
        ):
            with self.subTest(model=model, vals=vals):
                record = self._model(model).create(vals)
                found = record._message_get_default_recipients()[record.id]
                emails = self.Partner.browse(found["partner_ids"]).mapped("email")
                sent_to = email_normalize(
                    emails[0] if emails else found["email_to"], strict=False
                )
                self.assertEqual(self._rows(record)[record.id][1], sent_to or None)

    def test_queries_do_not_grow_with_records(self):
        def count(records):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            rows = self.Profile.resolve(records._name, records.ids)
            self.assertEqual(len(rows), len(records))
            return self.env.cr.sql_log_count - before

        Lead = self._model("crm.lead")
        counts = []
        for size in (1, 10, 300):
            leads = Lead.create(
                [
                    {"name": "x", "email_from": f"l{size}.{i}@q.test"}
                    for i in range(size)
                ]
            )
            counts.append((count(leads), count(leads)))
        self.assertEqual(counts[1], counts[2])  # the first fills Odoo's caches
