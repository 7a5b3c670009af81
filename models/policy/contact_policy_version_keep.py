from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import clean_context

from .contact_policy_version import Change

PENDING = "mass_mailing_contact_strategy.policies"


class ContactPolicy(models.Model):
    """Each change of what binds is a version, made once, when the transaction ends.

    Whatever writes to a policy, its rules or their parts only notes that it did; before
    the commit, and before each decision, what binds is compared with the last version.
    So it does not matter how many fields change, in which order, and by which way, and
    what was put back is no change. Where changes need approval the same comparison
    refuses what nobody approved: there is no way around it.
    """

    _inherit = "contact.policy"

    version_ids = fields.One2many(
        "contact.policy.version", "policy_id", string="Versions", readonly=True
    )
    version_count = fields.Integer(compute="_compute_version_count")
    change_reason = fields.Char(
        string="Why this change?",
        store=False,
        help="Kept with the version that the change makes.",
    )

    def _compute_version_count(self):
        """As many as there have been, without what is only proposed."""
        targets = {policy: policy.replaces_id or policy._origin for policy in self}
        ids = [target.id for target in targets.values()]
        groups = self.env["contact.policy.version"]._read_group(
            [("policy_id", "in", ids), ("number", ">", 0)], ["policy_id"], ["__count"]
        )
        counts = {policy.id: count for policy, count in groups}
        for policy, target in targets.items():
            policy.version_count = counts.get(target.id, 0)

    @api.model_create_multi
    def create(self, vals_list):
        """The first version."""
        self._check_storable(*vals_list)
        vals_list = [dict(vals) for vals in vals_list]
        reasons = [vals.pop("change_reason", None) for vals in vals_list]
        policies = super().create(vals_list)
        for policy, reason in zip(policies, reasons, strict=True):
            policy._note_change(reason)
        return policies

    def write(self, vals):
        """Maybe another version."""
        self._check_storable(vals)
        self.check_access("write")
        vals = dict(vals)
        reason = vals.pop("change_reason", None)
        res = super().write(vals)
        if reason or not self._get_noted_fields().isdisjoint(vals):
            self._note_change(reason)
        return res

    # ------------------------------------------------------------
    # Keeping versions
    # ------------------------------------------------------------

    @api.model
    def _get_noted_fields(self):
        """Names of the fields that may make another version."""
        proposed = {"change_from", "is_ending"}
        return {*self._get_version_fields(), *proposed, "sequence", "rule_ids"}

    def _note_change(self, reason=None):
        """Something of these policies was written: look at them before the commit.

        :param str reason: why, in the words of whoever did it
        """
        precommit = self.env.cr.precommit
        if PENDING not in precommit.data:
            precommit.data[PENDING] = {}
            precommit.add(self.env["contact.policy"]._keep_versions)
        pending = precommit.data[PENDING]
        for policy_id in self.ids:
            before = pending.get(policy_id) or Change()
            # What follows from a user's change by itself is the user's, too.
            follows = before.by_user and self.env.su
            pending[policy_id] = Change(
                before.uid if follows else self.env.uid,
                before.by_user or not self.env.su,
                reason or before.reason,
                before.lang if follows else self.env.lang,
            )

    @api.model
    def _keep_versions(self):
        """Make versions of what this transaction has changed up to now.

        Elevated: versions are written by nobody.

        :raise UserError: it needs approval, and has none
        """
        pending = self.env.cr.precommit.data.pop(PENDING, None)
        if not pending:
            return
        self.env.invalidate_all()
        context = {**clean_context(self.env.context), "active_test": True}
        policies = self.sudo().with_context(context).browse(pending)
        for policy in policies.exists():
            change = pending[policy.id]
            policy.with_context(lang=change.lang)._keep_version(change)
        self.sudo()._keep_order()

    @api.model
    def _keep_order(self):
        """What is in force knows who else is asked, and in which order: whoever came,
        or moved, has changed; whom they passed by has not."""
        domain = [("is_guard", "=", False), ("active", "=", True)]
        policies = self.with_context(active_test=True).search(domain)
        Version = self.env["contact.policy.version"]
        last = Version.browse(Version._in_force(policies).values())
        for version in last:
            if version.terms["order"] != policies.ids:
                version.terms = {**version.terms, "order": policies.ids}

    def _forget_changes(self):
        """What was written to these policies needs no version of its own."""
        pending = self.env.cr.precommit.data.get(PENDING, {})
        for policy_id in self.ids:
            pending.pop(policy_id, None)

    def _keep_version(self, change):
        self.ensure_one()
        Version = self.env["contact.policy.version"]
        proposal = self.proposal_ids
        last = Version._last_of(self)
        if proposal and not self.active:
            proposal._revise(self, change)
            return
        if self.replaces_id or self._is_new_draft(change, last):
            Version._propose(self, change)
            return
        if last and not last._differences_to(self._version_terms()):
            return
        self._check_approved(change, last)
        (proposal or Version)._keep(self, change)

    def _is_new_draft(self, change, last):
        """A new policy binds nobody before somebody approved it."""
        is_new = not last and not self.active
        return is_new and change.by_user and self._needs_approval()

    def _check_approved(self, change, last):
        """What binds is what was approved.

        :raise UserError: somebody else changes it, or switches it on
        """
        is_binding = self.active or (last and last.terms["fields"]["active"])
        if change.by_user and is_binding and self._needs_approval():
            raise UserError(
                self.env._(
                    "Changes of policies need approval, and “%(name)s” is in force. "
                    "Press “Change” on the policy: you get a draft, which takes its "
                    "place once it is approved.",
                    name=self.name,
                )
                if last and last.terms["fields"]["active"]
                else self.env._(
                    "Changes of policies need approval. “%(name)s” cannot be switched "
                    "on like this: press “Change” or “Approve” on the policy.",
                    name=self.name,
                )
            )

    @api.model
    def _install_versions(self):
        """Version 1 of policies that were there before there were versions."""
        self._keep_versions()
        policies = self.sudo().with_context(active_test=False).search([])
        known = self.env["contact.policy.version"].sudo().search([]).policy_id
        reason = self.env._("As it was when versions began.")
        (policies - known)._note_change(reason)
        self._keep_versions()

    def action_view_versions(self):
        """What the policy has said, and since when."""
        self.check_access("read")
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "mass_mailing_contact_strategy.contact_policy_version_action"
        )
        policy = self.replaces_id or self
        action["domain"] = [("policy_id", "=", policy.id)]
        action["context"] = {"of_one_policy": True}
        return action


