from psycopg2 import IntegrityError

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.base.tests.common import BaseCommon


class IdentityCommon(BaseCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Profile = cls.env["contact.profile"]
        cls.Partner = cls.env["res.partner"]
        cls.Contact = cls.env["mailing.contact"]

    def _create_partner(self, name="Anna", email="anna@identity.test", **vals):
        return self.Partner.create({"name": name, "email": email, **vals})

    def _create_contact(self, email="anna@identity.test", **vals):
        return self.Contact.create({"email": email, **vals})

    def _resolve_one(self, record):
        return self.Profile.resolve(record._name, record.ids).get(record.id)


@tagged("post_install", "-at_install")
class TestIdentity(IdentityCommon):
    def test_partner_has_a_profile_at_once(self):
        partner = self._create_partner(email='"Anna" <ANNA@identity.test>')
        self.assertRecordValues(
            partner.profile_id,
            [
                {
                    "partner_id": partner.id,
                    "name": "Anna",
                    "email_normalized": "anna@identity.test",
                    "commercial_partner_id": partner.id,
                    "active": True,
                    "is_seed": False,
                }
            ],
        )

    def test_partner_without_address_has_a_profile(self):
        partner = self._create_partner(email=False)
        self.assertTrue(partner.profile_id)
        self.assertEqual(self._resolve_one(partner), partner.profile_id.id)

    def test_partners_with_one_address_stay_two_people(self):
        partners = self.Partner.create(
            [{"name": name, "email": "anna@identity.test"} for name in ("A", "B")]
        )
        self.assertEqual(len(partners.profile_id), 2)

    def test_copied_partner_is_somebody_else(self):
        partner = self._create_partner()
        self.assertNotEqual(partner.copy().profile_id, partner.profile_id)

    def test_mailing_contacts_of_one_address_share_a_profile(self):
        contacts = self.Contact.create(
            [
                {"name": "Anna", "email": "anna@identity.test"},
                {"name": "Other", "email": "Anna B <ANNA@identity.test>"},
                {"name": "Nobody"},
            ]
        )
        self.assertEqual(contacts[0].profile_id, contacts[1].profile_id)
        self.assertEqual(contacts[0].profile_id.name, "Anna")
        self.assertFalse(contacts[0].profile_id.partner_id)
        self.assertFalse(contacts[2].profile_id)

    def test_second_partner_less_profile_is_refused(self):
        self._create_contact()
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self.Profile.create({"email_normalized": "ANNA@identity.test"})

    def test_link_of_a_partner_cannot_be_written(self):
        partner, other = self._create_partner(), self._create_partner("Other")
        profile = partner.profile_id
        partner.write({"profile_id": other.profile_id.id})
        self.assertEqual(partner.profile_id, profile)

    def test_new_partner_adopts_the_waiting_profile(self):
        contact = self._create_contact(name="Ann from the list")
        profile = contact.profile_id
        partner = self._create_partner(tz="Europe/Oslo")
        self.assertEqual(partner.profile_id, profile)
        self.assertEqual(contact.profile_id, profile)
        self.assertRecordValues(
            profile,
            [{"partner_id": partner.id, "name": "Anna", "tz": "Europe/Oslo"}],
        )

    def test_only_one_of_a_batch_adopts_and_a_person_first(self):
        profile = self._create_contact().profile_id
        company, person, other = self.Partner.create(
            [
                {
                    "name": name,
                    "email": "anna@identity.test",
                    "is_company": name == "Company",
                }
                for name in ("Company", "Person", "Other")
            ]
        )
        self.assertEqual(person.profile_id, profile)
        self.assertEqual(len((company + person + other).profile_id), 3)

    def test_contact_prefers_a_person_then_the_oldest(self):
        company = self._create_partner("Company", is_company=True)
        contact = self._create_contact()
        self.assertEqual(contact.profile_id, company.profile_id)
        person = self._create_partner("Person")
        self._create_partner("Younger")
        self.assertEqual(contact.profile_id, person.profile_id)
        self.assertEqual(self._resolve_one(contact), person.profile_id.id)

    def test_contact_prefers_a_partner_in_use(self):
        person = self._create_partner("Person")
        company = self._create_partner("Company", is_company=True)
        contact = self._create_contact()
        person.action_archive()
        self.assertEqual(contact.profile_id, company.profile_id)
        person.action_unarchive()
        self.assertEqual(contact.profile_id, person.profile_id)

    def test_archived_partner_keeps_profile_and_address(self):
        partner = self._create_partner()
        profile = partner.profile_id
        partner.action_archive()
        self.assertEqual(self._create_contact().profile_id, profile)
        self.assertEqual(profile.partner_id, partner)

    def test_person_becomes_company(self):
        first = self._create_partner("First")
        second = self._create_partner("Second")
        contact = self._create_contact()
        self.assertEqual(contact.profile_id, first.profile_id)
        first.is_company = True
        self.assertEqual(contact.profile_id, second.profile_id)

    def test_time_zone_follows_the_partner_until_chosen(self):
        partner = self._create_partner(tz="Europe/Oslo")
        profile = partner.profile_id
        partner.tz = "Europe/Paris"
        self.assertEqual(profile.tz, "Europe/Paris")
        profile.tz = "Asia/Tokyo"
        partner.tz = "Europe/Rome"
        self.assertEqual(profile.tz, "Asia/Tokyo")

    def test_profile_follows_name_language_and_business_unit(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        partner = self._create_partner()
        partner.write(
            {"name": "Berg", "lang": "fr_FR", "company_id": self.env.company.id}
        )
        self.assertRecordValues(
            partner.profile_id,
            [{"name": "Berg", "lang": "fr_FR", "company_id": self.env.company.id}],
        )

    def test_sql_says_what_the_computed_fields_say(self):
        parent = self._create_partner("Berg AS", email=False, is_company=True)
        partners = self.Partner.create(
            [
                {"name": "Anna", "email": "anna@identity.test", "parent_id": parent.id},
                {"type": "invoice", "parent_id": parent.id},
                {"name": "Phone", "phone": "+47 22 86 44 00", "tz": "Europe/Oslo"},
            ]
        )
        contact = self._create_contact("list@identity.test", name="List")
        profiles = (parent + partners).profile_id + contact.profile_id
        names = [name for name in profiles._fields if profiles._fields[name].compute]
        stored = [name for name in names if profiles._fields[name].store]
        before = profiles.read(stored)
        for name in stored:
            self.env.add_to_compute(profiles._fields[name], profiles)
        self.assertEqual(profiles.read(stored), before)

    def test_users_without_rights_make_contacts(self):
        user = self.env["res.users"].create(
            {
                "name": "Clerk",
                "login": "identity_clerk",
                "group_ids": [
                    (4, self.ref("base.group_user")),
                    (4, self.ref("base.group_partner_manager")),
                ],
            }
        )
        partner = self.Partner.with_user(user).create({"name": "By the clerk"})
        self.assertTrue(partner.sudo().profile_id)
        partner.email = "clerk@identity.test"
        self.assertEqual(
            partner.sudo().profile_id.email_normalized, "clerk@identity.test"
        )
        with self.assertRaises(AccessError):
            self.Profile.with_user(user).resolve("res.partner", partner.ids)
