from datetime import date

from dateutil.relativedelta import relativedelta

from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .common import ADDON, DAY, HOUR, NOW
from .rule_kinds_common import KindsCase


@tagged("post_install", "-at_install")
class TestRuleDetails(KindsCase):
    """What belongs to one kind of rule stays away from the others."""

    # ------------------------------------------------------------
    # What is counted
    # ------------------------------------------------------------

    def test_people_are_counted_where_they_share_something(self):
        self._create_policy(self._cap(2, 7, count_what="people"))
        for days in (1, 2):
            self._create_touch(self.anna, NOW - days * DAY)
        self.assertDefer(self.anna, NOW + 5 * DAY)

    def test_something_is_kept_where_touches_are_counted(self):
        kept = {"company_id": self.env.company.id, "touches": 1}
        cap = self._cap(2, 7, quota_ids=[Command.create(kept)])
        rule = self._create_policy(cap).rule_ids
        self.assertIn("kept", rule._terms())
        rule.write({"count_per": "company", "count_what": "people"})
        self.assertNotIn("kept", rule._terms())
        rule.write({"rule_type": "gap", "count_what": "touches"})
        self.assertNotIn("kept", rule._terms())

    def test_no_maximum(self):
        for value in (False, None):
            rule = self._create_policy(self._cap(value)).rule_ids
            self.assertEqual((rule.max_touches, rule.has_maximum), (0, False))

    def test_apart_from_others_alone(self):
        """The others do not wait for all that is not theirs."""
        self.service.obeys_caps = True
        rule = self._rule("apart", other_category_ids=self.service.ids, window_value=3)
        touch = self._create_touch(self.anna, NOW - DAY, category_id=self.newsletter.id)
        self.assertSend(self.anna, category="service")
        self.assertSend(self.anna, category="promotion")
        rule.category_ids = self.promotion
        rule.is_mutual = True
        touch.category_id = self.promotion
        self.assertSend(self.anna, category="promotion")
        self.assertDefer(self.anna, NOW + 2 * DAY, category="service")

    # ------------------------------------------------------------
    # One step looser
    # ------------------------------------------------------------

    def test_looser(self):
        for vals, looser in (
            (self._cap(1), {"max_touches": 2}),
            (self._cap(False), {}),
            (self._gap(24, "hour"), {"window_value": 12}),
            (
                {"rule_type": "adaptive", "max_touches": 3},
                {"min_touches": 2, "max_touches": 4},
            ),
            ({"rule_type": "cost", "max_cost": 3}, {"max_cost": 4.5}),
            ({"rule_type": "cost", "max_cost": 0}, {}),
            ({"rule_type": "holdout", "holdout_share": 5}, {}),
        ):
            rule = self._create_policy(vals).rule_ids
            self.assertEqual(rule._get_looser(), looser)

    def test_looser_alone(self):
        """The other rules say what they said."""
        cap, gap = self._create_policy(self._cap(2, 7), self._gap(24)).rule_ids
        message = self.anna._message(self.email, self.newsletter, None)
        plan = self.env["contact.policy.engine"]._plan(message)
        for rule, expected in ((cap, {(3, 7), (1, 24)}), (gap, {(2, 7), (1, 12)})):
            questions = [item.question for item in rule._loosen(plan).items]
            found = {
                (question.maximum, question.counted.window.value)
                for question in questions
                if question.rule_id in (cap | gap).ids
            }
            self.assertEqual({(int(a), b) for a, b in found}, expected)

    def _is_refused(self, plan):
        people = self.env["contact.profile"]._find_people(
            "res.partner", self.anna.partner_id.ids
        )
        decision = self.env["contact.policy.engine"]._decide(plan, people, NOW)
        return bool(decision.refused())

    def test_looser_is_as_if_the_rule_said_so(self):
        """What is refused by the rule, and not by the looser one."""
        touch = self._create_touch(self.anna, NOW - 2 * DAY, cost=2)
        touch.category_id = self.promotion
        self.email.cost = 1
        message = self.anna._message(self.email, self.newsletter, None)
        plans = self.env["contact.policy.engine"]
        for kind, vals, words in (
            ("adaptive", {"min_touches": 1, "max_touches": 4}, "at most 2 for silent"),
            ("cost", {"max_cost": 2}, "3.00"),
            ("apart", {"other_category_ids": self.promotion.ids}, "36 hours"),
        ):
            with self.subTest(kind=kind):
                rule = self._rule(kind, window_value=3, **vals)
                plan = plans._plan(message)
                self.assertTrue(self._is_refused(plan))
                self.assertFalse(self._is_refused(rule._loosen(plan)))
                said = rule._say_looser()
                self.assertIn(words, said)
                rule.write(rule._get_looser())
                self.assertEqual(rule._say(rule._terms()), said)
                self.assertFalse(self._is_refused(plans._plan(message)))
                rule.policy_id.action_archive()

    # ------------------------------------------------------------
    # How far back
    # ------------------------------------------------------------

    def test_needed_since(self):
        """At least as long as the rule looks back, half a month more at most."""
        month = relativedelta(months=1)
        ladder = [
            Command.create({"after_touches": 1, "window_value": 14}),
            Command.create(
                {"after_touches": 2, "window_value": 3, "window_unit": "month"}
            ),
            Command.create(
                {"after_touches": 3, "window_value": 1, "window_unit": "week"}
            ),
            Command.create({"after_touches": 9, "effect": "stop"}),
        ]
        stop = [Command.create({"after_touches": 9, "effect": "stop"})]
        for vals, length in (
            (self._gap(1, "hour"), HOUR),
            (self._gap(3660, "day"), 3660 * DAY),
            ({"rule_type": "sunset", "step_ids": ladder}, 3 * month),
        ):
            needed = self._create_policy(vals).rule_ids._needed_since(NOW)
            self.assertLess(needed, NOW - length)
            self.assertGreater(needed, NOW - length - 15 * DAY)
        rule = self._create_policy({"rule_type": "sunset", "step_ids": stop}).rule_ids
        self.assertEqual(rule._needed_since(NOW), NOW)

    # ------------------------------------------------------------
    # Quiet dates, and the last minute
    # ------------------------------------------------------------

    def test_quiet_dates_in_words(self):
        first, last = date(2026, 12, 24), date(2026, 12, 26)
        for name, end, words in (
            ("", False, "on 12/24/2026,"),
            ("", first, "on 12/24/2026,"),
            ("Eve", False, "on Eve (12/24/2026),"),
            ("", last, "from 12/24/2026 to 12/26/2026,"),
            ("Xmas", last, "on Xmas (12/24/2026 to 12/26/2026),"),
        ):
            vals = {"name": name, "date_from": first, "date_to": end}
            rule = self._rule(
                "quiet", quiet_from=21, quiet_to=8, date_ids=[Command.create(vals)]
            )
            self.assertIn(f" or {words}", rule.sentence)

    def test_just_before_midnight(self):
        """A time that would round to the next day is the last minute of this one."""
        rule = self._rule("quiet", quiet_from=12, quiet_to=23.9999)
        self.assertEqual(rule._terms()["hours"][1], "23:59:00")

    # ------------------------------------------------------------
    # Who may, and what is tried
    # ------------------------------------------------------------

    def test_a_program_among_other_rules(self):
        boss = self._create_user("boss", f"{ADDON}.{ADDON}_group_manager")
        rules = self._create_policy(self._cap(1), self._code("pass")).rule_ids
        with self.assertRaises(AccessError):
            rules.with_user(boss).write({"rule_type": "gap"})

    def test_tags_of_several_rules(self):
        for _policy in range(2):
            self._rule("block", tag_ids=self.complaint.ids)
        with self.assertRaisesRegex(ValidationError, "change the rule"):
            self.complaint.active = False

    def test_tried_with_its_own_kind(self):
        """On its channel, with its category."""
        self._create_touch(
            self.anna,
            NOW - DAY,
            channel_id=self.letter.id,
            category_id=self.promotion.id,
        )
        for vals in (
            {"channel_ids": self.letter.ids},
            {"category_ids": self.promotion.ids},
        ):
            rule = self._create_policy(self._cap(1, 3660, **vals)).rule_ids
            said = rule._run_on(self.anna)["params"]["message"]
            self.assertEqual(said, "0 now, 1 later, 0 not")
