from datetime import timedelta

from odoo import api, models
from odoo.exceptions import UserError

WEEK = timedelta(days=7)


class ContactSegment(models.Model):
    """How many of its people may be written to soon?"""

    _inherit = "contact.segment"

    @api.model
    def _share_allowed(self, profile_ids, at):
        """As every mailing will be decided, for the current business unit."""
        profiles = self.env["contact.profile"].browse(profile_ids)
        if not profiles:
            return None
        try:
            answers = profiles.check_contact("email", at=at)
        except UserError:
            return None  # a policy cannot be read: maybe for want of this segment
        allowed = [
            answer
            for answer in answers
            if answer["decision"] == "send"
            or (answer["next_allowed"] and answer["next_allowed"] <= at + WEEK)
        ]
        return len(allowed) / len(answers)
