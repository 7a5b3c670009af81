from odoo.tests import tagged

from .common import DAY, HOUR, NOW, StrategyCase


@tagged("post_install", "-at_install")
class TestEngagementResponse(StrategyCase):
    """How often we have written since the person last answered."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.anna, cls.bea = cls._create_person("anna"), cls._create_person("bea")
        cls.touches = [cls._create_touch(cls.anna, NOW - n * DAY) for n in (9, 5, 1)]

    def assertSends(self, profile, number):
        self.env.invalidate_all()
        self.assertEqual(profile.sends_since_response, number)
        Profile = self.env["contact.profile"]
        everybody = self.anna + self.bea
        for comparison, value, found in (
            ("=", number, True),
            ("!=", number, False),
            (">=", number, True),
            (">", number, False),
            ("<=", number, True),
            ("<", number, False),
            (">=", number + 1, False),
            ("in", [number, 99], True),
            ("not in", [number], False),
        ):
            domain = [("sends_since_response", comparison, value)]
            people = Profile.search([("id", "in", everybody.ids), *domain])
            self.assertEqual(profile in people, found, domain)
            self.assertEqual(everybody.filtered_domain(domain), people, domain)

    def test_never_answered(self):
        self.assertSends(self.anna, 3)
        self.assertSends(self.bea, 0)

    def test_since_the_answer_not_since_the_message(self):
        self.touches[0].write({"clicked": True, "clicked_date": NOW - 2 * DAY})
        self.assertSends(self.anna, 1)
        self.touches[0].clicked_date = NOW - 9 * DAY + HOUR
        self.assertSends(self.anna, 2)
        self.touches[2].write({"replied": True, "replied_date": NOW})
        self.assertSends(self.anna, 0)

    def test_without_a_moment_the_message_s_own(self):
        self.touches[1].converted = True
        self.assertSends(self.anna, 1)

    def test_what_is_an_answer_is_a_setting(self):
        self.touches[2].write({"opened": True, "opened_date": NOW})
        self.touches[1].write({"clicked": True, "clicked_date": NOW - 5 * DAY})
        self.assertSends(self.anna, 1)
        Settings = self.env["res.config.settings"]
        settings = Settings.create({})
        self.assertFalse(settings.contact_positive_opened)
        self.assertTrue(settings.contact_positive_clicked)
        settings.contact_positive_opened = True
        settings.set_values()
        self.assertSends(self.anna, 0)
        names = [f"contact_positive_{k}" for k in ("opened", "clicked", "replied")]
        settings = Settings.create(dict.fromkeys(names, False))
        settings.set_values()
        self.assertSends(self.anna, 3)
        settings.contact_positive_converted = False
        settings.set_values()
        self.assertSends(self.anna, 3)
        self.assertFalse(Settings.create({}).contact_positive_clicked)

    def test_what_does_not_count(self):
        for vals in ({"state": "failed"}, {"counts": False}, {"state": "released"}):
            self._create_touch(self.bea, NOW, **vals)
        self.assertSends(self.bea, 0)
        self._create_touch(self.bea, NOW)
        self.assertSends(self.bea, 1)

    def test_other_business_units(self):
        unit = self.env["res.company"].create({"name": "Unit"})
        self._create_touch(self.anna, NOW, company_id=unit.id)
        user = self._create_user("mailer", "mass_mailing.group_mass_mailing_user")
        self.assertEqual(self.anna.with_user(user).sends_since_response, 3)
        found = self.env["contact.profile"].with_user(user)
        self.assertIn(self.anna, found.search([("sends_since_response", "=", 3)]))
        self.assertEqual(self.anna.sudo().sends_since_response, 4)

    def test_one_query_for_everybody(self):
        people = self._create_partners(20).profile_id
        for person in people:
            self._create_touch(person, NOW)
        self.env.flush_all()
        self.env.invalidate_all()
        people = people.browse(people.ids)
        self.assertEqual(self.bea.sends_since_response, 0)  # the setting is known
        with self.assertQueryCount(1):
            self.assertEqual(sum(people.mapped("sends_since_response")), 20)
