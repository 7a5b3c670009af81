from odoo import api, fields, models


class ContactProfile(models.Model):
    """The segments somebody is in."""

    _inherit = "contact.profile"

    segment_ids = fields.Many2many(
        "contact.segment",
        compute="_compute_segment_ids",
        search="_search_segment_ids",
        string="Segments",
    )

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_segment_ids(self):
        """All segments are asked at once, about all these people."""
        segments = self.env["contact.segment"].search([])
        found = self._find_segments(segments)
        for profile in self:
            inside = set(found.get(profile._origin.id, ()))
            profile.segment_ids = segments.filtered(
                lambda segment, inside=inside: segment.id in inside
            )

    @api.model
    def _search_segment_ids(self, operator, value):
        """People in segments, or in none of some; see ``_search_people``."""
        return self.env["contact.segment"]._search_people(operator, value)
