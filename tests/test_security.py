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
    "contact.touch.year": ("R", "R"),
    "contact.hold": ("R", "RW"),
    "contact.dose": ("R", "R"),
    "contact.handover": ("", ""),
    "contact.holdout": ("R", "R"),
    "contact.journey.balance": ("R", "R"),
    "contact.journey.move": ("R", "R"),
    "contact.journey.reach": ("R", "R"),
    "contact.journey.stage": ("R", "CRWD"),
    "contact.stage.move": ("CRWD", "CRWD"),
    "contact.persona": ("CRW", "CRWD"),
    "contact.persona.candidate": ("R", "R"),
    "contact.persona.change": ("R", "R"),
    "contact.quality.check": ("R", "CRWD"),
    "contact.segment": ("CRWD", "CRWD"),
    "contact.segment.condition": ("CRWD", "CRWD"),
    "contact.segment.member": ("R", "R"),
    "contact.segment.waterfall": ("CRWD", "CRWD"),
    "contact.signal": ("R", "CRWD"),
    "contact.signal.hit": ("R", "R"),
    "contact.override": ("R", "CRW"),
    "contact.policy": ("R", "CRWD"),
    "contact.policy.version": ("R", "R"),
    "contact.policy.rule": ("R", "CRWD"),
    "contact.policy.rule.date": ("R", "CRWD"),
    "contact.policy.rule.quota": ("R", "CRWD"),
    "contact.policy.rule.step": ("R", "CRWD"),
    "contact.policy.starter": ("", "CRWD"),
    "contact.policy.try": ("CRWD", "CRWD"),
    "contact.preflight": ("CRWD", "CRWD"),
    "contact.preflight.line": ("CRWD", "CRWD"),
    "contact.pressure": ("R", "R"),
    "contact.print.return": ("CRWD", "CRWD"),
    "contact.print.run": ("R", "R"),
    "contact.tag": ("CRW", "CRWD"),
    "contact.tag.assignment": ("CRW", "CRWD"),
    "contact.tag.dimension": ("R", "CRWD"),
    "contact.wish": ("R", "R"),
    "contact.wish.change": ("R", "R"),
    "contact.wish.revoke": ("CRWD", "CRWD"),
}
WORDS = {
    "contact.journey.stage",
    "contact.persona",
    "contact.tag",
    "contact.tag.dimension",
}
"""Everybody inside may read these: they say nothing of anybody."""
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
        cls.year = cls.env["contact.touch.year"].create(
            {
                "profile_id": cls.person.id,
                "channel_id": cls.email.id,
                "year": 2020,
                "sent_count": 1,
            }
        )
        cls.policy = cls._create_policy(cls._cap(1))
        cls.mailing = cls._create_mailing(cls.person.partner_id)
        cls.hold = cls._create_hold()
        cls.tag = cls.env.ref(f"{ADDON}.contact_tag_industry_energy")
        cls.known = cls.env["contact.tag.assignment"].create(
            {"profile_id": cls.person.id, "tag_id": cls.tag.id}
        )
        cls.preflight = cls.env["contact.preflight"].create(
            {"mailing_id": cls.mailing.id}
        )
        cls.preflight.line_ids = [Command.create(cls.line)]
        cls.records = {
            "contact.profile": cls.person,
            "contact.channel": cls.email,
            "contact.category": cls.newsletter,
            "contact.touch": cls.touch,
            "contact.touch.year": cls.year,
            "contact.hold": cls.hold,
            "contact.override": cls.env["contact.override"].create(
                {"profile_id": cls.person.id, "reason": "Recall"}
            ),
            "contact.policy": cls.policy,
            "contact.policy.rule": cls.policy.rule_ids,
            "contact.preflight": cls.preflight,
            "contact.preflight.line": cls.preflight.line_ids,
            "contact.tag": cls.tag,
            "contact.tag.assignment": cls.known,
            "contact.tag.dimension": cls.tag.dimension_id,
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
            for login, (groups, column) in PEOPLE.items():
                may = "" if column is None else allowed[column]
                if model in WORDS and "base.group_user" in groups:
                    may = may or "R"
                Model = self.env[model].with_user(self.users[login])
                for letter, operation in OPERATIONS.items():
                    with self.subTest(model=model, login=login, operation=operation):
                        self.assertEqual(Model.has_access(operation), letter in may)

    def test_records_may_be_read_where_the_table_says(self):
        """Through all their fields, as a form does."""
        for model, record in self.records.items():
            self.assertTrue(record, model)
            for login, (groups, column) in PEOPLE.items():
                with self.subTest(model=model, login=login):
                    asked = record.with_user(self.users[login])
                    self._ask_for_preview(login)
                    is_word = model in WORDS and "base.group_user" in groups
                    if column is None and not is_word:
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

    def _ask_for_preview(self, login):
        """Previews are seen by whoever asked for them."""
        self.env.flush_all()
        self.cr.execute(
            "UPDATE contact_preflight SET create_uid = %s", [self.users[login].id]
        )
        self.env.invalidate_all()

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
