from odoo.tests import tagged

from .test_identity import IdentityCommon


@tagged("post_install", "-at_install")
class TestIdentityChange(IdentityCommon):
    """People move, merge and go; what is known about them stays theirs."""

    def _create_history(self, profile):
        """Something that happened; without the ledger a test address must do."""
        if "contact.touch" not in self.env:
            profile.is_seed = True
            return self.env["contact.profile"]
        return self.env["contact.touch"].create(
            {
                "profile_id": profile.id,
                "date": "2025-05-01 10:00:00",
                "state": "sent",
                "channel_id": self.env["contact.channel"].search([], limit=1).id,
            }
        )

    def _merge_partners(self, partners, target):
        wizard = self.env["base.partner.merge.automatic.wizard"].create(
            {"partner_ids": [(6, 0, partners.ids)], "dst_partner_id": target.id}
        )
        wizard.action_merge()

    def test_history_survives_a_change_of_address(self):
        partner = self._create_partner()
        profile = partner.profile_id
        partner.email = "New <NEW@identity.test>"
        self.assertEqual(partner.profile_id, profile)
        self.assertEqual(profile.email_normalized, "new@identity.test")
        partner.email = False
        self.assertFalse(profile.email_normalized)

    def test_the_old_address_becomes_somebody_else(self):
        partner = self._create_partner()
        contact = self._create_contact()
        partner.email = "new@identity.test"
        self.assertNotEqual(contact.profile_id, partner.profile_id)
        self.assertEqual(contact.profile_id.email_normalized, "anna@identity.test")
        contact.email = "new@identity.test"
        self.assertEqual(contact.profile_id, partner.profile_id)

    def test_partner_moving_to_a_waiting_address_takes_it_over(self):
        contact = self._create_contact("list@identity.test")
        waiting = contact.profile_id
        history = self._create_history(waiting)
        partner = self._create_partner()
        profile = partner.profile_id
        partner.email = "list@identity.test"
        self.assertFalse(waiting.exists())
        self.assertEqual(partner.profile_id, profile)
        self.assertEqual(contact.profile_id, profile)
        if history:
            self.assertEqual(history.profile_id, profile)
        else:
            self.assertTrue(profile.is_seed)

    def test_contact_moves_and_leaves_nothing_unused(self):
        contact = self._create_contact("one@identity.test")
        old = contact.profile_id
        contact.email = "two@identity.test"
        self.assertFalse(old.exists())
        self.assertEqual(contact.profile_id.email_normalized, "two@identity.test")
        contact.email = False
        self.assertFalse(contact.profile_id)

    def test_contact_moves_and_leaves_its_history(self):
        contact = self._create_contact("one@identity.test")
        old = contact.profile_id
        self._create_history(old)
        contact.email = "two@identity.test"
        self.assertTrue(old.exists())
        contact.email = "one@identity.test"
        self.assertEqual(contact.profile_id, old)

    def test_profile_is_named_after_its_first_named_contact(self):
        contact = self._create_contact()
        profile = contact.profile_id
        self.assertEqual(profile.name, "anna@identity.test")
        other = self._create_contact(name="Anna")
        self.assertEqual(profile.name, "Anna")
        other.name = "Anna Berg"
        self.assertEqual(profile.name, "Anna Berg")
        other.unlink()
        self.assertEqual(profile.name, "anna@identity.test")

    def test_last_contact_gone(self):
        contacts = self._create_contact() + self._create_contact()
        profile = contacts.profile_id
        contacts[0].unlink()
        self.assertTrue(profile.exists())
        contacts[1].unlink()
        self.assertFalse(profile.exists())

    def test_profile_outlives_its_partner(self):
        partner = self._create_partner()
        profile = partner.profile_id
        partner.unlink()
        self.assertTrue(profile.exists())
        self.assertFalse(profile.partner_id)
        self.assertEqual(profile.email_normalized, "anna@identity.test")
        self.assertEqual(profile.name, "anna@identity.test")
        again = self._create_partner("Anna again")
        self.assertEqual(again.profile_id, profile)

    def test_deleted_partners_of_one_address_become_one_profile(self):
        partners = self._create_partner() + self._create_partner("Twin")
        first, second = partners.profile_id
        history = self._create_history(second)
        partners.unlink()
        self.assertTrue(first.exists())
        self.assertFalse(second.exists())
        if history:
            self.assertEqual(history.profile_id, first)

    def test_deleted_person_hands_the_contact_to_the_company(self):
        company = self._create_partner("Company", is_company=True)
        person = self._create_partner()
        contact = self._create_contact()
        self.assertEqual(contact.profile_id, person.profile_id)
        person.unlink()
        self.assertEqual(contact.profile_id, company.profile_id)

    def test_deleted_partner_without_address_leaves_nothing(self):
        partner = self._create_partner(email=False)
        profile = partner.profile_id
        partner.unlink()
        self.assertFalse(profile.exists())

    def test_merging_partners_merges_profiles(self):
        source = self._create_partner()
        target = self._create_partner("Anna Berg")
        contact = self._create_contact()
        old, profile = source.profile_id, target.profile_id
        self.assertEqual(contact.profile_id, old)
        history = self._create_history(old)
        self._merge_partners(source + target, target)
        self.assertFalse(source.exists())
        self.assertFalse(old.exists())
        self.assertEqual(target.profile_id, profile)
        self.assertEqual(profile.partner_id, target)
        self.assertEqual(contact.profile_id, profile)
        if history:
            self.assertEqual(history.profile_id, profile)
        else:
            self.assertTrue(profile.is_seed)

    def test_merging_partners_with_different_addresses(self):
        source = self._create_partner(email="other@identity.test")
        target = self._create_partner(email=False)
        profile = target.profile_id
        contact = self._create_contact("other@identity.test")
        self._merge_partners(source + target, target)
        self.assertEqual(target.profile_id, profile)
        self.assertEqual(profile.email_normalized, "other@identity.test")
        self.assertEqual(contact.profile_id, profile)

    def test_merge_takes_the_partner_over(self):
        partner = self._create_partner(email=False)
        source = partner.profile_id
        target = self._create_contact().profile_id
        source._merge_into(target)
        self.assertEqual(target.partner_id, partner)
        self.assertEqual(partner.profile_id, target)
