from odoo import api, fields, models
from odoo.fields import Domain

WEEKS = 8
"""So many weeks back the small chart of responses looks."""


class ContactProfile(models.Model):
    """What the page of a person shows besides plain fields.

    Values, not sentences: the page says them in the reader's language and clock.
    """

    _inherit = "contact.profile"

    tag_facts = fields.Json(
        compute="_compute_tag_facts",
        help="How each tag that was said or concluded is known.",
    )
    response_weeks = fields.Json(
        compute="_compute_response_weeks",
        help="Number of responses in each of the last weeks, the oldest first.",
    )

    @api.depends(
        "tag_assignment_ids.tag_id",
        "tag_assignment_ids.active",
        "tag_assignment_ids.expires",
        "tag_assignment_ids.last_seen",
        "tag_assignment_ids.times_seen",
        "tag_assignment_ids.confidence",
    )
    @api.depends_context("lang", "uid")
    def _compute_tag_facts(self):
        """{kind: {tag id: how it is known}}, of what counts now."""
        facts = {profile.id: {} for profile in self}
        live = Domain("expires", "=", False) | Domain(
            "expires", ">", fields.Datetime.now()
        )
        assignments = self.env["contact.tag.assignment"].search_fetch(
            Domain("profile_id", "in", self.ids) & live, order="last_seen DESC, id DESC"
        )
        for profile, own in assignments.grouped("profile_id").items():
            clashes = own._find_clashes()
            for assignment in own:
                of_kind = facts[profile.id].setdefault(assignment.kind, {})
                of_kind[assignment.tag_id.id] = {
                    **assignment._prepare_chip(),
                    "clash": clashes.get(assignment.id, False),
                }
        for profile in self:
            profile.tag_facts = facts[profile.id]

    def _compute_response_weeks(self):
        """One number for each of the last weeks."""
        counted = self._count_responses(WEEKS)
        for profile in self:
            profile.response_weeks = counted.get(profile.id, [0] * WEEKS)

    def _count_responses(self, weeks):
        """How often each person responded in each of the last weeks.

        Called for the page. Override to add what your records know; call super and add
        to its numbers.

        :param int weeks: how many
        :return: {profile id: list of that many numbers, the oldest week first}; people
            without any may be missing
        """
        return {}
