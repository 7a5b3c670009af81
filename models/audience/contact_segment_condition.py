from odoo import fields, models

KINDS = [
    # what holds others
    ("all", "All of these"),
    ("any", "At least one of these"),
    ("none", "None of these"),
    # what is asked
    ("domain", "Fields"),
    ("persona", "Persona"),
    ("stage", "Journey stage"),
    ("tag", "Tag"),
    ("behaviour", "Behaviour"),
    ("response", "Response to a mailing"),
    ("list", "Mailing list"),
    ("segment", "Segment"),
    ("share", "Random share"),
]
GROUPS = ("all", "any", "none")


class ContactSegmentCondition(models.Model):
    """One line of a segment.

    Lines make an outline, in their order: a line one level deeper belongs to
    the group (all, any, none) above it. On the first level all must hold.
    """

    _name = "contact.segment.condition"
    _inherit = ["contact.storable.mixin", "contact.behaviour.mixin"]
    _description = "Segment Condition"
    _order = "segment_id, sequence, id"
    _rec_name = "sentence"
    _rec_names_search = ["segment_id.name"]

    segment_id = fields.Many2one(
        "contact.segment", required=True, ondelete="cascade", index=True
    )
    sequence = fields.Integer(default=10)
    level = fields.Integer(default=0)
    kind = fields.Selection(KINDS, required=True, default="domain")
    is_negated = fields.Boolean(string="Not")
    sentence = fields.Char(compute="_compute_sentence", string="In words")
    is_empty = fields.Boolean(
        string="Has None",
        help="Instead of a choice: people without a persona, stage, tag or list.",
    )
    # Fields of people, or of the records of a behaviour
    domain = fields.Char(default="[]")
    # What we know
    persona_ids = fields.Many2many("contact.persona", ondelete="restrict")
    stage_ids = fields.Many2many("contact.journey.stage", ondelete="restrict")
    tag_ids = fields.Many2many("contact.tag", ondelete="restrict")
    tag_kind = fields.Selection(
        [
            ("either", "Said or concluded"),
            ("explicit", "Said"),
            ("implicit", "Concluded"),
        ],
        default="either",
    )
    min_confidence = fields.Float(digits=(3, 2))
    seen_days = fields.Integer(string="Seen Within (days)", help="Zero: ever.")
    # Other segments, mailings and lists
    other_segment_ids = fields.Many2many(
        "contact.segment",
        relation="contact_segment_condition_other",
        ondelete="restrict",
        string="Segments",
    )
    mailing_ids = fields.Many2many("mailing.mailing", ondelete="restrict")
    response = fields.Selection(
        [
            ("sent", "got it"),
            ("opened", "opened"),
            ("clicked", "clicked"),
            ("replied", "replied"),
            ("bounced", "bounced"),
        ],
        default="clicked",
    )
    list_ids = fields.Many2many("mailing.list", ondelete="restrict")
    list_state = fields.Selection(
        [("in", "subscribed"), ("out", "opted out")], default="in"
    )
    # A share of all people that is always the same
    share_from = fields.Float(string="From (%)", default=0.0)
    share_to = fields.Float(string="To (%)", default=10.0)
    share_key = fields.Char(
        string="Draw", default="1", help="Another draw divides people differently."
    )

    def _compute_sentence(self):
        """Said in ``contact_segment_sentence``."""
        self.sentence = False
