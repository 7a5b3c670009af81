from odoo import fields, models

from .contact_policy_draft import APPROVAL, FOUR_EYES


class ResConfigSettings(models.TransientModel):
    """Who changes policies, and who agrees."""

    _inherit = "res.config.settings"

    contact_policy_approval = fields.Boolean(
        string="Changes of policies need approval",
        config_parameter=APPROVAL,
        help="What is in force is changed by drafts, which managers approve.",
    )
    contact_policy_four_eyes = fields.Boolean(
        string="By somebody else than the author",
        config_parameter=FOUR_EYES,
        help="Whoever changed a draft last does not approve it.",
    )
