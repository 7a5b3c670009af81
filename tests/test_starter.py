import html
import itertools
from pathlib import Path

from odoo.exceptions import AccessError
from odoo.tests import Form, new_test_user, tagged

from .common import ADDON, NOW, GateCase

TRADES = ("retail", "b2b", "publishing", "membership", "travel")
KINDS = {
    "cap",
    "gap",
    "quiet",
    "block",
    "sunset",
    "adaptive",
    "apart",
    "cost",
    "holdout",
}


@tagged("post_install", "-at_install")
class TestStarter(GateCase):
    """Examples say what they will do, are made once, and bind nobody before."""

    def _make(self, trade):
        wizard = self.env["contact.policy.starter"].create({"trade": trade})
        action = wizard.action_make()
        policies = self.env["contact.policy"].with_context(active_test=False)
        return wizard, policies.search(action["domain"])

    def test_each_is_made_as_it_was_read(self):
        kinds = set()
        for trade in TRADES:
            with self.subTest(trade=trade):
                wizard = self.env["contact.policy.starter"].create({"trade": trade})
                read = html.unescape(str(wizard.preview_html))
                self.assertFalse(wizard.is_made)
                _wizard, policies = self._make(trade)
                self.assertGreaterEqual(len(policies), 2)
                self.assertFalse(any(policies.mapped("active")))
                for policy in policies:
                    self.assertIn(policy.name, read)
                    self.assertTrue(policy.description)
                    for rule in policy.rule_ids:
                        self.assertIn(rule.sentence, read)
                rules = policies.rule_ids
                self.assertEqual(read.count("<li"), len(rules))
                kinds |= set(rules.mapped("rule_type"))
        self.assertEqual(kinds, KINDS)

    def test_nothing_twice(self):
        _wizard, made = self._make("retail")
        made[0].active = True
        wizard, again = self._make("retail")
        self.assertTrue(wizard.is_made)
        self.assertEqual(again, made)
        _wizard, others = self._make("travel")
        self.assertFalse(others & made)

    def test_archived_holds_nobody_back(self):
        person = self._create_person("anna")
        for trade in TRADES:
            self._make(trade)
        self.assertSend(person)

    def test_all_at_once_can_be_switched_on(self):
        """Their questions go together in one statement."""
        person = self._create_person("anna")
        for trade in TRADES:
            _wizard, policies = self._make(trade)
            policies.active = True
        (answer,) = person.check_contact("email", at=NOW)
        self.assertIn(answer["decision"], ("send", "defer", "hold"))

    def test_what_was_deleted_is_left_out(self):
        self.env.ref(f"{ADDON}.contact_tag_opinion_complained").unlink()
        _wizard, policies = self._make("retail")
        self.assertNotIn("block", policies.rule_ids.mapped("rule_type"))

    def test_who_is_never_written_to_does_not_wait(self):
        _wizard, policies = self._make("retail")
        holdout = policies.rule_ids.filtered(lambda r: r.rule_type == "holdout")
        self.assertNotIn("wait", holdout.sentence)
        self.assertIn("2 % of the people", holdout.sentence)

    def test_guide_says_what_rules_say(self):
        """The table of all kinds of rules quotes them."""
        said = set()
        for trade in TRADES:
            wizard = self.env["contact.policy.starter"].create({"trade": trade})
            for _example, values in wizard._examples():
                said |= set(wizard._sentences(values))
        said = {" ".join(sentence.split()) for sentence in said}  # spaces of all kinds
        guide = Path(__file__).resolve().parents[1].joinpath("docs/guide.md")
        lines = guide.read_text(encoding="utf-8").splitlines()
        start = lines.index("| Kind of rule | An example |") + 2
        table = itertools.takewhile(lambda line: line.startswith("|"), lines[start:])
        quoted = [line.split(" | ")[1].removesuffix(" |") for line in table]
        self.assertGreater(len(quoted), len(KINDS))
        self.assertFalse(set(quoted) - said)

    def test_in_the_form(self):
        form = Form(self.env["contact.policy.starter"])
        first = form.preview_html
        form.trade = "b2b"
        self.assertNotEqual(form.preview_html, first)
        self.assertIn("per company", str(form.preview_html))

    def test_managers_only(self):
        user = new_test_user(
            self.env, "reader", f"base.group_user,{ADDON}.{ADDON}_group_user"
        )
        with self.assertRaises(AccessError):
            self.env["contact.policy.starter"].with_user(user).create({})
