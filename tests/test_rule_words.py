from odoo.fields import Command
from odoo.tests import tagged

from .rule_kinds_common import KindsCase

ONE = (
    ("hour", "one hour", "hour"),
    ("day", "one day", "day"),
    ("week", "one week", "week"),
    ("month", "one month", "month"),
)
"""Of each unit: alone ("at least one day"), and after "any"."""


@tagged("post_install", "-at_install")
class TestRuleWords(KindsCase):
    """Rules are read aloud: one of anything, capitals, and what becomes of whom."""

    def _ladder(self, *steps, **vals):
        steps = [Command.create(step) for step in steps]
        return self._rule("sunset", step_ids=steps, **vals)

    def test_ladder_is_one_sentence(self):
        """It begins with a capital letter, its steps do not."""
        rule = self._ladder(
            {"after_touches": 12, "window_value": 14},
            {"after_touches": 24, "effect": "pause", "window_value": 60},
            {"after_touches": 40, "after_days": 400, "effect": "stop"},
            channel_ids=self.email.ids,
        )
        self.assertEqual(
            rule.sentence,
            "After 12 touches without an answer: at least 14 days between two e-mails; "
            "after 24 touches without an answer: a pause of 60 days after each e-mail; "
            "after 40 touches or 400 days without an answer: no more e-mails until an "
            "answer; what comes too soon: wait until free",
        )

    def test_step_of_a_ladder(self):
        """The step that said no is a sentence by itself."""
        rule = self._ladder(
            {"after_touches": 1, "window_value": 1},
            {"after_days": 90, "effect": "stop"},
        )
        self.assertEqual(
            rule._say(rule._terms(), 1),
            "After 90 days without an answer: no more touches until an answer",
        )

    def test_end_of_a_ladder(self):
        """Where there is no pause, nobody waits."""
        rule = self._ladder({"after_touches": 12, "effect": "stop"})
        self.assertTrue(rule.sentence.endswith("no more touches until an answer"))

    def test_ladder_of_one(self):
        for unit, alone, _after in ONE:
            one = {"window_value": 1, "window_unit": unit}
            with self.subTest(unit=unit):
                rule = self._ladder(
                    {"after_touches": 2, **one},
                    {"after_touches": 4, "effect": "pause", **one},
                )
                self.assertIn(f"at least {alone} between two touches", rule.sentence)
                self.assertIn(f"a pause of {alone} after each touch", rule.sentence)

    def test_block_for_one(self):
        for unit, alone, _after in ONE:
            with self.subTest(unit=unit):
                rule = self._rule(
                    "block",
                    tag_ids=self.complaint.ids,
                    is_for_a_time=True,
                    window_value=1,
                    window_unit=unit,
                )
                said = f", until {alone} after it was last seen, otherwise"
                self.assertIn(said, rule.sentence)

    def test_apart_by_one(self):
        for unit, alone, _after in ONE:
            vals = {
                "category_ids": self.promotion.ids,
                "other_category_ids": self.service.ids,
                "window_value": 1,
                "window_unit": unit,
            }
            after = self.service.name
            with self.subTest(unit=unit):
                rule = self._rule("apart", **vals)
                self.assertIn(f"within {alone} after {after}", rule.sentence)
                rule.is_mutual = True
                self.assertIn(f"At least {alone} between", rule.sentence)

    def test_as_many_as_people_respond_to(self):
        for unit, _alone, after in ONE:
            vals = {"window_value": 1, "window_unit": unit}
            vals |= {"min_touches": 1, "max_touches": 3, "channel_ids": self.email.ids}
            with self.subTest(unit=unit):
                rule = self._rule("adaptive", **vals)
                said = "1 for silent, 1 for cold, 2 for warm, 3 for hot people"
                self.assertEqual(
                    rule.sentence.rsplit(", otherwise", 1)[0],
                    f"E-mails in any {after}: at most {said}",
                )
                rule.window_kind = "calendar"
                start = f"E-mails per calendar {after}: at most 1"
                self.assertTrue(rule.sentence.startswith(start))

    def test_quiet_hours_end(self):
        """There is no choice: what another type of rule had chosen is not said."""
        rule = self._rule("quiet", on_exceed="hold")
        self.assertTrue(rule.sentence.endswith("; messages wait until it is over"))
        self.assertNotIn("leave out", rule.sentence)

    def test_lines_of_several_rules(self):
        """One sees where the next one begins."""
        policy = self._create_policy(self._cap(), self._gap())
        lines = policy.summary.splitlines()
        self.assertEqual(lines, [f"• {rule.sentence}" for rule in policy.rule_ids])
        policy = self._create_policy(self._cap())
        self.assertEqual(policy.summary, policy.rule_ids.sentence)
