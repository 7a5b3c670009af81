from odoo import models


class ContactProfile(models.Model):
    """Why somebody was held back, in the person's timeline."""

    _inherit = "contact.profile"

    def _prepare_hold_event(self, hold):
        """Add the reason, as the rule says it."""
        return {**super()._prepare_hold_event(hold), "text": hold.reason}
