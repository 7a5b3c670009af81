from copy import copy
from dataclasses import replace
from decimal import Decimal

from odoo import models

from odoo.addons.mass_mailing_contact_strategy.core.windows import Window

HALF = {"day": (12, "hour"), "week": (84, "hour"), "month": (15, "day")}
"""Half of one; half of an hour cannot be said."""
TERMS = {
    "max_touches": "max",
    "min_touches": "min",
    "max_cost": "cost",
    "window_value": "value",
    "window_unit": "unit",
}
"""What the values are called in ``_terms``."""


class ContactPolicyRule(models.Model):
    """What if a rule were a little looser?"""

    _inherit = "contact.policy.rule"

    def _get_looser(self):
        """What the rule would say if it allowed one step more: one message more of a
        number, for everybody where it depends on the person; half the time between two
        messages; half as much money again. Override for other kinds of rules.

        :return: dict of values; empty: there is no next step
        :rtype: dict
        """
        self.ensure_one()
        if self.rule_type == "cap" and self.has_maximum:
            return {"max_touches": self.max_touches + 1}
        if self.rule_type == "adaptive":
            return {
                "min_touches": self.min_touches + 1,
                "max_touches": self.max_touches + 1,
            }
        if self.rule_type == "cost" and not self.cost_share:
            cost = self.currency_id.round(self.max_cost * 1.5)
            return {"max_cost": cost} if cost > self.max_cost else {}
        if self.rule_type in ("gap", "apart"):
            return self._get_half()
        return {}

    def _get_half(self):
        """Half the time of the rule; empty: it cannot be said."""
        value, unit = self.window_value, self.window_unit
        if not value % 2:
            return {"window_value": value // 2}
        if unit not in HALF:
            return {}
        half, smaller = HALF[unit]
        return {"window_value": value * half, "window_unit": smaller}

    def _say_looser(self):
        """The looser rule in words; False: there is none."""
        self.ensure_one()
        looser = self._get_looser()
        if not looser:
            return False
        terms = {TERMS[name]: value for name, value in looser.items()}
        return self._say({**self._terms(), **terms})

    def _loosen(self, plan):
        """The same questions, those of this rule one step looser.

        :param Plan plan: of the engine
        :return: Plan, or None: there is no next step
        """
        self.ensure_one()
        looser = self._get_looser()
        if not looser:
            return None
        other = copy(plan)
        other.items = [self._loosen_item(item, looser) for item in plan.items]
        return other

    def _loosen_item(self, item, looser):
        question = item.question
        if question.rule_id != self.id or not item.counted:
            return item
        window = Window(
            looser.get("window_value", self.window_value),
            looser.get("window_unit", self.window_unit),
            question.counted.window.kind,
        )
        maximum = question.maximum
        if "max_cost" in looser:
            maximum = Decimal(str(looser["max_cost"]))
        elif "max_touches" in looser:
            maximum += looser["max_touches"] - self.max_touches
        question = replace(
            question,
            maximum=maximum,
            counted=question.counted._replace(window=window),
        )
        return replace(item, asked=replace(item.asked, question=question))
