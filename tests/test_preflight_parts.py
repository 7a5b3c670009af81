import doctest
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.mass_mailing_contact_strategy.models.delivery import (
    mailing_mailing_preflight,
    preflight_rules,
)
from odoo.addons.mass_mailing_contact_strategy.wizards import contact_preflight

from .common import ADDON, DAY, HOUR, NOW
from .preflight_common import PreflightCase

SAID = ("total", "now_count", "later_count", "not_count")
LINE = (
    *("kind", "rule_id", "label", "count", "next_allowed"),
    *("cost", "looser", "looser_gain", "recipients"),
)


@tagged("post_install", "-at_install")
class TestPreflightParts(PreflightCase):
    """Very many recipients are asked about part by part; the answers are the same."""

    def setUp(self):
        super().setUp()
        for module in (mailing_mailing_preflight, contact_preflight):
            self.patch(module, "PART", 5)

    def _at_once(self, mailing):
        wizard = self.env["contact.preflight"].create({"mailing_id": mailing.id})
        self.assertFalse(wizard.is_asking)
        return self._said(wizard)

    def _in_parts(self, mailing, between=None):
        """What is said in the end, and how far it was after each question."""
        wizard = self.env["contact.preflight"].browse(
            mailing.action_preflight()["res_id"]
        )
        self.assertTrue(wizard.is_asking)
        self.assertFalse(any(wizard[name] for name in SAID))
        answers = [wizard.ask_next()]
        while answers[-1]["is_asking"]:
            if between and len(answers) == 2:
                between()
            answers.append(wizard.ask_next())
        return self._said(wizard), answers

    def _said(self, wizard):
        self.env.flush_all()
        wizard.invalidate_recordset()
        wizard = wizard.sudo()
        return {
            **{name: wizard[name] for name in SAID},
            "lines": [
                {name: line[name] for name in LINE}
                for line in wizard.line_ids.sorted(lambda line: (line.kind, line.label))
            ],
            "people": wizard.recipients,
            "sample": (sorted(wizard.sample or ()), wizard.sample_of),
        }

    def _assert_same(self, mailing):
        self.maxDiff = None
        said, answers = self._in_parts(mailing)
        self.assertEqual(said, self._at_once(mailing))
        self.assertGreater(len(answers), 3)
        return said

    def test_doctests(self):
        self.assertEqual(doctest.testmod(preflight_rules).failed, 0)

    def test_the_same_answers(self):
        said = self._assert_same(self.mailing)
        self.assertTrue(all(said[name] for name in SAID))
        self.assertTrue(any(line["looser_gain"] for line in said["lines"]))
        self.assertTrue(any(line["cost"] for line in said["lines"]))

    def test_records_of_one_person_in_two_parts(self):
        """The second waits with the first, or is its repetition."""
        people = self.env["mailing.contact"].create(
            [
                {"name": f"twin {i}", "email": f"twin.{i % 9}@strategy.test"}
                for i in range(18)
            ]
        )
        for profile in people.profile_id[:4]:
            self._create_touch(profile, NOW - HOUR)
        said = self._assert_same(self._create_mailing(people))
        self.assertEqual(
            (said["total"], said["now_count"], said["later_count"], said["not_count"]),
            (18, 5, 8, 5),
        )

    def test_programs_are_asked_too(self):
        names = [self.partners[3].email, self.partners[20].email]
        found = f"profiles.filtered(lambda one: one.email_normalized in {names})"
        self._create_policy(self._code(f"recipients.hold({found})"), is_guard=True)
        said = self._assert_same(self.mailing)
        self.assertTrue(any("Program" in line["label"] for line in said["lines"]))

    def test_mailings_that_go_first(self):
        """Room is kept for them in each part."""
        first = self._create_mailing(self.partners, policy_priority=9)
        first.action_launch()
        said = self._assert_same(self.mailing)
        self.assertLess(said["now_count"], said["total"])

    def test_how_far(self):
        """From nothing to all, in parts of the same size."""
        _said, answers = self._in_parts(self.mailing)
        total = answers[0]["total"]
        counts = [answer["count"] for answer in answers]
        self.assertEqual(counts[:-1], [*range(0, total, 5), total])
        self.assertEqual(counts[-1], total)
        self.assertEqual(
            [answer["is_asking"] for answer in answers],
            [True] * (len(answers) - 1) + [False],
        )

    def test_few_steps(self):
        """However many they are, the bar has no more."""
        self.patch(contact_preflight, "STEPS", 2)
        _said, answers = self._in_parts(self.mailing)
        self.assertEqual(len(answers), 4)

    def test_who_comes_meanwhile(self):
        """Whoever is a recipient at the end is asked about, and nobody else."""
        late = self._create_partners(1, "late")

        def change():
            self.mailing.mailing_domain = [("id", "in", (self.partners[4:] + late).ids)]

        said, _answers = self._in_parts(self.mailing, change)
        self.assertEqual(said, self._at_once(self.mailing))
        self.assertIn(late.id, said["people"]["now"])

    def test_one_moment(self):
        """All are asked about the moment at which the first were."""
        said, _answers = self._in_parts(
            self.mailing, lambda: self._go_to(NOW + 10 * DAY)
        )
        later = self._at_once(self.mailing)
        self._go_to(NOW)
        self.assertEqual(said, self._at_once(self.mailing))
        self.assertNotEqual(said, later)

    def test_few_are_asked_at_once(self):
        with patch.object(mailing_mailing_preflight, "PART", len(self.partners)):
            action = self.mailing.action_preflight()
        wizard = self.env["contact.preflight"].browse(action["res_id"])
        self.assertFalse(wizard.is_asking)
        self.assertEqual(wizard.total, len(self.partners))
        self.assertFalse(wizard.ask_next()["is_asking"])
        self.assertEqual(wizard.total, len(self.partners))

    def test_nobody_is_left_to_ask(self):
        self.env["mail.blacklist"].create(
            [{"email": email} for email in set(self.partners.mapped("email")) - {False}]
        )
        said, answers = self._in_parts(self.mailing)
        self.assertEqual(said["not_count"], len(self.partners))
        self.assertEqual(len(answers), 2)

    def test_rights(self):
        """One's own dialog, about a mailing that one may read."""
        user = self._create_user("sender", "mass_mailing.group_mass_mailing_user")
        other = self._create_user("other", "mass_mailing.group_mass_mailing_user")
        reader = self._create_user("reader", f"{ADDON}.{ADDON}_group_user")
        action = self.mailing.with_user(user).action_preflight()
        wizard = self.env["contact.preflight"].browse(action["res_id"])
        for name in ("asked", "told"):
            with self.assertRaises(AccessError):
                wizard.with_user(user).read([name])
        with self.assertRaises(AccessError):
            wizard.with_user(other).ask_next()
        with self.assertRaises(AccessError):
            self.env["contact.preflight"].with_user(reader).create(
                {"mailing_id": self.mailing.id, "is_asking": True}
            )
        self.assertTrue(wizard.with_user(user).ask_next()["is_asking"])
