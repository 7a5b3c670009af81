from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.mass_mailing_contact_strategy.models.ledger.contact_touch_year import (
    SUMS,
)

from .common import ADDON, DAY, NOW
from .test_ledger_fold import OLD, FoldCase


@tagged("post_install", "-at_install")
class TestLedgerFoldRules(FoldCase):
    """Who needs old touches, and whom their sums belong to."""

    # ------------------------------------------------------------
    # The time that is set, and rules that look back
    # ------------------------------------------------------------

    def test_rule_that_looks_back_too_far(self):
        self._keep(13)
        self._create_policy(self._cap(2, 12, "month"))
        with self.assertRaisesRegex(ValidationError, "13 months.*24 months"):
            self._create_policy(self._cap(2, 24, "month"), sequence=2)
        rule = self._create_policy(self._cap(2, 1, "month"), sequence=3).rule_ids
        with self.assertRaisesRegex(ValidationError, "13 months"):
            rule.window_value = 13

    def test_shorter_time_than_a_rule_needs(self):
        policy = self._create_policy(self._cap(2, 12, "month"))
        for months in (1, 6, 12):
            with self.assertRaisesRegex(ValidationError, "12 months"):
                self._keep(months)
        policy.action_archive()
        policy.rule_ids.action_archive()
        with self.assertRaises(ValidationError):
            self._keep(12)
        with self.assertRaises(ValidationError):
            self._keep(-1)
        self._keep(13)
        self.assertEqual(self.Touch._kept_months(), 13)
        self._keep(0)
        self.assertEqual(self.Touch._kept_months(), 0)

    def test_rule_about_touches_that_are_gone(self):
        """Keeping touches longer does not bring them back."""
        self._send_long_ago(self._create_partners(1))
        self._keep(0)
        self._create_policy(self._cap(2, 12, "month"))
        with self.assertRaisesRegex(ValidationError, "sums per year"):
            self._create_policy(self._cap(2, 24, "month"), sequence=2)
        self._go_to(NOW + 720 * DAY)
        self._create_policy(self._cap(2, 24, "month"), sequence=2)

    # ------------------------------------------------------------
    # People, kinds, business units
    # ------------------------------------------------------------

    def test_merging_people_adds_their_sums(self):
        partners = self._create_partners(3)
        people = partners.profile_id
        self._random_touches(people, 60, 5)
        self._keep(2)
        self._fold_all()
        before = self._sums(people)
        expected = {}
        for key, values in before.items():
            total = expected.setdefault(key[1:], [0] * len(SUMS))
            expected[key[1:]] = [
                a + b for a, b in zip(total, values[: len(SUMS)], strict=True)
            ]
        people[1:]._merge_into(people[0])
        after = self._sums(people)
        self.assertEqual({key[0] for key in after}, {people[0].id})
        self.assertEqual(
            {key[1:]: list(values[: len(SUMS)]) for key, values in after.items()},
            expected,
        )

    def test_history_keeps_its_person_channel_and_kind(self):
        person = self._create_person()
        channel = self.email.copy({"code": "pigeon", "name": "Pigeon"})
        category = self.newsletter.copy({"code": "gazette"})
        self._create_touch(person, OLD, channel_id=channel.id, category_id=category.id)
        self._keep(2)
        self._fold_all()
        self.assertFalse(person.touch_ids)
        for record in (person, channel, category):
            with self.assertRaises(UserError):
                record.unlink()
        partner = person.partner_id
        partner.unlink()
        self.assertTrue(person.exists())

    def test_summary_on_the_profile(self):
        person = self._create_person()
        self.assertFalse(person.touch_year_summary)
        for index in range(4):
            self._create_touch(person, OLD - index * DAY, opened=index < 3)
        self._create_touch(person, OLD, channel_id=self.call.id)
        self._create_touch(person, NOW - DAY)
        self._keep(13)
        self._fold_all()
        self.assertEqual(
            person.touch_year_summary,
            "Before 12 April 2025: 4 e-mails, 3 opened; 1 call",
        )
        self.assertEqual(person.touch_count, 1)
        found = self.env["contact.profile"].search(
            [("touch_year_ids", "!=", False), ("id", "=", person.id)]
        )
        self.assertEqual(found, person)

    def test_sums_of_other_business_units_stay_unseen(self):
        other = self.env["res.company"].create({"name": "Other"})
        user = self._create_user("years", f"{ADDON}.{ADDON}_group_user")
        person = self._create_person()
        for company in (self.env.company, other):
            self._create_touch(person, OLD, company_id=company.id)
        self._keep(13)
        self._fold_all()
        rows = self.Year.search([("profile_id", "=", person.id)])
        self.assertEqual(len(rows), 2)
        seen = self.Year.with_user(user).search([("profile_id", "=", person.id)])
        self.assertEqual(seen.company_id, self.env.company)
        self.assertIn(": 1 e-mail", person.with_user(user).touch_year_summary)
        with self.assertRaises(AccessError):
            (rows - seen).with_user(user).read(["sent_count"])
        with self.assertRaises(AccessError):
            seen.write({"sent_count": 0})
