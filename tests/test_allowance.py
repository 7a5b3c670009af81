from odoo.fields import Command
from odoo.tests import tagged

from .common import StrategyCase


@tagged("post_install", "-at_install")
class TestAllowance(StrategyCase):
    """May we write now, and how often still: what the page of a person says."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.now = cls.env.cr.now()
        cls.anna = cls._create_person("anna")
        cls.email.cost = 0.4
        cls.budget = {
            "rule_type": "cost",
            "max_cost": 20,
            "window_value": 12,
            "window_unit": "month",
            "currency_id": cls.env.company.currency_id.id,
        }

    def test_money(self):
        """What was spent on a person stands beside what may be spent."""
        self._create_policy(self.budget)
        self.assertIn("0.00 of", self._said())
        for _number in range(3):
            self._create_touch(self.anna, self.now, cost=0.4)
        said = self._said()
        self.assertIn("1.20", said)
        self.assertIn("20.00", said)
        self.assertIn("spent", said)

    def _said(self):
        self.anna.invalidate_recordset(["allowance_html"])
        return str(self.anna.allowance_html).replace("$", "").replace("\xa0", "")

    def test_nobody_else_is_told_money(self):
        """A policy that does not bind the person says nothing about it."""
        self._create_policy(
            self.budget, domain=repr([("id", "!=", self.anna.id)]), is_guard=True
        )
        self.assertNotIn("spent", self._said())

    def test_what_is_kept_is_not_left(self):
        unit = self.env["res.company"].create({"name": "Shop"})
        quota = {"company_id": unit.id, "touches": 2}
        self._create_policy(self._cap(3, 7, quota_ids=[Command.create(quota)]))
        self._create_touch(self.anna, self.now, company_id=unit.id)
        lines = self.anna._prepare_allowance_lines()[self.anna.id]
        self.assertEqual({(line["left"], line["maximum"]) for line in lines}, {(1, 3)})
