from odoo import api, models


class ContactPolicyEngine(models.AbstractModel):
    """Decisions name the versions that made them."""

    _inherit = "contact.policy.engine"

    @api.model
    def _plan(self, message, rules=None, at=None, people=None):
        """Look the versions up with the rules: what is decided later, and written down
        in another transaction, was decided by these."""
        # What this transaction has changed up to now is a version, too.
        self.env["contact.policy"]._keep_versions()
        plan = super()._plan(message, rules, at, people)
        # sudo: a policy binds a sender also where the sender may not read it
        Version = self.env["contact.policy.version"].sudo()
        plan.versions = Version._in_force(plan.policies)
        return plan
