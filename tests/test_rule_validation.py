from psycopg2 import IntegrityError

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import DAY, NOW, StrategyCase


@tagged("post_install", "-at_install")
class TestRuleValidation(StrategyCase):
    """Bad input gets an answer in words, and nothing is lost."""

    def assertRefused(self, pattern, *rules, **vals):
        with self.assertRaisesRegex(ValidationError, pattern):
            self._create_policy(*rules, **vals)

    def test_numbers_that_cannot_be_meant(self):
        for pattern, rule in (
            ("cannot be negative", self._cap(2, -7)),
            ("cannot be negative", self._cap(-1, 7)),
            ("cannot be negative", self._gap(-24)),
            ("needs a length of time", self._cap(2, 0)),
            ("needs a length of time", self._cap(2, False)),
            ("needs a length of time", self._cap(2, 7, False)),
            ("needs a length of time", self._gap(0)),
            ("ten years", self._cap(2, 11 * 12, "month")),
            ("ten years", self._cap(2, 99999999, "hour")),
            ("in any", self._gap(1, "day", window_kind="calendar")),
        ):
            with self.subTest(rule=rule):
                self.assertRefused(pattern, rule)

    def test_a_refused_change_leaves_the_rule_as_it_was(self):
        rule = self._create_policy(self._cap(2, 7)).rule_ids
        for vals in ({"window_value": -1}, {"max_touches": -1}, {"window_value": 0}):
            with self.assertRaises(ValidationError):
                rule.write(vals)
            rule.invalidate_recordset()
            self.assertEqual((rule.max_touches, rule.window_value), (2, 7))

    def test_unknown_values(self):
        for vals in (
            {"window_unit": "fortnight"},
            {"window_kind": "fixed"},
            {"rule_type": "maybe"},
            {"count_per": "planet"},
            {"on_exceed": "explode"},
        ):
            with self.subTest(vals=vals):
                self.assertRefused("cannot be", {**self._cap(), **vals})

    @mute_logger("odoo.sql_db")
    def test_rule_without_policy(self):
        with self.assertRaises(IntegrityError):
            self.env["contact.policy.rule"].create(self._cap())

    def test_blank_maximum_is_no_cap(self):
        person = self._create_person()
        for vals in ({"max_touches": False}, {"max_touches": None}, {"max_touches": 2}):
            policy = self._create_policy({**self._cap(1), **vals})
            if vals["max_touches"] == 2:
                policy.rule_ids.write({"max_touches": False})
            self._create_touch(person, NOW)
            with self.subTest(vals=vals):
                self.assertFalse(policy.rule_ids.has_maximum)
                self.assertSend(person)
            policy.action_archive()

    def test_cap_without_a_maximum_is_no_cap(self):
        vals = self._cap()
        vals.pop("max_touches")
        policy = self._create_policy(vals)
        self.assertFalse(policy.rule_ids.has_maximum)
        self.assertSend(self._create_person())

    def test_zero_is_nobody(self):
        self._create_policy(self._cap(0))
        answer = self.assertHold(self._create_person())
        self.assertFalse(answer["next_allowed"])
        self.assertEqual(answer["reasons"][0]["touch_ids"], [])

    def test_zero_is_warned_about(self):
        rule = self.env["contact.policy.rule"].new(self._cap(0))
        self.assertIn("nobody", rule._onchange_zero()["warning"]["message"])
        rule.max_touches = 1
        self.assertFalse(rule._onchange_zero())

    def test_back_to_a_number_is_a_cap_again(self):
        rule = self._create_policy(self._cap(False)).rule_ids
        rule.max_touches = 0
        self.assertTrue(rule.has_maximum)
        self.assertHold(self._create_person())

    def test_two_rules_about_the_same_thing(self):
        self.assertRefused("same thing", self._cap(2), self._cap(3))
        self.assertRefused("same thing", self._gap(), self._gap())
        policy = self._create_policy(
            self._cap(2),
            self._cap(2, 14),
            self._cap(2, count_per="inbox"),
            self._cap(2, channel_ids=self.email.ids),
            self._cap(2, category_ids=self.newsletter.ids),
            self._cap(2, window_kind="calendar"),
            self._cap(3, active=False),
            self._gap(7, "day"),
        )
        with self.assertRaisesRegex(ValidationError, "same thing"):
            policy.with_context(active_test=False).rule_ids.active = True

    def test_moving_a_rule_to_another_policy_makes_no_twins(self):
        one, two = self._create_policy(self._cap(2)), self._create_policy(self._cap(3))
        with self.assertRaisesRegex(ValidationError, "same thing"):
            one.rule_ids.policy_id = two

    def test_broken_domains(self):
        for domain in (
            "[('no_such_field', '=', 1)]",
            "[('name', 'resembles', 'x')]",
            "[('name', '=')]",
            "nonsense",
            "[(",
            "5",
            "{'a': 1}",
            "[('id', '=', uid)]",
            "__import__('os').getcwd()",
            "[('partner_id.no_such', '=', 1)]",
            "['&', ('name', '=', 'x')]",
        ):
            with self.subTest(domain=domain):
                self.assertRefused("cannot be understood", domain=domain)
        policy = self._create_policy()
        with self.assertRaises(ValidationError):
            policy.domain = "broken"
        for domain in ("[]", "", False):
            policy.domain = domain
            self.assertTrue(policy._get_domain().is_true())

    def test_policy_nobody_falls_under_is_warned_about(self):
        first = self._create_policy(self._cap(), sequence=1)
        second = self._create_policy(self._cap(), name="Second", sequence=2)
        self.assertFalse(first.warning)
        self.assertIn(first.name, second.warning)
        first.domain = "[('name', '=', 'x')]"
        second.invalidate_recordset(["warning"])
        self.assertFalse(second.warning)

    def test_sentences(self):
        for vals, sentence in (
            (self._cap(2), "At most 2 touches in any 7 days"),
            (
                self._cap(1, 1, "week", window_kind="calendar"),
                "At most 1 touch per calendar week",
            ),
            (
                self._cap(2, channel_ids=self.email.ids),
                "At most 2 e-mails in any 7 days",
            ),
            (self._gap(24), "At least 24 hours between two touches"),
            (self._gap(1), "At least one hour between two touches"),
            (self._cap(False), "No limit on touches"),
            (
                self._cap(2, count_per="inbox"),
                "At most 2 touches in any 7 days per inbox",
            ),
            (
                self._cap(2, category_ids=self.promotion.ids),
                "At most 2 touches (Promotion) in any 7 days",
            ),
        ):
            with self.subTest(sentence=sentence):
                rule = self._create_policy(vals).rule_ids
                self.assertEqual(rule.sentence.rsplit(", otherwise", 1)[0], sentence)
        self.assertTrue(rule.sentence.endswith(", otherwise wait until free"))

    def test_summary_has_a_line_per_rule(self):
        policy = self._create_policy(self._cap(), self._gap())
        self.assertEqual(len(policy.summary.splitlines()), 2)
        self.assertEqual(policy.audience, "everybody")

    def test_asking_in_vain(self):
        """Unknown channels, categories and people get a clear answer."""
        person = self._create_person()
        for channel, category in (
            ("pigeon", None),
            (False, None),
            (0, None),
            (10**9, None),
            ("email", "gossip"),
            (self.env["contact.channel"], None),
            ("email", 10**9),
        ):
            with (
                self.subTest(channel=channel, category=category),
                self.assertRaisesRegex(UserError, "There is no"),
            ):
                person.check_contact(channel, category)
        self.assertEqual(self.env["contact.profile"].check_contact("email"), [])
        gone = self._create_person("gone", email=False)
        gone_id = gone.id
        gone.partner_id.unlink()
        gone = gone.browse(gone_id)
        self.assertEqual(gone.exists().check_contact("email"), [])

    def test_code_id_and_record_mean_the_same(self):
        self._create_policy(
            self._cap(1, channel_ids=self.email.ids, category_ids=self.newsletter.ids)
        )
        person = self._create_person()
        self._create_touch(person, NOW - DAY, category_id=self.newsletter.id)
        for channel in ("email", self.email.id, self.email):
            for category in ("newsletter", self.newsletter.id, self.newsletter):
                (answer,) = self._check(person, channel, category=category)
                self.assertEqual(answer["decision"], "defer")
        for at in (NOW, "2026-05-12 09:00:00"):
            (answer,) = self._check(person, at=at, category="newsletter")
            self.assertEqual(answer["next_allowed"], NOW + 6 * DAY)
