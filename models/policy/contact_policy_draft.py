from odoo import api, fields, models
from odoo.exceptions import MissingError, UserError, ValidationError
from odoo.fields import Command
from odoo.tools import str2bool

ADDON = "mass_mailing_contact_strategy"
APPROVAL = f"{ADDON}.policy_approval"
FOUR_EYES = f"{ADDON}.policy_four_eyes"


class ContactPolicy(models.Model):
    """Changes that are prepared: they bind nobody until they are approved.

    A draft is an archived copy that names the policy it is for, so it is written and
    tried as any policy is. Approved, its terms take the place of the others at once or
    at its time, in one transaction. Rules that read the same stay; the others are
    archived, since what was decided names them.
    """

    _inherit = "contact.policy"

    replaces_id = fields.Many2one(
        "contact.policy",
        string="Draft of",
        ondelete="cascade",
        index="btree_not_null",
        readonly=True,
        copy=False,
    )
    draft_ids = fields.One2many(
        "contact.policy", "replaces_id", context={"active_test": False}, readonly=True
    )
    proposal_ids = fields.One2many(
        "contact.policy.version", "draft_id", string="Proposed", readonly=True
    )
    proposed_changes = fields.Html(
        related="proposal_ids.changes", string="What Would Change", sanitize=False
    )
    proposed_reason = fields.Char(related="proposal_ids.reason")
    proposed_by_id = fields.Many2one(related="proposal_ids.author_id")
    proposed_from = fields.Datetime(
        string="Proposed from", related="proposal_ids.valid_from"
    )
    change_from = fields.Datetime(
        string="In Force from", copy=False, help="Empty: as soon as it is approved."
    )
    is_ending = fields.Boolean(
        string="Switch It Off",
        copy=False,
        help="From then on the policy binds nobody.",
    )
    change_state = fields.Selection(
        [
            ("locked", "In force; changes need approval"),
            ("off", "Switched off; changes need approval"),
            ("draft", "Waits for approval"),
            ("approved", "Approved, not yet in force"),
        ],
        compute="_compute_change_state",
    )

    @api.depends("active", "proposal_ids.state")
    def _compute_change_state(self):
        """What the form offers; nothing where changes need no approval."""
        needs_approval = self._needs_approval()
        for policy in self:
            if policy.proposal_ids:
                policy.change_state = policy.proposal_ids[:1].state
            elif needs_approval and policy._origin:
                policy.change_state = "locked" if policy.active else "off"
            else:
                policy.change_state = False

    @api.constrains("active", "replaces_id")
    def _check_draft(self):
        """A draft is no policy yet."""
        for policy in self:
            if policy.replaces_id and policy.active:
                raise ValidationError(
                    self.env._("A draft binds nobody: approve it instead.")
                )

    @api.model
    def _needs_approval(self):
        # sudo: whoever edits policies need not read system parameters
        return str2bool(self.env["ir.config_parameter"].sudo().get_param(APPROVAL))

    @api.model_create_multi
    def create(self, vals_list):
        """A draft, and a new policy that needs approval, binds nobody at first."""
        self._check_storable(*vals_list)
        vals_list = [dict(vals) for vals in vals_list]
        needs_approval = not self.env.su and self._needs_approval()
        for vals in vals_list:
            if replaced := vals.get("replaces_id"):
                self.browse(replaced).check_access("write")
            if replaced or needs_approval:
                vals["active"] = False
        return super().create(vals_list)

    def write(self, vals):
        """What a draft is for stays.

        :raise UserError: a draft is to be one of another policy
        """
        if "replaces_id" in vals and not self.env.su:
            raise UserError(self.env._("A draft stays what it is a draft of."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_in_force(self):
        """Deleting is a change, too."""
        if self.env.su or not self._needs_approval():
            return
        if binding := self.filtered("active"):
            raise UserError(
                self.env._(
                    "Changes of policies need approval, and “%(name)s” is in force. "
                    "Press “Change”, and let the draft switch it off.",
                    name=binding[0].name,
                )
            )

    def unlink(self):
        """Drafts go with what they are for, and what they proposed with them."""
        self.check_access("unlink")
        drafts = (self.sudo() | self.sudo().draft_ids).with_env(self.env)
        # sudo: versions are written by nobody
        drafts.sudo().proposal_ids.unlink()
        return super(ContactPolicy, drafts).unlink()

    # ------------------------------------------------------------
    # Drafts
    # ------------------------------------------------------------

    def action_change(self):
        """Open the draft of a change, and make it if there is none."""
        self._check_one("write")
        if self.proposal_ids:
            return self._open()
        # sudo: a program in a rule is copied as the administrator wrote it
        original = self.sudo().with_context(active_test=True)
        draft = original.draft_ids[:1] or original.copy(
            {"name": self.name, "replaces_id": self.id, "active": False}
        )
        self._keep_versions()
        return draft.with_env(self.env)._open()

    def action_approve(self):
        """Put a draft in the place of what it is for, now or at its time.

        :raise UserError: there is nothing to approve, or somebody else must do it
        """
        self._check_one("write")
        target = self.replaces_id or self
        target.check_access("write")
        self._keep_versions()
        if not self.proposal_ids:
            raise UserError(self.env._("There is nothing to approve."))
        # sudo: versions are written by nobody
        self.sudo().proposal_ids._approve(self.env.user)
        return target._open()

    def action_discard(self):
        """Throw a draft away."""
        self._check_one("unlink")
        target = self.replaces_id
        self._keep_versions()
        if not self.proposal_ids:
            raise UserError(self.env._("Only drafts are thrown away."))
        self.unlink()
        return target._open()

    def _check_one(self, operation):
        """
        :raise AccessError: the user may not
        :raise MissingError: there is no such policy (any more)
        """
        self.check_access(operation)
        self.ensure_one()
        if not self.exists():
            raise MissingError(self.env._("There is no such policy any more."))

    def _open(self):
        """The form; of nothing, the list."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            f"{ADDON}.contact_policy_action"
        )
        if self:
            action.update(res_id=self.id, views=[(False, "form")], view_mode="form")
        action["target"] = "main" if not self else "current"
        return action

    def _take_over(self, draft):
        """Say from now on what ``draft`` says. Elevated, once it was approved.

        :param draft: contact.policy
        """
        self.ensure_one()
        mine, theirs = self._binding_rules(), draft._binding_rules()
        left = {rule: rule._version_values() for rule in mine}
        moved = theirs.browse()
        for rule in theirs:
            values = rule._version_values()
            same = next((own for own, kept in left.items() if kept == values), None)
            if same:
                del left[same]
                same.sequence = rule.sequence
            else:
                moved |= rule
        # First what goes: two rules about the same thing contradict each other.
        self.env["contact.policy.rule"].union(*left).action_archive()
        moved.write({"policy_id": self.id})
        self.write({**self._prepare_scope(draft), "active": not draft.is_ending})

    @api.model
    def _prepare_scope(self, draft):
        """What a draft says itself, as values to be written.

        :rtype: dict
        """
        names = {"sequence", *self._get_version_fields()} - {"active"}
        return {
            name: [Command.set(draft[name].ids)]
            if draft._fields[name].type == "many2many"
            else draft._fields[name].convert_to_write(draft[name], draft)
            for name in names
        }
