from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .common import ADDON, DAY, NOW
from .version_common import DraftCase


@tagged("post_install", "-at_install")
class TestPolicyDraftsLater(DraftCase):
    """From what is approved to what is in force: later, off, on, for the first time."""

    def _cron(self):
        """What the scheduled action does, without its commits."""
        Cron = type(self.env["ir.cron"])
        with patch.object(Cron, "_commit_progress", return_value=3600):
            self.env["contact.policy.version"]._cron_enter()

    def test_later(self):
        """At its time, and not before."""
        draft = self._change()
        draft.rule_ids[0].max_touches = 3
        draft.change_from = fields.Datetime.now() + DAY
        self._approve(draft)
        self.assertVersions(1)
        self.assertEqual(draft.change_state, "approved")
        cron = self.env.ref(f"{ADDON}.ir_cron_policy_versions")
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
        self.assertIn(draft.change_from, triggers.mapped("call_at"))
        self._cron()
        self.assertVersions(1)
        draft.sudo().proposal_ids.valid_from -= DAY + timedelta(hours=1)
        self._cron()
        self.assertIn("At most 3", self.assertVersions(2).sentences)
        self.assertIn("At most 3", self.policy.summary)

    def test_changed_it_is_approved_anew(self):
        draft = self._change()
        draft.rule_ids[0].max_touches = 3
        draft.change_from = fields.Datetime.now() + DAY
        self._approve(draft)
        draft.rule_ids[0].max_touches = 4
        self._save()
        self.assertEqual(draft.change_state, "draft")
        self.assertFalse(draft.proposal_ids.approver_id)
        draft.sudo().proposal_ids.valid_from = NOW - DAY
        self._cron()
        self.assertVersions(1)

    def test_one_that_fails_stops_no_other(self):
        """It is tried again; the scheduled action says so."""
        draft = self._change()
        draft.rule_ids[0].max_touches = 3
        draft.change_from = fields.Datetime.now() + DAY
        self._approve(draft)
        new = self._as("author", self.env["contact.policy"]).create(
            {"name": "New", "change_from": fields.Datetime.now() + DAY}
        )
        self._approve(new)
        proposals = draft.proposal_ids + new.proposal_ids
        proposals.sudo().write({"valid_from": NOW - DAY})
        self._save()
        self.cr.execute(
            "UPDATE contact_policy SET domain = '{' WHERE id = %s", [draft.id]
        )
        self.env.invalidate_all()
        with self.assertRaisesRegex(ValidationError, "understood"):
            self._cron()
        self._save()
        self.assertTrue(new.active)
        self.assertVersions(1)

    def test_switched_off_and_on(self):
        draft = self._change()
        draft.is_ending = True
        self._approve(draft)
        self.assertFalse(self.policy.active)
        self.assertChanges(self.assertVersions(2), "+ Switched off: it binds nobody")
        policy = self._as("author", self.policy)
        with self.assertRefused("switched on"):
            policy.active = True
        self._approve(self._change())
        self.assertTrue(self.policy.active)
        self.assertVersions(3)

    def test_a_new_policy_is_a_draft(self):
        policy = self._as("author", self.env["contact.policy"]).create(
            {"name": "New", "active": True, "rule_ids": [Command.create(self._cap(0))]}
        )
        self._save()
        self.assertFalse(policy.active)
        self.assertEqual(policy.change_state, "draft")
        self.assertVersions(0, policy)
        with self.assertRefused("switched on"):
            policy.active = True
        self._approve(policy)
        self.assertTrue(policy.active)
        version = self.assertVersions(1, policy)
        others = self._versions()[-1:].terms["order"]
        self.assertIn(policy.id, others, "they know who else is asked")
        self.assertEqual(version.approver_id, self.users["other"])
        self._as("other", policy.copy()).action_discard()

    def test_without_approval_any_more(self):
        """The setting is switched off while something is proposed."""
        policy = self._as("author", self.env["contact.policy"]).create({"name": "New"})
        draft = self._change()
        draft.rule_ids[0].max_touches = 3
        self._save()
        self.env["ir.config_parameter"].set_param(f"{ADDON}.policy_approval", False)
        policy.active = True
        self.assertVersions(1, policy)
        self._approve(draft)
        self.assertVersions(2)
