from odoo import models


class ContactPolicyRulePart(models.AbstractModel):
    """A part of a rule belongs to it, and to whom the rule belongs."""

    _name = "contact.policy.rule.part.mixin"
    _inherit = ["contact.storable.mixin"]
    _description = "Part of a Rule"

    def write(self, vals):
        """Record rules are asked about the rule that the part leaves only."""
        if "rule_id" in vals:
            self.env["contact.policy.rule"].browse(vals["rule_id"]).check_access(
                "write"
            )
        return super().write(vals)
