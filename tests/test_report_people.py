from ast import literal_eval

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common import DAY, HOUR, NOW
from .report_common import ReportCase


@tagged("post_install", "-at_install")
class TestReportPeople(ReportCase):
    """The long view of people, and who is forgotten."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for days in (400, 300, 10):
            cls._create_touch(cls.anna, NOW - days * DAY)
        cls._create_touch(
            cls.ben,
            NOW - 100 * DAY,
            clicked=True,
            clicked_date=NOW - 99 * DAY,
        )
        cls._create_touch(cls.ben, NOW - 30 * DAY)
        cls._create_touch(cls.ben, NOW - DAY, category_id=cls.transactional.id)
        cls.env.flush_all()

    def _fold(self, profile, *days, company=False, answered=None):
        """What remains of touches of so many days ago."""
        year = self.env["contact.touch.year"].create(
            {
                "profile_id": profile.id,
                "year": 2020,
                "channel_id": self.email.id,
                "company_id": company and company.id,
            }
        )
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE contact_touch_year SET counted_dates = %s::timestamp[],"
            " clicked_last = %s WHERE id = %s",
            [[NOW - count * DAY for count in days], answered, year.id],
        )
        self.env.invalidate_all()

    def assertLong(self, profile, total, mean, silence, unanswered, answered):
        self.assertEqual(profile.touch_total, total)
        self.assertEqual(profile.touch_year_mean, mean)
        self.assertEqual(profile.longest_silence, silence)
        self.assertEqual(profile.unanswered_years, unanswered)
        self.assertEqual(profile.has_answered, answered)

    def test_long_view(self):
        self.assertLong(self.anna, 3, 2.7, 290, 1.1, False)
        self.assertLong(self.ben, 2, 2, 70, 0.3, True)
        self.assertLong(self.cid, 0, 0, 0, 0, False)

    def test_silence_until_today(self):
        self._create_touch(self.cid, NOW - 50 * DAY)
        self._create_touch(self.cid, NOW - 45 * DAY)
        self.assertEqual(self.cid.longest_silence, 45)

    def test_folded_years(self):
        """What was folded is history as well."""
        self._fold(self.anna, 2000, 1990, answered=NOW - 1900 * DAY)
        self.assertLong(self.anna, 5, 0.9, 1590, 5.2, True)

    def test_search_is_what_is_shown(self):
        self._fold(self.ben, 900, 800)
        for name in (
            *("touch_total", "touch_year_mean", "longest_silence"),
            "unanswered_years",
        ):
            for value in {0, 1, *self.people.mapped(name)}:
                for compared, fits in (
                    (">", lambda one, two: one > two),
                    (">=", lambda one, two: one >= two),
                    ("<", lambda one, two: one < two),
                    ("<=", lambda one, two: one <= two),
                    ("=", lambda one, two: one == two),
                    ("!=", lambda one, two: one != two),
                ):
                    with self.subTest(name=name, value=value, compared=compared):
                        found = self.people.search(
                            [("id", "in", self.people.ids), (name, compared, value)]
                        )
                        self.assertEqual(
                            found,
                            self.people.filtered(
                                lambda p, fits=fits, name=name, value=value: fits(
                                    p[name], value
                                )
                            ),
                        )

    def test_search_answered(self):
        mine = [("id", "in", self.people.ids)]
        search = self.people.search
        self.assertEqual(search([*mine, ("has_answered", "=", True)]), self.ben)
        self.assertEqual(
            search([*mine, ("has_answered", "=", False)]), self.anna + self.cid
        )

    def test_other_units(self):
        """What they sent is no part of the long view of others."""
        self._create_touch(
            self.anna, NOW - 800 * DAY, company_id=self.unit.id, clicked=True
        )
        self._fold(self.anna, 900, company=self.unit)
        anna = self.anna.with_user(self.user)
        self.assertLong(anna, 3, 2.7, 290, 1.1, False)
        self.assertFalse(anna.search([("id", "=", anna.id), ("touch_total", ">", 3)]))

    def test_policies_do_not_ask_it(self):
        """They are asked across all business units: whom they fit would tell."""
        manager = self._create_user(
            "policy writer",
            "mass_mailing_contact_strategy.mass_mailing_contact_strategy_group_manager",
        )
        for name in ("touch_total", "quiet_days"):
            with self.assertRaises(ValidationError):
                self.env["contact.policy"].with_user(manager).create(
                    {"name": "Oracle", "domain": repr([(name, ">", 3)])}
                )

    def test_quiet(self):
        self.assertEqual(self.people.mapped("quiet_days"), [10, 30, 0])
        for compared, days, found in (
            (">=", 30, self.ben + self.cid),
            (">", 30, self.cid),
            (">", 29, self.ben + self.cid),
            ("<", 30, self.anna),
            ("<=", 30, self.anna + self.ben),
            (">=", 10, self.people),
            (">=", 31, self.cid),
        ):
            with self.subTest(compared=compared, days=days):
                domain = [("quiet_days", compared, days)]
                self.assertEqual(
                    self.people.search([("id", "in", self.people.ids), *domain]), found
                )

    def _mailable(self):
        self.env.flush_all()
        self.env.invalidate_all()
        found = self.people.search(
            [("id", "in", self.people.ids), ("is_mailable", "=", True)]
        )
        self.assertEqual(found, self.people.filtered("is_mailable"))
        return found

    def test_mailable(self):
        self.assertEqual(self._mailable(), self.people)
        entry = self.env["mail.blacklist"].create({"email": self.anna.email_normalized})
        self.assertEqual(self._mailable(), self.ben + self.cid)
        entry.active = False
        self.ben.consent_basis = "none"
        self.assertEqual(self._mailable(), self.anna + self.cid)
        self.ben.consent_basis = False
        self.cid.is_seed = True
        self.assertEqual(self._mailable(), self.anna + self.ben)
        self.cid.is_seed = False
        self.cid.partner_id.email = False
        self.assertEqual(self._mailable(), self.anna + self.ben)

    def test_mailable_by_wish(self):
        wish = self.env["contact.wish"].create({"profile_id": self.anna.id})
        for values, allowed in (
            ({"is_stopped": True}, False),
            ({"is_stopped": False, "paused_until": NOW + HOUR}, False),
            ({"paused_until": NOW - HOUR}, True),
            ({"refused_channel_ids": self.sms.ids}, True),
            ({"refused_channel_ids": self.email.ids}, False),
        ):
            with self.subTest(values=values):
                wish.write(values)
                self.assertEqual(self.anna in self._mailable(), allowed)

    def test_write_to_contacts(self):
        action = (self.anna + self.ben).action_write_to()
        context = action["context"]
        model = self.env["ir.model"].browse(context["default_mailing_model_id"])
        self.assertEqual(model.model, "res.partner")
        self.assertEqual(
            self.env["res.partner"].search(
                literal_eval(context["default_mailing_domain"])
            ),
            (self.anna + self.ben).partner_id,
        )

    def test_write_to_mailing_contacts(self):
        contact = self.env["mailing.contact"].create({"email": "eve@strategy.test"})
        context = contact.profile_id.action_write_to()["context"]
        model = self.env["ir.model"].browse(context["default_mailing_model_id"])
        self.assertEqual(model.model, "mailing.contact")
        self.assertIn(str(contact.id), context["default_mailing_domain"])
        with self.assertRaises(UserError):
            (contact.profile_id + self.anna).action_write_to()
