from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain


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
        """One question for each segment, about all these people."""
        found = defaultdict(list)
        Profile = self.env["contact.profile"].with_context(active_test=False)
        these = Domain("id", "in", self._origin.ids)
        segments = self.env["contact.segment"].search([])
        for segment in segments:
            # Elevated: what a segment asks is not for everybody who may use it.
            domain = segment.sudo()._get_domain()
            if domain.is_false():
                continue
            try:
                inside = Profile._search(these & domain).get_result_ids()
            except AccessError:
                continue  # asks for what the reader may not know of anybody
            for profile_id in inside:
                found[profile_id].append(segment.id)
        for profile in self:
            profile.segment_ids = segments.browse(found[profile._origin.id])

    @api.model
    def _search_segment_ids(self, operator, value):
        """People in segments, or in none of some; see ``_search_people``."""
        return self.env["contact.segment"]._search_people(operator, value)
