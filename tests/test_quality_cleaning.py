from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import Form, tagged
from odoo.tools import SQL, mute_logger

from .quality_common import QualityCase


@tagged("post_install", "-at_install")
class TestQualityCleaning(QualityCase):
    """Who may be one and the same person, and what users do about it."""

    def test_twins(self):
        other = self._create_good(name=" anna  BERG", email="anna.berg@home.test")
        twin = other.profile_id
        self.assertFaults(twin, "duplicate")
        self.assertFaults(self.anna, "duplicate")
        other.name = "Anna Bergen"
        self.assertFaults(twin)
        self.Profile._cron_check_quality()
        self.assertFaults(self.anna)

    def test_no_twins(self):
        for vals in (
            {"name": "Anders Berg"},  # one inbox for two
            {"email": "anna@strategy.test"},
        ):
            other = self._create_good(**vals)
            self.assertFaults(other.profile_id)
            self.assertFaults(self.anna)
            other.unlink()
        self.partner.email = "info@strategy.test"
        other = self._create_good(email="info@home.test")
        self.assertFaults(other.profile_id, "role_address")
        other.email = "info@strategy.test"
        self.assertFaults(other.profile_id, "role_address", "duplicate")

    def test_twins_by_phone(self):
        if "phone_sanitized" not in self.env["res.partner"]._fields:
            self.skipTest("phone_validation is not installed")
        self.partner.phone = "+4722334455"
        other = self._create_good(email="a@home.test", phone="+47 22 33 44 55")
        self.assertFaults(other.profile_id, "duplicate")
        self.assertFaults(self.anna, "duplicate")

    def test_twins_that_are_archived_or_elsewhere(self):
        other = self._create_good(email="anna.berg@home.test")
        self.assertFaults(self.anna, "duplicate")
        other.profile_id.active = False
        self.assertFaults(self.anna)
        self.assertFaults(other.profile_id)
        other.profile_id.active = True
        units = self.env["res.company"].create([{"name": "A"}, {"name": "B"}])
        self.partner.company_id, other.company_id = units
        self.assertFaults(self.anna)

    def test_merged_twins(self):
        other = self._create_good(email="anna.berg@home.test")
        action = self.anna.action_merge_people()
        self.assertEqual(
            set(action["context"]["active_ids"]), {self.partner.id, other.id}
        )
        wizard = Form(self.env[action["res_model"]].with_context(action["context"]))
        with mute_logger("odoo.models.unlink", "odoo.addons.base.partner.merge"):
            wizard.save().action_merge()
        left = (self.partner + other).exists()
        self.assertEqual(len(left), 1)
        self.assertFaults(left.profile_id)
        with self.assertRaisesRegex(UserError, "one and the same"):
            left.profile_id.action_merge_people()

    def test_archived_people(self):
        user = self._create_user(
            "cleaner",
            "base.group_partner_manager",
            "mass_mailing.group_mass_mailing_user",
        )
        self.anna.with_user(user).action_archive_people()
        self.assertFalse(self.anna.active)
        self.assertFalse(self.partner.active)

    def test_twins_are_found_by_an_index(self):
        self.env.flush_all()
        self.cr.execute("SET LOCAL enable_seqscan = off")
        plans = []
        execute = type(self.env).execute_query

        def explain(env, query):
            plans.extend(execute(env, SQL("EXPLAIN %s", query)))
            return execute(env, query)

        with patch.object(type(self.env), "execute_query", explain):
            self.Profile._with_twins(self.anna.ids)
        plan = "\n".join(line for (line,) in plans)
        self.assertIn("Index", plan)
        self.assertNotIn("Seq Scan", plan)
