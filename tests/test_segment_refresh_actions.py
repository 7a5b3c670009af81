from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .common import DAY, NOW
from .segment_member_common import MembersCase

GROUP = "mass_mailing_contact_strategy.mass_mailing_contact_strategy_group_"


@tagged("post_install", "-at_install")
class TestSegmentActions(MembersCase):
    """What happens when somebody enters or leaves."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = cls._people(4)
        cls._score(cls.people, 40, 30, 20, 10)

    def _action(self, code, model="contact.profile"):
        return self.env["ir.actions.server"].create(
            {
                "name": "Note it",
                "model_id": self.env["ir.model"]._get_id(model),
                "state": "code",
                "code": code,
            }
        )

    def _noting(self, what):
        return self._action(
            "env['ir.config_parameter'].set_param('segment.note', "
            f"'{what} %s: %s' % (segment.name, sorted(records.ids)))"
        )

    def _note(self):
        return self.env["ir.config_parameter"].get_param("segment.note")

    def _kept(self, **vals):
        domain = [("engagement_score", ">=", 20), *self._of(self.people)]
        return self._segment("High", domain, kind="refreshed", **vals)

    def test_runs_once_for_all_who_entered(self):
        segment = self._kept(enter_action_ids=self._noting("in").ids)
        self.assertFalse(segment.error)
        self.assertEqual(self._note(), f"in High: {self.people[:3].ids}")
        self._score(self.people[3], 99)
        segment._refresh(NOW + DAY, full=True)
        self.assertEqual(self._note(), f"in High: {self.people[3].ids}")

    def test_runs_for_those_who_left(self):
        segment = self._kept(exit_action_ids=self._noting("out").ids)
        self.assertFalse(self._note())
        self._score(self.people[:2], 0, 0)
        segment._refresh(NOW + DAY, full=True)
        self.assertEqual(self._note(), f"out High: {self.people[:2].ids}")

    def test_being_cut_is_leaving(self):
        segment = self._kept(
            exit_action_ids=self._noting("out").ids,
            max_members=2,
            rank_path="engagement_score",
        )
        self._score(self.people[3], 99)
        segment._refresh(NOW + DAY, full=True)
        self.assertEqual(self._note(), f"out High: {self.people[1].ids}")

    def test_an_error_does_not_lose_the_membership(self):
        failing = self._action("records.write({'name': 'x'}); raise UserError('no')")
        segment = self._kept(enter_action_ids=(failing | self._noting("in")).ids)
        self.assertEqual(self._in(segment), self.people[:3])
        self.assertIn("no", segment.error)
        self.assertNotIn("x", self.people.mapped("name"), "its work is undone")
        self.assertTrue(self._note(), "the next action runs")

    def test_only_about_people(self):
        with self.assertRaises(ValidationError):
            self._kept(enter_action_ids=self._action("pass", "res.partner").ids)

    def test_only_managers_choose_actions(self):
        segment = self._kept()
        values = {"enter_action_ids": [Command.set(self._noting("in").ids)]}
        user = self._create_user("plain", f"{GROUP}user")
        with self.assertRaises(AccessError):
            segment.with_user(user).write(values)
        with self.assertRaises(AccessError):
            segment.with_user(user).read(["enter_action_ids"])
        manager = self._create_user("boss", f"{GROUP}manager")
        segment.with_user(manager).write(values)
        self.assertTrue(segment.enter_action_ids)

    def test_runs_whoever_refreshes(self):
        segment = self._kept(enter_action_ids=self._noting("in").ids)
        self._score(self.people[3], 99)
        user = self._create_user("plain", f"{GROUP}user")
        segment.with_user(user).action_refresh()
        self.assertFalse(segment.error)
        self.assertEqual(self._note(), f"in High: {self.people[3].ids}")

    def test_a_copy_does_nothing_by_itself(self):
        segment = self._kept(enter_action_ids=self._noting("in").ids)
        self.assertFalse(segment.copy().enter_action_ids)


@tagged("post_install", "-at_install")
class TestSegmentAutomation(MembersCase):
    """Odoo's own automation rules, where they are installed."""

    def setUp(self):
        super().setUp()
        if "base.automation" not in self.env:
            self.skipTest("needs base_automation")
        self.people = self._people(3)
        self._score(self.people, 30, 30, 10)

    def _rule(self, **vals):
        rule = self.env["base.automation"].create(
            {
                "name": "Welcome",
                "model_id": self.env["ir.model"]._get_id("contact.segment.member"),
                "trigger": "on_create_or_write",
                **vals,
            }
        )
        self.env["ir.actions.server"].create(
            {
                "name": "Welcome",
                "base_automation_id": rule.id,
                "model_id": rule.model_id.id,
                "state": "code",
                "usage": "base_automation",
                "code": "records.profile_id.write({'own_tz': 'Asia/Tokyo'})",
            }
        )
        return rule

    def _told(self):
        self.env.invalidate_all()
        return self.people.filtered(lambda person: person.own_tz == "Asia/Tokyo")

    def _kept(self):
        domain = [("engagement_score", ">=", 20), *self._of(self.people)]
        return self._segment("High", domain, kind="refreshed")

    def test_entering_is_creating(self):
        self._rule()
        self._kept()
        self.assertEqual(self._told(), self.people[:2])

    def test_leaving_is_writing(self):
        self._rule(
            filter_pre_domain="[('until', '=', False)]",
            filter_domain="[('until', '!=', False)]",
        )
        segment = self._kept()
        self.assertFalse(self._told())
        self._score(self.people[:1], 0)
        segment._refresh(NOW + DAY, full=True)
        self.assertEqual(self._told(), self.people[0])

    def test_a_rule_that_fails_is_noted(self):
        rule = self._rule()
        rule.action_server_ids.code = "raise UserError('no')"
        segment = self._kept()
        self.assertIn("no", segment.error)
        self.assertEqual(self._in(segment), self.people[:2])
