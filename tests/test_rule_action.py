from psycopg2 import IntegrityError

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ADDON, StrategyCase


@tagged("post_install", "-at_install")
class TestRuleAction(StrategyCase):
    """A rule is a server action, and programs stay with administrators."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = cls._create_user(
            "strategy_manager", f"{ADDON}.{ADDON}_group_manager"
        )

    def test_programs_are_for_administrators(self):
        Policy = self.env["contact.policy"].with_user(self.manager)
        policy = Policy.create({"name": "By the manager"})
        Rule = self.env["contact.policy.rule"].with_user(self.manager)
        for vals in (
            self._code("recipients.hold(profiles)"),
            {"rule_type": "code"},
            self._cap(code="raise Warning()"),
        ):
            with self.subTest(vals=vals), self.assertRaises(AccessError):
                Rule.create({"policy_id": policy.id, **vals})
        rule = Rule.create({"policy_id": policy.id, **self._cap()})
        for vals in ({"rule_type": "code"}, {"code": "x = 1"}):
            with self.subTest(vals=vals), self.assertRaises(AccessError):
                rule.write(vals)
        self.assertFalse(rule.sudo().code)

    def test_a_rule_keeps_its_own_server_action(self):
        foreign = self.env["ir.actions.server"].create(
            {
                "name": "Foreign",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "state": "code",
                "code": "env['res.users'].search([])",
            }
        )
        rule = self._create_policy(self._cap()).rule_ids
        own = rule.action_server_id
        with self.assertRaises(AccessError):
            rule.with_user(self.manager).action_server_id = foreign
        rule.action_server_id = foreign
        self.assertEqual(rule.action_server_id, own)
        other = self.env["contact.policy.rule"].create(
            {
                **self._cap(5, 5),
                "policy_id": rule.policy_id.id,
                "action_server_id": foreign.id,
            }
        )
        self.assertNotEqual(other.action_server_id, foreign)

    def test_fields_of_the_server_action_cannot_be_smuggled_in(self):
        policy = self._create_policy()
        rule = (
            self.env["contact.policy.rule"]
            .with_user(self.manager)
            .create(
                {
                    **self._cap(),
                    "policy_id": policy.id,
                    "name": "Mine",
                    "state": "code",
                    "usage": "ir_actions_server",
                    "model_id": self.env["ir.model"]._get_id("res.users"),
                }
            )
        )
        action = rule.sudo().action_server_id
        self.assertRecordValues(
            action,
            [
                {
                    "name": "Mine",
                    "state": "contact_rule",
                    "usage": "mailing_presend",
                    "model_name": "contact.profile",
                }
            ],
        )
        rule.write({"state": "code", "usage": "ir_cron", "name": "Still mine"})
        self.assertEqual(action.state, "contact_rule")
        self.assertEqual(action.usage, "mailing_presend")
        self.assertEqual(action.name, "Still mine")

    def test_server_action_follows_its_rule(self):
        rule = self._create_policy(self._cap()).rule_ids
        action = rule.action_server_id
        self.assertEqual(action.usage, "mailing_presend")
        self.assertEqual(action.state, "contact_rule")
        rule.write({"rule_type": "code", "code": "pass"})
        self.assertEqual((action.state, action.code), ("code", "pass"))
        rule.rule_type = "cap"
        self.assertEqual(action.state, "contact_rule")
        rule.unlink()
        self.assertFalse(action.exists())

    def test_server_actions_go_with_their_policy(self):
        policy = self._create_policy(self._cap(), self._gap())
        actions = policy.rule_ids.action_server_id
        policy.unlink()
        self.assertFalse(actions.exists())

    @mute_logger("odoo.sql_db")
    def test_server_action_of_a_rule_cannot_be_deleted_alone(self):
        rule = self._create_policy(self._cap()).rule_ids
        with self.assertRaises(IntegrityError):
            rule.action_server_id.unlink()
        self.assertTrue(rule.exists())

    def test_copied_policy_has_rules_of_its_own(self):
        policy = self._create_policy(
            self._cap(3, channel_ids=self.email.ids),
            self._cap(False, 30),
            self._code("recipients.hold(profiles)"),
        )
        copy = policy.copy()
        self.assertNotEqual(copy.name, policy.name)
        self.assertRecordValues(
            copy.rule_ids,
            [
                {
                    "max_touches": rule.max_touches,
                    "has_maximum": rule.has_maximum,
                    "channel_ids": rule.channel_ids.ids,
                    "code": rule.code,
                    "state": rule.state,
                }
                for rule in policy.rule_ids
            ],
        )
        self.assertFalse(
            copy.rule_ids.action_server_id & policy.rule_ids.action_server_id
        )
