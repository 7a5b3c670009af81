from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

MANAGERS = "mass_mailing_contact_strategy.mass_mailing_contact_strategy_group_manager"


class MailingMailing(models.Model):
    """Who goes first where an allowance is scarce."""

    _inherit = "mailing.mailing"

    policy_priority = fields.Integer(
        string="Priority",
        compute="_compute_policy_priority",
        store=True,
        readonly=False,
        precompute=True,
        copy=False,
        help="Where people may get one more message only, the one of higher priority "
        "goes first: from when it is scheduled on, those of lower priority wait for "
        "it. Set by the kind of communication; managers may change it.",
    )
    can_set_priority = fields.Boolean(compute="_compute_can_set_priority")

    @api.depends("category_id")
    def _compute_policy_priority(self):
        for mailing in self:
            mailing.policy_priority = mailing.category_id.priority

    @api.depends_context("uid")
    def _compute_can_set_priority(self):
        self.can_set_priority = self._may_set_priority()

    @api.model
    def _may_set_priority(self):
        return self.env.su or self.env.user.has_group(MANAGERS)

    @api.model_create_multi
    def create(self, vals_list):
        """Only managers let their mailings go before those of others."""
        mailings = super().create(vals_list)
        if any("policy_priority" in vals for vals in vals_list):
            mailings._check_priority()
        return mailings

    def write(self, vals):
        """Only managers let their mailings go before those of others."""
        changed = self.browse()
        if "policy_priority" in vals:
            changed = self.filtered(
                lambda m: m.policy_priority != vals["policy_priority"]
            )
        res = super().write(vals)
        changed._check_priority()
        return res

    def _check_priority(self):
        """:raise AccessError: somebody else than a manager has set a priority"""
        if self._may_set_priority():
            return
        for mailing in self:
            if mailing.policy_priority != mailing.category_id.priority:
                raise AccessError(
                    self.env._("Only managers change the priority of a mailing.")
                )

    def _get_recipients_domain(self):
        """Of some people only, where somebody asks for no others."""
        domain = super()._get_recipients_domain()
        among = self.env.context.get("contact_strategy_among")
        if among is None:
            return domain
        return domain & self.env["contact.segment"]._get_records_domain(
            self.env[self.mailing_model_real], Domain("id", "in", among)
        )
