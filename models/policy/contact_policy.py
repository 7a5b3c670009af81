from odoo import api, fields, models


class ContactPolicy(models.Model):
    """The written contact management strategy of a group of people.

    Policies are asked in order, as a firewall asks its rules: a person falls under the
    first one that fits. That is how loyal customers may get *more* than everybody.
    Guards apply to everybody they fit, in addition. Within what applies every rule
    must agree.
    """

    _name = "contact.policy"
    _inherit = ["contact.storable.mixin", "contact.people.domain.mixin"]
    _description = "Contact Policy"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        string="Business Unit",
        index=True,
        ondelete="restrict",  # without its unit it would be for everybody
        help="Empty: for the messages of all business units.",
    )
    domain = fields.Char(
        string="Applies to",
        help="People this policy is for. Empty: everybody.",
    )
    is_guard = fields.Boolean(
        string="Guard",
        help="Applies to everybody it fits in addition to their own policy.",
    )
    rule_ids = fields.One2many("contact.policy.rule", "policy_id", string="Rules")
    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        default=lambda self: self.env.user,
        index="btree_not_null",
    )
    review_date = fields.Date(string="Review on")
    description = fields.Html(help="Why the strategy is as it is, for the handbook.")
    # What it says and does
    summary = fields.Text(compute="_compute_summary", string="In words")
    audience = fields.Char(compute="_compute_audience", string="For whom")
    hold_count = fields.Integer(compute="_compute_hold_count", string="Held back")
    warning = fields.Text(compute="_compute_warning")

    @api.depends("rule_ids.sentence", "rule_ids.active")
    def _compute_summary(self):
        """One line per rule, as it is read aloud."""
        for policy in self:
            said = [rule.sentence for rule in policy.rule_ids if rule.sentence]
            # where sentences take several lines, one sees where the next begins
            mark = "• " if len(said) > 1 else ""
            policy.summary = "\n".join(f"{mark}{sentence}" for sentence in said)

    @api.depends("domain")
    def _compute_audience(self):
        """How many people the policy could fit, in words."""
        for policy in self:
            policy.audience = policy._say_audience()

    def _compute_hold_count(self):
        """People held back or deferred under this policy, still so."""
        groups = self.env["contact.hold"]._read_group(
            [("policy_id", "in", self.ids), ("state", "in", ("held", "deferred"))],
            ["policy_id"],
            ["__count"],
        )
        self.hold_count = 0
        for policy, count in groups:
            policy.hold_count = count

    @api.depends("domain", "sequence", "is_guard", "active", "company_id", "rule_ids")
    def _compute_warning(self):
        """What is allowed, but probably not meant."""
        res = super()._compute_warning()
        policies = self.search([("is_guard", "=", False)])
        for_all = policies.filtered(lambda policy: policy._is_for_everybody())
        for policy in self:
            earlier = for_all.filtered(
                lambda p, policy=policy: (
                    (p.sequence, p.id) < (policy.sequence, policy._origin.id)
                    and p.company_id in (self.env["res.company"], policy.company_id)
                )
            )
            if earlier and policy.active and not policy.is_guard and not policy.warning:
                policy.warning = self.env._(
                    "Nobody ever falls under this policy: “%(name)s” stands above it "
                    "and is for everybody.",
                    name=earlier[0].name,
                )
        return res

    def copy_data(self, default=None):
        """A copy stands beside its original, and is named so."""
        vals_list = super().copy_data(default=default)
        for policy, vals in zip(self, vals_list, strict=True):
            if not (default or {}).get("name"):
                vals["name"] = self.env._("%(name)s (copy)", name=policy.name)
            vals["rule_ids"] = [
                fields.Command.create(rule_vals)
                for rule_vals in policy.rule_ids.copy_data({"policy_id": False})
            ]
        return vals_list

    def unlink(self):
        """The rules go first: the database alone would leave their server actions."""
        self.with_context(active_test=False).rule_ids.unlink()
        return super().unlink()

    def action_view_holds(self):
        """Open the people this policy holds back."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "mass_mailing_contact_strategy.contact_hold_action"
        )
        action["domain"] = [("policy_id", "=", self.id)]
        action["context"] = {}
        return action
