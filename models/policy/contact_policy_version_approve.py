from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import str2bool

from .contact_policy_draft import ADDON, FOUR_EYES
from .contact_policy_version import Change


class ContactPolicyVersion(models.Model):
    """From what is proposed to what is in force."""

    _inherit = "contact.policy.version"

    @api.model
    def _propose(self, draft, change):
        """A draft is new: what it says is proposed.

        :param draft: contact.policy
        :param Change change: who made it
        """
        target = draft.replaces_id or draft
        proposal = self.create(
            {"policy_id": target.id, "draft_id": draft.id, "state": "draft"}
        )
        proposal._revise(draft, change)

    def _revise(self, draft, change):
        """Follow the draft. Whoever changed it last is its author, and what was
        approved before has to be approved again.

        :param draft: contact.policy
        :param Change change: who made it
        """
        self.ensure_one()
        if change.reason:
            self.reason = change.reason
        is_same = self.terms and not self._differences_to(draft._version_terms())
        if is_same and self.valid_from == draft.change_from:
            return
        self.write(
            {
                **self._snapshot(draft),
                "author_id": change.uid,
                "state": "draft",
                "valid_from": draft.change_from,
                "approver_id": False,
            }
        )

    def _approve(self, user):
        """From its time on, or from now, what is proposed binds.

        :param user: who approves it
        :raise UserError: (s)he may not, or it changes nothing
        """
        self.ensure_one()
        four_eyes = self.env["ir.config_parameter"].get_param(FOUR_EYES)
        if str2bool(four_eyes) and self.author_id == user:
            raise UserError(
                self.env._(
                    "You have changed this draft last: somebody else has to approve it."
                )
            )
        last = self._last_of(self.policy_id)
        if last and not last._differences_to(self.terms):
            raise UserError(
                self.env._(
                    "This draft says what “%(name)s” says already.",
                    name=self.policy_id.name,
                )
            )
        self.write({"state": "approved", "approver_id": user.id})
        if self.valid_from and self.valid_from > fields.Datetime.now():
            cron = self.env.ref(f"{ADDON}.ir_cron_policy_versions", False)
            if cron:
                cron._trigger(self.valid_from)
            return
        self._enter()

    def _enter(self):
        """Put what was approved in force: all of it, in this transaction."""
        self.ensure_one()
        version = self.with_context(active_test=True)
        Policy = version.env["contact.policy"]
        Policy._keep_versions()
        policy, draft = version.policy_id, version.draft_id
        version.draft_id = False
        if draft == policy:
            policy.write({"active": True, "change_from": False})
        else:
            policy._take_over(draft)
            draft.unlink()
        # What was written is this version, and no other.
        policy._forget_changes()
        self.env.invalidate_all()
        version._keep(policy, Change(self.author_id.id, reason=self.reason))
        Policy._keep_order()

    @api.model
    def _cron_enter(self):
        """What was approved for a time that has come.

        :raise Exception: the last of those that could not be put in force; they are
            tried again
        """
        due = self.search(
            [
                ("state", "=", "approved"),
                ("number", "=", 0),
                ("valid_from", "<=", fields.Datetime.now()),
            ],
            order="valid_from, id",
        )
        Cron = self.env["ir.cron"]
        Cron._commit_progress(remaining=len(due))
        failed = None
        for version in due:
            try:
                with self.env.cr.savepoint():
                    version._enter()
            except Exception as error:  # noqa: BLE001, a broken draft stops no other
                failed = error
            if not Cron._commit_progress(1):
                break
        if failed:
            raise failed
