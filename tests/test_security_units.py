from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .common import DAY, NOW
from .test_security import SecurityCase


@tagged("post_install", "-at_install")
class TestSecurityBusinessUnits(SecurityCase):
    """What another unit sent counts, and stays with the other unit."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.unit = cls.env["res.company"].create({"name": "Unit"})
        cls.secret = cls._create_mailing(
            cls.person.partner_id, subject="Secret takeover", company_id=cls.unit.id
        )
        cls.foreign_touch = cls._create_touch(
            cls.person,
            NOW - 2 * DAY,
            company_id=cls.unit.id,
            mailing_id=cls.secret.id,
            note="Secret note",
        )
        cls.touch.unlink()
        cls.touch = cls.foreign_touch
        cls.records["contact.touch"] = cls._create_touch(cls.person, NOW - 30 * DAY)

    def _as(self, login):
        return self.users[login]

    def test_foreign_touches_count_but_are_not_named(self):
        for login in ("mailing", "user", "manager"):
            with self.subTest(login=login):
                (answer,) = (
                    self.person.with_user(self._as(login))
                    .with_company(self.env.company)
                    .check_contact("email", at=NOW)
                )
                self.assertEqual(answer["decision"], "defer")
                self.assertEqual(answer["next_allowed"], NOW + 5 * DAY)
                message = answer["reasons"][0]["message"]
                self.assertNotIn("Secret", message)
                self.assertIn("another business unit", message)

    def test_who_belongs_to_the_unit_reads_the_name(self):
        user = self._as("mailing")
        user.company_ids += self.unit
        (answer,) = (
            self.person.with_user(user)
            .with_context(allowed_company_ids=[self.env.company.id, self.unit.id])
            .check_contact("email", at=NOW)
        )
        self.assertIn("Secret takeover", answer["reasons"][0]["message"])

    def test_foreign_touches_and_holds_are_not_found(self):
        foreign_hold = self._create_hold(
            mailing_id=self.secret.id, company_id=self.unit.id
        )
        for login in ("mailing", "user", "manager"):
            user = self._as(login)
            with self.subTest(login=login):
                for record in (self.foreign_touch, foreign_hold):
                    Model = self.env[record._name].with_user(user)
                    self.assertFalse(Model.search([("id", "in", record.ids)]))
                    with self.assertRaises(AccessError):
                        record.with_user(user).read(["display_name"])

    def test_a_person_moves_to_a_new_unit(self):
        """Their touches are no longer found, also if there was one unit before."""
        user = self._as("manager")
        user.company_ids = self.env["res.company"].search([])
        asked = self.records["contact.touch"].with_user(user)
        own = {"allowed_company_ids": user.company_ids.ids}
        Touch = asked.browse().with_context(**own)
        self.assertEqual(Touch.search([("id", "=", asked.id)]).ids, asked.ids)
        unit = self.env["res.company"].create({"name": "Brand new", "active": False})
        self.person.company_id = unit
        self.env.flush_all()
        self.assertFalse(Touch.search([("id", "=", asked.id)]))

    def test_reach_is_the_same_in_lists_and_in_memory(self):
        """People of the units in use and of none; asked either way, and negated."""
        main = self.env.company
        people = {
            "none": self._create_person("none"),
            "mine": self._create_person("mine", company_id=main.id),
            "theirs": self._create_person("theirs", company_id=self.unit.id),
        }
        touches = {
            name: self._create_touch(person, NOW - DAY)
            for name, person in people.items()
        }
        everything = self.env["contact.touch"].union(*touches.values())
        for units, names in (
            (main, {"none", "mine"}),
            (self.unit, {"none", "theirs"}),
            (main + self.unit, {"none", "mine", "theirs"}),
        ):
            asked = everything.with_context(allowed_company_ids=units.ids)
            reached = asked.browse().union(*(touches[name] for name in names))
            for domain, expected in (
                ([("is_in_reach", "=", True)], reached),
                ([("is_in_reach", "!=", True)], asked - reached),
                ([("is_in_reach", "in", [True, False])], asked),
            ):
                with self.subTest(units=units.ids, domain=domain):
                    found = asked.search([("id", "in", asked.ids), *domain])
                    self.assertEqual(set(found.ids), set(expected.ids))
                    kept = asked.filtered_domain(domain)
                    self.assertEqual(set(kept.ids), set(expected.ids))

    def test_foreign_mailings_are_not_found(self):
        """Neither their words nor their numbers."""
        trace = self.env["mailing.trace"].create(
            {
                "mass_mailing_id": self.secret.id,
                "model": "res.partner",
                "res_id": self.person.partner_id.id,
                "email": self.person.email_normalized,
            }
        )
        user = self._as("mailing")
        for record in (self.secret, trace):
            Model = self.env[record._name].with_user(user)
            self.assertFalse(Model.search([("id", "in", record.ids)]))
            with self.assertRaises(AccessError):
                record.with_user(user).read(["display_name"])
        user.company_ids += self.unit
        Mailing = self.env["mailing.mailing"].with_user(user)
        Mailing = Mailing.with_context(allowed_company_ids=user.company_ids.ids)
        self.assertEqual(Mailing.search([("id", "in", self.secret.ids)]), self.secret)

    def test_a_hold_names_no_foreign_touch(self):
        """Its form opens, and tells no secret."""
        hold = self._create_hold(
            mailing_id=self.mailing.id,
            res_id=self.person.partner_id.id + 1,
            touch_ids=[Command.set(self.foreign_touch.ids)],
            company_id=self.env.company.id,
        )
        hold.facts = {
            "tz": "UTC",
            "tz_source": "utc",
            "policy": self.policy.id,
            "rules": [
                {
                    "rule": self.policy.rule_ids.id,
                    "policy": self.policy.id,
                    "terms": self.policy.rule_ids._terms(),
                    "touches": self.foreign_touch.ids,
                    "next": "2026-05-17 09:00:00",
                    "note": None,
                }
            ],
        }
        self.env.flush_all()
        self.env.invalidate_all()
        asked = hold.with_user(self._as("user"))
        (values,) = asked.web_read(
            {"reason": {}, "touch_ids": {"fields": {"display_name": {}}}}
        )
        self.assertIn("another business unit", values["reason"])
        self.assertNotIn("Secret", str(values))

    def test_profiles_and_policies_of_another_unit(self):
        person = self._create_person("theirs", company_id=self.unit.id)
        policy = self._create_policy(self._cap(3), company_id=self.unit.id)
        for login in ("mailing", "user", "manager"):
            with self.subTest(login=login):
                for record in (person, policy, policy.rule_ids):
                    Model = self.env[record._name].with_user(self._as(login))
                    self.assertFalse(Model.search([("id", "in", record.ids)]))
                with self.assertRaises(AccessError):
                    person.with_user(self._as(login)).check_contact("email")

    def test_name_of_a_foreign_policy_that_binds(self):
        """Its rule is said, its other facts are not read."""
        self.policy.company_id = self.unit
        user = self._as("manager")
        user.company_ids += self.unit
        # Not looked at now.
        elsewhere = {"allowed_company_ids": self.env.company.ids}
        (answer,) = (
            self.person.with_user(user)
            .with_context(**elsewhere)
            .check_contact("email", at=NOW, company=self.unit)
        )
        self.assertEqual(answer["decision"], "defer")
        with self.assertRaises(AccessError):
            self.policy.with_user(user).with_context(**elsewhere).name = "Mine now"
        with self.assertRaises(AccessError):
            rule = self.policy.rule_ids.with_user(user).with_context(**elsewhere)
            rule.max_touches = 9

    def test_manager_cannot_move_a_rule_into_a_foreign_policy(self):
        foreign = self._create_policy(company_id=self.unit.id)
        user = self._as("manager")
        with self.assertRaises(AccessError):
            self.policy.rule_ids.with_user(user).policy_id = foreign
        with self.assertRaises(AccessError):
            self.env["contact.policy.rule"].with_user(user).create(
                {**self._cap(), "policy_id": foreign.id}
            )
