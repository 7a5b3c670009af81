from unittest.mock import patch

from psycopg2.errors import SerializationFailure

from odoo.sql_db import db_connect
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from .test_identity import IdentityCommon


@tagged("post_install", "-at_install")
class TestIdentityInstall(IdentityCommon):
    def _snapshot(self):
        self.env.flush_all()
        return [
            self.env.execute_query(SQL(query))
            for query in (
                "SELECT id, partner_id, email_normalized, name FROM contact_profile"
                " ORDER BY id",
                "SELECT id, profile_id FROM res_partner ORDER BY id",
                "SELECT id, profile_id FROM mailing_contact ORDER BY id",
            )
        ]

    def test_install_gives_everybody_a_profile(self):
        partners = self.Partner.create(
            [
                {"name": "Company", "email": "x@identity.test", "is_company": True},
                {"name": "Person", "email": "x@identity.test"},
                {"name": "Archived", "active": False},
            ]
        )
        contacts = self.Contact.create(
            [
                {"email": "x@identity.test"},
                {"email": "new@identity.test"},
                {"email": "NEW@identity.test", "name": "New"},
                {"name": "Nobody"},
            ]
        )
        self.env.flush_all()
        self.env.cr.execute("UPDATE res_partner SET profile_id = NULL")
        self.env.cr.execute("UPDATE mailing_contact SET profile_id = NULL")
        self.env.cr.execute("DELETE FROM contact_profile")
        self.env.invalidate_all()
        self.Profile._install_profiles()
        for partner in self.Partner.with_context(active_test=False).search([]):
            self.assertEqual(partner.profile_id.partner_id, partner)
        self.assertEqual(contacts[0].profile_id, partners[1].profile_id)
        self.assertEqual(contacts[1].profile_id, contacts[2].profile_id)
        self.assertRecordValues(
            contacts[1].profile_id,
            [{"name": "New", "email_normalized": "new@identity.test"}],
        )
        self.assertFalse(contacts[3].profile_id)

    def test_twice_changes_nothing(self):
        self._create_partner()
        self._create_contact()
        self._create_contact("new@identity.test")
        self.Profile._install_profiles()
        before = self._snapshot()
        self.Profile._install_profiles()
        self.assertEqual(self._snapshot(), before)

    def test_catching_up_after_other_modules(self):
        """Their data files may run before this addon is loaded."""
        partner = self._create_partner()
        partner.profile_id.unlink()
        with patch.object(self.registry, "updated_modules", []):
            self.Profile._register_hook()
        self.assertFalse(partner.profile_id)
        with patch.object(self.registry, "updated_modules", ["event"]):
            self.Profile._register_hook()
        self.assertEqual(partner.profile_id.partner_id, partner)

    def test_install_adopts(self):
        profile = self._create_contact().profile_id
        partner = self._create_partner(email=False)
        partner.profile_id.unlink()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_partner SET email_normalized = %s WHERE id = %s",
            ["anna@identity.test", partner.id],
        )
        self.env.invalidate_all()
        self.Profile._install_profiles()
        self.assertEqual(partner.profile_id, profile)

    def test_queries_of_create_do_not_grow_with_the_batch(self):
        """Odoo itself writes a hundred rows in a query; no query is per record."""

        def count(model, size):
            vals_list = [
                {"name": f"{model} {i}", "email": f"{i}.{size}@{model}.test"}
                for i in range(size)
            ]
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            Model = self.env[model].with_context(tracking_disable=True)
            records = Model.create(vals_list)
            self.env.flush_all()
            self.assertEqual(len(records.profile_id), size)
            return self.env.cr.sql_log_count - before

        for model in ("res.partner", "mailing.contact"):
            count(model, 1)
            few, many = count(model, 10), count(model, 210)
            self.assertLess(many - few, 15, f"{model}: {few} and {many} queries")

    def test_same_new_address_from_two_transactions(self):
        """Whoever comes second is told to try again, and then finds the first's."""
        email = "concurrent@identity.test"
        first, second = self._open_transaction(), self._open_transaction()
        second.cr.execute("SELECT FROM contact_profile LIMIT 1")  # takes its snapshot
        mine = first["contact.profile"]._profiles_by_email({email}, create=True)
        self.addCleanup(self._delete_committed, first, mine[email])
        first.cr.commit()
        Profile = second["contact.profile"]
        with self.assertRaises(SerializationFailure), mute_logger("odoo.sql_db"):
            Profile._profiles_by_email({email}, create=True)
        second.cr.rollback()
        self.assertEqual(Profile._profiles_by_email({email}, create=True), mine)

    def _open_transaction(self):
        """A cursor of its own, unlike those of the registry during tests."""
        cr = db_connect(self.env.cr.dbname).cursor()
        self.addCleanup(cr.close)
        return self.env(cr=cr)

    def _delete_committed(self, env, profile_id):
        env.cr.rollback()
        env.cr.execute("DELETE FROM contact_profile WHERE id = %s", [profile_id])
        env.cr.commit()
