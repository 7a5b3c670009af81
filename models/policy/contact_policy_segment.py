from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_list

SCOPE = {"segment_ids", "persona_ids", "stage_ids"}


class ContactPolicy(models.Model):
    """Who a policy is for, in the words that marketers use.

    Segments, personas, stages and the domain must all fit; of each kind one is enough,
    and none chosen means everybody. They become part of the policy's domain, so the
    one statement that decides about a mailing answers them as well.
    """

    _inherit = "contact.policy"

    segment_ids = fields.Many2many(
        "contact.segment",
        relation="contact_policy_segment_rel",
        context={"active_test": False},
        string="Segments",
        help="People in at least one of these. Empty: everybody.",
    )
    persona_ids = fields.Many2many(
        "contact.persona",
        context={"active_test": False},
        ondelete="restrict",  # without it the policy would be for everybody
        string="Personas",
        help="People who are one of these. Empty: everybody.",
    )
    stage_ids = fields.Many2many(
        "contact.journey.stage",
        context={"active_test": False},
        ondelete="restrict",
        string="Journey Stages",
        help="People who are on one of these. Empty: everybody.",
    )

    @api.model
    def _get_asking_fields(self):
        """Whoever chooses a segment asks it. One that cannot be asked would stop every
        mailing."""
        return super()._get_asking_fields() | SCOPE

    @api.depends(*SCOPE)
    def _compute_audience(self):
        """Also of those whom segments, personas and stages choose."""
        return super()._compute_audience()

    @api.depends(*SCOPE)
    def _compute_warning(self):
        """Also of a segment that cannot be asked."""
        return super()._compute_warning()

    def _get_domain(self) -> Domain:
        """All must hold. A segment that cannot be asked raises: people must not fall
        through to a policy that allows more."""
        domain = super()._get_domain()
        if self.segment_ids:
            domain &= self.segment_ids._get_people_domain()
        if self.persona_ids:
            domain &= Domain("persona_id", "in", self.persona_ids.ids)
        if self.stage_ids:
            domain &= Domain("journey_stage_id", "in", self.stage_ids.ids)
        return domain

    def _say_audience(self):
        """With the names of segments, personas and stages before the number."""
        said = super()._say_audience()
        # Elevated: a policy says whom it is for to everybody who may read it.
        policy = self.sudo()
        chosen = [policy.segment_ids, policy.persona_ids, policy.stage_ids]
        names = [
            format_list(self.env, records.mapped("name"), style="or")
            for records in chosen
            if records
        ]
        if not names:
            return said
        return self.env._(
            "%(who)s: %(said)s", who=format_list(self.env, names), said=said
        )
