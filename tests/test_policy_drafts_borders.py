from unittest.mock import patch

from freezegun import freeze_time

from odoo.tests import tagged

from .common import DAY, NOW, SECOND
from .version_common import DraftCase


@tagged("post_install", "-at_install")
class TestPolicyDraftsBorders(DraftCase):
    """To the second of its time; and what a draft shows is that of its policy."""

    def setUp(self):
        super().setUp()
        clock = freeze_time(NOW)
        clock.start()
        self.addCleanup(clock.stop)

    def _draft(self, moment, maximum=3):
        draft = self._change()
        draft.rule_ids[0].max_touches = maximum
        draft.change_from = moment
        self._save()
        return draft

    def test_from_now_on(self):
        """What begins this second need not wait."""
        self._approve(self._draft(NOW))
        self.assertVersions(2)

    def test_from_the_next_second_on(self):
        draft = self._draft(NOW + SECOND)
        self._approve(draft)
        self.assertVersions(1)
        Versions = self.env["contact.policy.version"]
        Cron = type(self.env["ir.cron"])
        with patch.object(Cron, "_commit_progress", return_value=3600) as progress:
            Versions._cron_enter()
            self.assertVersions(1)
            with freeze_time(NOW + SECOND):
                Versions._cron_enter()
        self.assertVersions(2)
        said = [(call.args, call.kwargs) for call in progress.call_args_list]
        nothing, one = ((), {"remaining": 0}), ((), {"remaining": 1})
        self.assertEqual(said, [nothing, one, ((1,), {})])

    def test_no_time_left(self):
        """The next run goes on where this one stopped."""
        new = self._as("author", self.env["contact.policy"]).create(
            {"name": "New", "change_from": NOW + DAY}
        )
        self._approve(self._draft(NOW + DAY))
        self._approve(new)
        Versions = self.env["contact.policy.version"]
        Cron = type(self.env["ir.cron"])
        with (
            patch.object(Cron, "_commit_progress", return_value=0),
            freeze_time(NOW + DAY),
        ):
            Versions._cron_enter()
            self.assertVersions(1, new)
            self.assertVersions(1)
            Versions._cron_enter()
            self.assertVersions(2)

    def test_approved_it_stays_so_until_it_changes(self):
        draft = self._draft(NOW + DAY)
        self._approve(draft)
        draft.rule_ids[0].max_touches = 3
        self._save()
        self.assertEqual(draft.change_state, "approved")
        draft.change_from = NOW + 2 * DAY
        self._save()
        self.assertEqual(draft.change_state, "draft")

    def test_history(self):
        """Without what is only proposed, on the policy and on its draft alike."""
        self._approve(self._draft(NOW))
        self._draft(NOW + DAY, 4)
        draft = self.policy.draft_ids
        self.assertEqual((self.policy.version_count, draft.version_count), (2, 2))
        other = self._create_policy(name="Other", active=False)
        self.assertEqual(other.version_count, 0)
        Version = self.env["contact.policy.version"]
        for policy in (self.policy, draft):
            action = policy.action_view_versions()
            found = Version.search(action["domain"])
            self.assertEqual(found.policy_id, self.policy)

    def test_approved_one_sees_the_policy(self):
        """Not the draft, which is gone."""
        draft = self._draft(NOW)
        action = self._as("other", draft).action_approve()
        self.assertEqual(action["res_id"], self.policy.id)
        self.assertEqual((action["view_mode"], action["target"]), ("form", "current"))
        action = self._as("author", self._change()).action_discard()
        self.assertEqual(action["res_id"], self.policy.id)
        new = self._as("author", self.env["contact.policy"]).create({"name": "New"})
        self._save()
        action = self._as("author", new).action_discard()
        self.assertNotIn("res_id", {k: v for k, v in action.items() if v})
        self.assertEqual(action["target"], "main")

    def test_what_is_in_force_is_not_deleted(self):
        """By users, while changes need approval; a draft may be."""
        with self.assertRefused("is in force"):
            self._as("author", self.policy).unlink()
        self._as("author", self._draft(NOW)).unlink()
        self.env["ir.config_parameter"].set_param(
            "mass_mailing_contact_strategy.policy_approval", False
        )
        self._as("author", self.policy).unlink()
        self.assertFalse(self.policy.exists())

    def test_what_is_proposed_is_no_version_before(self):
        """Nor is it in force; and each policy is asked about its own."""
        self._draft(NOW + DAY)
        other = self._create_policy(self._cap(9), name="Other")
        new = self._as("author", self.env["contact.policy"]).create({"name": "New"})
        self._save()
        Version = self.env["contact.policy.version"].sudo()
        first, proposed = self._versions(), self.policy.sudo().draft_ids.proposal_ids
        self.assertFalse(first._previous())
        self.assertEqual(proposed._previous(), first)
        self.assertEqual(Version._in_force(self.policy), {self.policy.id: first.id})
        self.assertEqual(Version._in_force(other), {other.id: self._versions(other).id})
        self.assertEqual(Version._in_force(new), {})
        self.assertEqual(Version._in_force(new.browse()), {})

    def test_the_reason_is_that_of_the_change(self):
        draft = self._change()
        draft.write({"rule_ids": [(1, draft.rule_ids[0].id, {"max_touches": 3})]})
        draft.change_reason = "Too few"
        self._approve(draft)
        self.assertEqual(self.assertVersions(2).reason, "Too few")
