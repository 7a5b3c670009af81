from odoo import fields, models

from .contact_tag_assignment import KINDS
from .effective_tags import EffectiveTags


class ContactProfile(models.Model):
    """What is known about a person, and how."""

    _inherit = "contact.profile"

    # tags
    tag_assignment_ids = fields.One2many(
        "contact.tag.assignment", "profile_id", string="What Is Known"
    )
    explicit_tag_ids = EffectiveTags(
        "contact.tag",
        relation="contact_profile_tag_explicit",
        column1="profile_id",
        column2="tag_id",
        string="Said",
        help="What the person said, each until it expires.",
    )
    implicit_tag_ids = EffectiveTags(
        "contact.tag",
        relation="contact_profile_tag_implicit",
        column1="profile_id",
        column2="tag_id",
        string="Concluded",
        readonly=True,
        help="What was concluded from behaviour, each until it expires.",
    )
    tag_ids = EffectiveTags(
        "contact.tag",
        relation="contact_profile_tag_effective",
        column1="profile_id",
        column2="tag_id",
        string="Tags",
        readonly=True,
        help="What counts: where one answer only is possible, said stands before "
        "concluded.",
    )
    signal_hit_ids = fields.One2many(
        "contact.signal.hit", "profile_id", string="Signals", readonly=True
    )
    # persona: what was said stands above what was concluded
    persona_id = fields.Many2one(
        "contact.persona", ondelete="set null", index="btree_not_null"
    )
    persona_kind = fields.Selection(KINDS, readonly=True)
    persona_date = fields.Datetime(readonly=True)
    persona_confidence = fields.Float(digits=(3, 2), readonly=True, aggregator="avg")
    persona_candidate_ids = fields.One2many(
        "contact.persona.candidate", "profile_id", readonly=True
    )
    persona_change_ids = fields.One2many(
        "contact.persona.change", "profile_id", readonly=True
    )
    # journey
    journey_stage_id = fields.Many2one(
        "contact.journey.stage", ondelete="restrict", index="btree_not_null"
    )
    journey_stage_date = fields.Datetime(string="In the Stage Since", readonly=True)
    journey_move_ids = fields.One2many(
        "contact.journey.move", "profile_id", readonly=True
    )
    # engagement
    engagement_score = fields.Integer(
        string="Engagement", readonly=True, aggregator="avg"
    )
    engagement_class = fields.Selection(
        [("hot", "Hot"), ("warm", "Warm"), ("cold", "Cold"), ("silent", "Silent")],
        readonly=True,
        default="silent",
    )
    # quality
    quality_score = fields.Integer(
        string="Data Quality", readonly=True, aggregator="avg"
    )
    quality_check_ids = fields.Many2many(
        "contact.quality.check",
        relation="contact_profile_quality_rel",
        column1="profile_id",
        column2="check_id",
        string="To Improve",
        readonly=True,
    )
    confirmed_date = fields.Date(
        string="Confirmed On", help="When the person or a user last said it is right."
    )
    consent_basis = fields.Selection(
        [
            ("consent", "Consent"),
            ("double_opt_in", "Confirmed consent"),
            ("customer", "Existing customer"),
            ("interest", "Legitimate interest"),
            ("none", "None"),
        ],
        help="Why we may write to this person at all.",
    )
    consent_source = fields.Char(
        help="Where and how: the form, the fair, the contract."
    )
    consent_date = fields.Date()
