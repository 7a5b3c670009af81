from copy import copy
from dataclasses import replace

from odoo import models

from odoo.addons.mass_mailing_contact_strategy.core.windows import Window

HALF = {"day": (12, "hour"), "week": (84, "hour"), "month": (15, "day")}
"""Half of one; half of an hour cannot be said."""


class ContactPolicyRule(models.Model):
    """What if a rule were a little looser?"""

    _inherit = "contact.policy.rule"

    def _get_looser(self):
        """What the rule would say if it allowed one step more: one message more of a
        number, half the time of a gap. Override for other kinds of rules.

        :return: dict of values; empty: there is no next step
        :rtype: dict
        """
        self.ensure_one()
        if self.rule_type == "cap" and self.has_maximum:
            return {"max_touches": self.max_touches + 1}
        if self.rule_type != "gap":
            return {}
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
        terms = {
            **self._terms(),
            "max": looser.get("max_touches", self.max_touches),
            "value": looser.get("window_value", self.window_value),
            "unit": looser.get("window_unit", self.window_unit),
        }
        return self._say(terms)

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
        question = replace(
            question,
            maximum=looser.get("max_touches", question.maximum),
            counted=question.counted._replace(window=window),
        )
        return replace(item, asked=replace(item.asked, question=question))
