from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.mass_mailing_contact_strategy.models.policy.version_difference import (
    differences,
)

from .version_common import CAP_2, CAP_3, GONE, VersionCase


@tagged("post_install", "-at_install")
class TestPolicyVersionWords(VersionCase):
    """What changed, in words."""

    def test_what_no_sentence_says_is_told(self):
        self.policy.rule_ids = [
            Command.create(
                {
                    "rule_type": "sunset",
                    "step_ids": [Command.create({"after_touches": 5})],
                }
            )
        ]
        self.assertVersions(2)
        ladder = self.policy.rule_ids.filtered(lambda r: r.rule_type == "sunset")
        ladder.grace_days = 30
        (said,) = self.assertVersions(3)._say_changes()
        self.assertEqual(said[0], "±")
        self.assertIn("Newcomers: 0 → 30", said[1])

    def test_programs_are_kept_secret(self):
        rule = self._create_policy(self._code("recipients.hold(profiles)")).rule_ids
        self.assertVersions(1, rule.policy_id)
        rule.action_server_id.code = "recipients.hold(profiles, 'why')"
        version = self.assertVersions(2, rule.policy_id)
        self.assertNotIn("recipients", str(version.terms))
        self.assertIn("changed", version._say_changes()[0][1])

    def test_rules_in_another_order(self):
        gap = self.env["contact.policy.rule"].create(
            {"policy_id": self.policy.id, **self._gap(), "sequence": 20}
        )
        self.assertVersions(2)
        gap.sequence = 5
        self.assertChanges(self.assertVersions(3), "± The rules stand in another order")
        gap.sequence = 6
        self.assertVersions(3)

    def test_in_the_order_that_it_is_read(self):
        segment = self.env["contact.segment"].create({"name": "Buyers"})
        vals = {
            "name": "New",
            "active": False,
            "is_guard": True,
            "segment_ids": segment.ids,
            "domain": "[('lang',\n'=', 'en_US')]",
            "rule_ids": [Command.create(self._cap(2))],
        }
        said = (
            "+ Switched off: it binds nobody",
            "+ A guard: in addition to people's own policy",
            "+ Who is in “Buyers”",
            "+ Whose profile fits: Language is “en_US”",
            f"+ {CAP_2}",
        )
        policy = self._create_policy(**vals)
        self.assertChanges(self.assertVersions(1, policy), *said)
        policy = self._create_policy()
        self.assertVersions(1, policy)
        policy.write(vals)
        self.assertChanges(self.assertVersions(2, policy), *said)

    def test_changes_in_words(self):
        """By colour, sign and element; what users write is no markup."""
        segment = self.env["contact.segment"].create({"name": "<b>Bold</b>"})
        self.policy.segment_ids = segment
        self.rule.max_touches = 3
        version = self.assertVersions(2)
        self.assertChanges(
            version, "+ Who is in “<b>Bold</b>”", f"{GONE} {CAP_2}", f"+ {CAP_3}"
        )
        self.assertIn("&lt;b&gt;", version.changes)
        self.assertIn(f'decoration-none">{GONE} {CAP_2}</del>', version.changes)
        self.assertIn(f'decoration-none">+ {CAP_3}</ins>', version.changes)

    def test_another_language_is_no_change(self):
        self.env["res.lang"]._activate_lang("de_DE")
        rule = self.env["contact.policy.rule"].create(
            {
                "policy_id": self.policy.id,
                "rule_type": "quiet",
                "date_ids": [Command.create({"name": "X", "date_from": "2026-12-25"})],
            }
        )
        self.assertVersions(2)
        rule.date_ids.with_context(lang="de_DE").name = "Weihnachten"
        self.policy.with_context(lang="de_DE").write({"active": True})
        self.assertVersions(2)


@tagged("post_install", "-at_install")
class TestVersionDifference(VersionCase):
    """Terms, compared without a database."""

    @staticmethod
    def _terms(*rules, order=(), **fields):
        rules = [{"id": id_, "values": {"max": number}} for id_, number in rules]
        return {"fields": fields, "order": list(order), "rules": rules}

    def _keys(self, before, after):
        return [found.key for found in differences(before, after, 1)]

    def test_rules_that_say_the_same_are_the_same(self):
        before, after = self._terms((1, 2), (2, 3)), self._terms((7, 2), (2, 3))
        self.assertFalse(self._keys(before, after))
        (found,) = differences(before, self._terms((7, 2), (2, 4)), 1)
        self.assertEqual((found.before["id"], found.after["id"]), (2, 2))

    def test_twins(self):
        """Each stands for one only."""
        (found,) = differences(self._terms((1, 2), (2, 2)), self._terms((2, 2)), 1)
        self.assertEqual((found.before["id"], found.after), (1, None))

    def test_order_of_those_who_stay(self):
        def keys(before, after):
            return self._keys(self._terms(order=before), self._terms(order=after))

        self.assertEqual(keys([2, 1], [1, 2]), ["order"])
        self.assertFalse(keys([2, 1], [3, 2, 1]))
        self.assertFalse(keys([2, 3, 1], [3, 2, 1]))
        self.assertFalse(keys([2, 1, 3], [1, 3]))
        self.assertFalse(keys([], [2, 1]))

    def test_no_terms(self):
        self.assertEqual(self._keys(None, self._terms(active=True)), ["active"])
        self.assertFalse(self._keys(None, self._terms(guard=False, segments=[])))
        self.assertEqual(self._keys(self._terms(gone=True), self._terms()), ["gone"])
