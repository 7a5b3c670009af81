from unittest.mock import patch

from dateutil.relativedelta import relativedelta

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import Form, tagged
from odoo.tools import SQL

from .common import ADDON
from .quality_common import QualityCase


@tagged("post_install", "-at_install")
class TestQualityChecks(QualityCase):
    """How good the data about a person is, and what is wrong."""

    def test_nothing_is_wrong(self):
        self.assertFaults(self.anna)
        self.assertEqual(self.anna.quality_score, 100)

    def test_all_checks_are_shipped(self):
        checks = self.env["contact.quality.check"].search([])
        self.assertEqual(
            set(checks.mapped("code")), set(self.Profile._get_quality_faults())
        )
        with self.assertRaisesRegex(ValidationError, "Nothing is known"):
            checks.create({"name": "Mine", "code": "mine"})

    def test_names(self):
        for name in ("anna@strategy.test", "Anna <anna@strategy.test>"):
            self.partner.name = name
            self.assertFaults(self.anna, "no_name")
        self.partner.name = "Anna"
        self.assertFaults(self.anna)
        contact = self.env["mailing.contact"].create({"email": "list@strategy.test"})
        self._precommit()
        self.assertIn("no_name", self._faults(contact.profile_id))
        contact.name = "Somebody"
        self._precommit()
        self.assertNotIn("no_name", self._faults(contact.profile_id))
        delivery = self.env["res.partner"].create(
            {"parent_id": self.partner.id, "type": "delivery", "city": "Oslo"}
        )
        self._precommit()
        self.assertNotIn("no_name", self._faults(delivery.profile_id))

    def test_language(self):
        self.partner.lang = False
        self.anna.lang = False
        self.assertFaults(self.anna, "no_lang")

    def test_addresses(self):
        for email, faults in (
            ("anna@localhost", ["invalid_email"]),
            ("anna@strategy..test", ["invalid_email"]),
            ("not an address", ["invalid_email", "no_address"]),
            (" ", ["no_address"]),
            (False, ["no_address"]),
            ("Info@strategy.test", ["role_address"]),
            ("sales+spring@strategy.test", ["role_address"]),
            ("infante@strategy.test", []),
            ("anna@mail.xn--p1ai", []),
        ):
            with self.subTest(email=email):
                self.partner.email = email
                self.assertFaults(self.anna, *faults)

    def test_a_phone_is_an_address(self):
        if "phone_sanitized" not in self.env["res.partner"]._fields:
            self.skipTest("phone_validation is not installed")
        self.partner.write({"email": False, "phone": "+4722334455"})
        self.assertFaults(self.anna)

    def test_bounces(self):
        self.partner._message_receive_bounce(self.partner.email, self.partner)
        self.assertFaults(self.anna, "bounced")
        self.partner._message_reset_bounce(self.partner.email)
        self.assertFaults(self.anna)
        contact = self.env["mailing.contact"].create(
            {"email": self.partner.email, "message_bounce": 2}
        )
        self.assertEqual(contact.profile_id, self.anna)
        self.assertFaults(self.anna, "bounced")

    def _age(self, months):
        """Everything is so old."""
        then = fields.Datetime.now() - relativedelta(months=months, days=1)
        self.env.flush_all()
        for table in ("contact_profile", "res_partner", "mailing_contact"):
            self.cr.execute(
                SQL("UPDATE %s SET create_date = %s", SQL.identifier(table), then)
            )
        self.env.invalidate_all()
        return then

    def test_stale(self):
        then = self._age(24)
        self.Profile._refresh_quality(self.anna.ids)
        self.assertFaults(self.anna, "stale")
        self.anna.consent_date = then.date()
        self.assertFaults(self.anna, "stale")
        self.anna.action_confirm_data()
        self.assertEqual(self.anna.confirmed_date, fields.Date.context_today(self.anna))
        self.assertFaults(self.anna)
        self.anna.confirmed_date = False
        self.assertFaults(self.anna, "stale")
        self._tag(self.anna, self._create_tag("Boats"), "implicit")
        self.assertFaults(self.anna, "stale")
        self._tag(self.anna, self._create_tag("Tents"))
        self.assertFaults(self.anna)

    def test_who_said_the_persona_is_not_stale(self):
        self._age(24)
        self.anna.persona_id = self._create_persona()
        self.assertFaults(self.anna)

    def test_how_old_is_stale_is_a_setting(self):
        self._age(13)
        self.Profile._refresh_quality(self.anna.ids)
        self.assertFaults(self.anna)
        self.env["res.config.settings"].create(
            {"contact_quality_stale_months": 12}
        ).set_values()
        self.Profile._refresh_quality(self.anna.ids)
        self.assertFaults(self.anna, "stale")

    def test_consent(self):
        self.anna.consent_basis = "none"
        self.assertFaults(self.anna, "no_basis")
        self.anna.write({"consent_basis": False, "consent_source": " "})
        self.assertFaults(self.anna, "no_basis", "no_source")
        self.anna.consent_basis = "customer"
        self.assertFaults(self.anna, "no_source")

    def test_users_see_at_once_what_their_edit_has_changed(self):
        user = self._create_user("editor", "mass_mailing.group_mass_mailing_user")
        self.anna.consent_basis = False
        self.assertEqual(self._faults(self.anna), {"no_basis"})
        with Form(
            self.anna.with_user(user), f"{ADDON}.contact_profile_view_form"
        ) as form:
            form.tz = "Europe/Oslo"
        self.anna.with_user(user).write({"consent_basis": "consent"})
        self.assertEqual(self.anna.quality_score, 100)

    def test_checks_that_are_off_and_points(self):
        self.anna.consent_basis = False
        check = self.env.ref(f"{ADDON}.contact_quality_check_no_basis")
        check.points = 33
        self.Profile._cron_check_quality()
        self.assertEqual(self.anna.quality_score, 67)
        self.assertEqual(
            self.Profile.search(check.action_view_people()["domain"]) & self.anna,
            self.anna,
        )
        self.assertGreaterEqual(check.profile_count, 1)
        check.active = False
        self.Profile._cron_check_quality()
        self.assertEqual(self.anna.quality_score, 100)
        self.env["contact.quality.check"].search([]).active = False
        self.Profile._refresh_quality(self.anna.ids)
        self.assertEqual(self.anna.quality_score, 100)

    def test_never_below_nothing(self):
        self.env["contact.quality.check"].search([]).points = 80
        self.anna.write({"consent_basis": False, "consent_source": False})
        self.Profile._refresh_quality(self.anna.ids)
        self.assertEqual(self.anna.quality_score, 0)

    def test_only_differences_are_written(self):
        self.assertFalse(self.Profile._refresh_quality(self.anna.ids))
        self.anna.consent_basis = False
        self.assertFalse(self.Profile._refresh_quality(self.anna.ids))

    def test_queries_do_not_grow_with_people(self):
        people = self._people(20)
        self.Profile._refresh_quality(self.anna.ids)
        counts = []
        for some in (people[:2], people[2:]):
            self.env.flush_all()
            before = self.cr.sql_log_count
            self.assertEqual(self.Profile._refresh_quality(some.ids), some)
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])

    def test_an_edit_costs_the_same_for_all(self):
        people = self._create_partners(30)
        self._precommit()
        counts = []
        for some in (people[:1], people[1:3], people[3:]):
            some.write({"lang": False})
            self.env.flush_all()
            before = self.cr.sql_log_count
            self.env.cr.flush()
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])

    def test_an_import_of_very_many_is_left_to_the_cron(self):
        walk = f"odoo.addons.{ADDON}.models.insight.contact_profile_walk.LARGE"
        cron = self.env.ref(f"{ADDON}.ir_cron_walk_quality")
        before = self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)])
        with patch(walk, 1):
            self.partner.lang = False
            self._create_partners(2)
            self._precommit()
        self.assertFalse(self._faults(self.anna))
        after = self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)])
        self.assertEqual(after, before + 1)
