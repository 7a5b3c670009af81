from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .version_common import CAP_2, CAP_3, GONE, DraftCase


@tagged("post_install", "-at_install")
class TestPolicyDrafts(DraftCase):
    """Where changes need approval, what binds is what was approved."""

    def test_the_setting(self):
        settings = self.env["res.config.settings"].create({})
        self.assertTrue(settings.contact_policy_approval)
        settings.contact_policy_approval = False
        settings.execute()
        self._as("author", self.rule).max_touches = 3
        self.assertVersions(2)
        self.assertFalse(self.policy.change_state)

    def test_what_is_in_force_is_not_edited(self):
        segment = self.env["contact.segment"].create({"name": "Buyers"})
        policy, rule = self._as("author", self.policy), self._as("author", self.rule)
        below = self._as("author", self._create_policy(self._cap(1), sequence=30))
        self._save()
        for what, change in (
            ("scope", lambda: policy.write({"segment_ids": segment.ids})),
            ("guard", lambda: policy.write({"is_guard": True})),
            ("rule", lambda: rule.write({"max_touches": 9})),
            (
                "new rule",
                lambda: rule.create({**self._cap(7, 70), "policy_id": policy.id}),
            ),
            ("archived rule", rule.action_archive),
            ("deleted rule", rule.unlink),
            ("archived", policy.action_archive),
            ("reorder", lambda: (below + policy).web_resequence({}, "sequence")),
        ):
            with self.subTest(what), self.assertRefused("in force"):
                change()
        with self.assertRefused("in force"):
            policy.unlink()
        result = policy.load([".id", "is_guard"], [[str(policy.id), "1"]])
        self.assertIn("need approval", str(result["messages"]))
        self.assertVersions(1)

    def test_what_follows_by_itself_is_the_users(self):
        """An automation that writes to the same policy makes it no elevated change."""
        with self.assertRefused("in force"):
            self._as("author", self.rule).max_touches = 3
            self.gap.window_value = 48
        draft = self._change()
        draft.rule_ids[0].max_touches = 3
        draft.with_env(self.env).is_guard = True
        self._save()
        self.assertEqual(draft.sudo().proposal_ids.author_id, self.users["author"])

    def test_what_binds_nothing_is_edited(self):
        policy = self._as("author", self.policy)
        policy.write({"name": "Very loyal", "review_date": fields.Date.today()})
        self.rule.max_touches = 3  # an elevated program's
        self.assertVersions(2)

    def test_a_draft_binds_nobody(self):
        draft = self._change()
        self.assertFalse(draft.active)
        self.assertEqual(draft.name, "Loyal")
        self.assertEqual(draft.change_state, "draft")
        self.assertEqual(self._change("other").id, draft.id, "there is one")
        draft.rule_ids[0].max_touches = 0
        self._save()
        self.assertSend(self._create_person())
        self.assertVersions(1)
        with self.assertRaises(ValidationError):
            draft.active = True
        with self.assertRaises(UserError):
            draft.replaces_id = False

    def test_approved_it_takes_the_place(self):
        draft = self._change()
        draft.write(
            {
                "change_reason": "Three are welcome",
                "domain": "[('lang', '=', 'en_US')]",
                "rule_ids": [Command.update(draft.rule_ids[0].id, {"max_touches": 3})],
            }
        )
        self._save()
        self.assertIn("+ At most 3", draft.proposed_changes)
        self._approve(draft)
        self.assertFalse(draft.exists())
        version = self.assertVersions(2)
        self.assertEqual(version.author_id, self.users["author"])
        self.assertEqual(version.approver_id, self.users["other"])
        self.assertEqual(version.reason, "Three are welcome")
        self.assertEqual(version.state, "approved")
        self.assertFalse(version.draft_id)
        self.assertChanges(
            version,
            "+ Whose profile fits: Language is “en_US”",
            f"{GONE} {CAP_2}",
            f"+ {CAP_3}",
        )
        self.assertEqual(self.policy.domain, "[('lang', '=', 'en_US')]")
        self.assertEqual(
            self.policy.rule_ids.mapped("sentence"), [CAP_3, self.gap.sentence]
        )

    def test_rules_stay_what_they_were(self):
        """What was decided names them."""
        draft = self._change()
        draft.rule_ids[0].max_touches = 3
        self._approve(draft)
        self.assertFalse(self.rule.active)
        self.assertEqual(self.rule.policy_id, self.policy)
        self.assertEqual(self.rule.sentence, CAP_2)
        self.assertIn(self.gap, self.policy.rule_ids, "it says the same")
        actions = self.env["ir.actions.server"].search(
            [("usage", "=", "mailing_presend")]
        )
        rules = self.env["contact.policy.rule"].with_context(active_test=False)
        self.assertEqual(len(actions), rules.search_count([]))

    def test_four_eyes(self):
        self._need_approval(four_eyes=True)
        draft = self._change()
        draft.rule_ids[0].max_touches = 3
        self._save()
        with self.assertRaisesRegex(UserError, "somebody else"):
            draft.action_approve()
        # Whoever changed it last is the author.
        self._as("other", draft).rule_ids[0].max_touches = 4
        self._save()
        with self.assertRaisesRegex(UserError, "somebody else"):
            self._as("other", draft).action_approve()
        self._approve(draft, "author")
        self.assertVersions(2)

    def test_one_pair_of_eyes(self):
        draft = self._change()
        draft.rule_ids[0].max_touches = 3
        self._approve(draft, "author")
        self.assertVersions(2)

    def test_readers_do_not_approve(self):
        draft = self._change()
        draft.rule_ids[0].max_touches = 3
        self._save()
        for action in ("action_change", "action_approve", "action_discard"):
            with self.assertRaises(AccessError):
                getattr(self._as("reader", draft), action)()
        version = self._as("other", draft.proposal_ids)
        for call in (
            lambda: version.write({"state": "approved"}),
            version.unlink,
            lambda: version.copy(),
        ):
            with self.assertRaises(AccessError):
                call()

    def test_nothing_to_approve(self):
        with self.assertRaisesRegex(UserError, "nothing to approve"):
            self._as("author", self.policy).action_approve()
        draft = self._change()
        with self.assertRaisesRegex(UserError, "says already"):
            self._approve(draft)

    def test_thrown_away(self):
        draft = self._change()
        draft.rule_ids[0].max_touches = 3
        self._save()
        proposal, rules = draft.proposal_ids, draft.rule_ids
        draft.action_discard()
        self.assertFalse(draft.exists())
        self.assertFalse(proposal.exists())
        self.assertFalse(rules.exists())
        self.assertVersions(1)
        with self.assertRaisesRegex(UserError, "Only drafts"):
            self._as("author", self.policy).action_discard()

    def test_programs_are_copied_as_they_are(self):
        """A manager changes the rest of a policy that has one."""
        program = self.env["contact.policy.rule"].create(
            {"policy_id": self.policy.id, **self._code("recipients.hold(profiles)")}
        )
        self._save()
        draft = self._change()
        copy = draft.rule_ids.filtered(lambda rule: rule.rule_type == "code")
        self.assertEqual(copy.sudo().code, program.code)
        with self.assertRaises(AccessError):
            copy.code = "pass"
        draft.is_guard = True
        self._approve(draft)
        self.assertIn(program, self.policy.rule_ids)

    def test_of_another_business_unit(self):
        unit = self.env["res.company"].create({"name": "Unit"})
        theirs = self._create_policy(self._cap(1), company_id=unit.id)
        self._save()
        Policy = self._as("author", self.env["contact.policy"])
        with self.assertRaises(AccessError):
            Policy.create({"name": "Mine", "replaces_id": theirs.id})
        with self.assertRaises(AccessError):
            Policy.browse(theirs.id).action_change()
        versions = self._as("author", self.env["contact.policy.version"])
        self.assertFalse(versions.search([("policy_id", "=", theirs.id)]))
        self.assertTrue(versions.search([("policy_id", "=", self.policy.id)]))