class ContactPolicyRule(models.Model):
    """A change of a rule is a change of its policy."""

    _inherit = "contact.policy.rule"

    @api.model_create_multi
    def create(self, vals_list):
        """See ``contact.policy._note_change``."""
        rules = super().create(vals_list)
        rules._note_change()
        return rules

    def write(self, vals):
        """See ``contact.policy._note_change``."""
        self.check_access("write")
        before = self.policy_id
        res = super().write(vals)
        (before | self.policy_id)._note_change()
        return res

    def unlink(self):
        """See ``contact.policy._note_change``."""
        self.check_access("unlink")
        self._note_change()
        return super().unlink()

    def _note_change(self):
        self.policy_id._note_change()


class ContactPolicyRulePart(models.AbstractModel):
    """A change of a part of a rule is a change of its policy."""

    _inherit = "contact.policy.rule.part.mixin"

    @api.model_create_multi
    def create(self, vals_list):
        """See ``contact.policy._note_change``."""
        parts = super().create(vals_list)
        parts.rule_id._note_change()
        return parts

    def write(self, vals):
        """See ``contact.policy._note_change``."""
        self.check_access("write")
        before = self.rule_id
        res = super().write(vals)
        (before | self.rule_id)._note_change()
        return res

    def unlink(self):
        """See ``contact.policy._note_change``."""
        self.check_access("unlink")
        self.rule_id._note_change()
        return super().unlink()


class IrActionsServer(models.Model):
    """A program may be written where server actions are."""

    _inherit = "ir.actions.server"

    def write(self, vals):
        """See ``contact.policy._note_change``."""
        res = super().write(vals)
        if {"code", "name"}.isdisjoint(vals):
            return res
        presend = self.filtered(lambda action: action.usage == "mailing_presend")
        if presend:
            # Elevated: not every administrator may read policies.
            rules = (
                self.env["contact.policy.rule"]
                .sudo()
                .with_context(active_test=False)
                .search([("action_server_id", "in", presend.ids)])
            )
            rules.policy_id.with_env(self.env)._note_change()
        return res
