from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .common import ADDON, DAY, NOW, StrategyCase

MODELS = {
    # model: operations (Create Read Write Delete) of user, manager
    "contact.profile": ("RW", "CRWD"),
    "contact.channel": ("R", "CRWD"),
    "contact.category": ("R", "CRWD"),
    "contact.touch": ("CR", "CRW"),
    "contact.hold": ("R", "RW"),
    "contact.policy": ("R", "CRWD"),
    "contact.policy.rule": ("R", "CRWD"),
    "contact.preflight": ("CRWD", "CRWD"),
    "contact.preflight.line": ("CRWD", "CRWD"),
}
OPERATIONS = {"C": "create", "R": "read", "W": "write", "D": "unlink"}
PEOPLE = {
    # login: (groups, which column of MODELS; None: nothing)
    "portal": (("base.group_portal",), None),
    "internal": (("base.group_user",), None),
    "contacts": (("base.group_user", "base.group_partner_manager"), None),
    "mailing": (("base.group_user", "mass_mailing.group_mass_mailing_user"), 0),
    "user": (("base.group_user", f"{ADDON}.{ADDON}_group_user"), 0),
    "manager": (("base.group_user", f"{ADDON}.{ADDON}_group_manager"), 1),
}


class SecurityCase(StrategyCase):
    line = {"kind": "later", "label": "A rule", "count": 1}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {}
        for login, (groups, _column) in PEOPLE.items():
            cls.users[login] = cls.env["res.users"].create(
                {
                    "name": login,
                    "login": f"security_{login}",
                    "group_ids": [
                        Command.set([cls.env.ref(group).id for group in groups])
                    ],
                }
            )
        cls.person = cls._create_person()
        cls.touch = cls._create_touch(cls.person, NOW - DAY)
        cls.policy = cls._create_policy(cls._cap(1))
        cls.mailing = cls._create_mailing(cls.person.partner_id)
        cls.hold = cls._create_hold()
        cls.preflight = cls.env["contact.preflight"].create(
            {"mailing_id": cls.mailing.id, "line_ids": [Command.create(cls.line)]}
        )
        cls.records = {
            "contact.profile": cls.person,
            "contact.channel": cls.email,
            "contact.category": cls.newsletter,
            "contact.touch": cls.touch,
            "contact.hold": cls.hold,
            "contact.policy": cls.policy,
            "contact.policy.rule": cls.policy.rule_ids,
            "contact.preflight": cls.preflight,
            "contact.preflight.line": cls.preflight.line_ids,
        }

    @classmethod
    def _create_hold(cls, **vals):
        return cls.env["contact.hold"].create(
            {
                "mailing_id": cls.mailing.id,
                "profile_id": cls.person.id,
                "res_model": "res.partner",
                "res_id": cls.person.partner_id.id,
                "date": NOW,
                "decision": "defer",
                "state": "deferred",
                "next_allowed": NOW + 6 * DAY,
                "touch_ids": [Command.set(cls.touch.ids)],
                **vals,
            }
        )


@tagged("post_install", "-at_install")
class TestSecurity(SecurityCase):
    def test_every_model_is_in_the_table(self):
        ours = {
            model.model
            for model in self.env["ir.model"].search([("model", "=like", "contact.%")])
            if not self.env[model.model]._abstract
        }
        self.assertEqual(ours, set(MODELS))

    def test_every_model_group_and_operation(self):
        for model, allowed in MODELS.items():
            for login, (_groups, column) in PEOPLE.items():
                may = "" if column is None else allowed[column]
                Model = self.env[model].with_user(self.users[login])
                for letter, operation in OPERATIONS.items():
                    with self.subTest(model=model, login=login, operation=operation):
                        self.assertEqual(Model.has_access(operation), letter in may)

    def test_records_may_be_read_where_the_table_says(self):
        """Through all their fields, as a form does."""
        for model, record in self.records.items():
            self.assertTrue(record, model)
            for login, (_groups, column) in PEOPLE.items():
                with self.subTest(model=model, login=login):
                    asked = record.with_user(self.users[login])
                    asked.invalidate_recordset()
                    if column is None:
                        with self.assertRaises(AccessError):
                            asked.read(["id", "display_name"])
                    else:
                        names = [
                            name
                            for name, field in asked._fields.items()
                            if not field.inherited
                            and asked._has_field_access(field, "read")
                        ]
                        self.assertTrue(asked.read(names))

    def test_administrator_of_the_system_manages_the_strategy(self):
        admin = self.env.ref("base.user_admin")
        for model, (_user, manager) in MODELS.items():
            for letter in manager:
                operation = OPERATIONS[letter]
                self.assertTrue(self.env[model].with_user(admin).has_access(operation))

    def test_server_actions_stay_closed(self):
        """Users of the strategy read the actions of rules, and no others."""
        foreign = self.env["ir.actions.server"].create(
            {
                "name": "Foreign",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "state": "code",
                "code": "secret = 1",
            }
        )
        own = self.policy.rule_ids.action_server_id
        for login in ("mailing", "user", "manager"):
            Action = self.env["ir.actions.server"].with_user(self.users[login])
            with self.subTest(login=login):
                found = Action.search([("id", "in", (foreign + own).ids)])
                self.assertEqual(found, own)
                for operation in ("create", "write", "unlink"):
                    self.assertFalse(Action.has_access(operation))
                with self.assertRaises(AccessError):
                    own.with_user(self.users[login]).read(["code"])
                with self.assertRaises(AccessError):
                    foreign.with_user(self.users[login]).read(["name"])
        admin = self.env.ref("base.user_admin")
        Action = self.env["ir.actions.server"].with_user(admin)
        self.assertEqual(Action.search([("id", "=", foreign.id)]), foreign)

    def test_manager_writes_a_policy_with_rules(self):
        policy = (
            self.env["contact.policy"]
            .with_user(self.users["manager"])
            .create({"name": "Mine", "rule_ids": [Command.create(self._cap(2))]})
        )
        policy.rule_ids.max_touches = 3
        policy.rule_ids.name = "Three"
        self.assertIn("At most 3", policy.summary)
        policy.copy().unlink()
        policy.unlink()

    def test_user_cannot_change_the_strategy(self):
        for login in ("mailing", "user"):
            user = self.users[login]
            for record, vals in (
                (self.policy, {"active": False}),
                (self.policy.rule_ids, {"max_touches": 99}),
                (self.newsletter, {"obeys_caps": False}),
                (self.touch, {"counts": False}),
                (self.hold, {"state": "sent"}),
            ):
                with (
                    self.subTest(login=login, record=record),
                    self.assertRaises(AccessError),
                ):
                    record.with_user(user).write(vals)
            with self.assertRaises(AccessError):
                self.hold.with_user(user).action_decide_again()


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
        (answer,) = self.person.with_user(user).check_contact(
            "email", at=NOW, company=self.unit
        )
        self.assertEqual(answer["decision"], "defer")
        with self.assertRaises(AccessError):
            self.policy.with_user(user).write({"name": "Mine now"})
        with self.assertRaises(AccessError):
            self.policy.rule_ids.with_user(user).write({"max_touches": 9})

    def test_manager_cannot_move_a_rule_into_a_foreign_policy(self):
        foreign = self._create_policy(company_id=self.unit.id)
        user = self._as("manager")
        with self.assertRaises(AccessError):
            self.policy.rule_ids.with_user(user).policy_id = foreign
        with self.assertRaises(AccessError):
            self.env["contact.policy.rule"].with_user(user).create(
                {**self._cap(), "policy_id": foreign.id}
            )
