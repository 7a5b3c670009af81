from odoo import fields, models


class ContactSegment(models.Model):
    """Which people? A question that marketers ask again and again, written down once.

    Its conditions are the lines of an outline (see ``contact.segment.condition``). They
    are compiled into one domain on the profile, which is all that anybody uses of a
    segment: mailings, policies, signals, filters, reports.
    """

    _name = "contact.segment"
    _inherit = ["contact.storable.mixin"]
    _description = "Segment"
    _order = "name, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    description = fields.Text(translate=True)
    color = fields.Integer()
    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        default=lambda self: self.env.user,
        index="btree_not_null",
    )
    company_id = fields.Many2one(
        "res.company",
        string="Business Unit",
        index=True,
        ondelete="restrict",  # without its unit it would be for everybody
        help="Empty: people and facts of all business units.",
    )
    kind = fields.Selection(
        [
            ("live", "Live: asked whenever it is used"),
            ("refreshed", "Refreshed: members are kept, with their dates"),
            ("frozen", "Frozen: who was in it at one moment"),
        ],
        required=True,
        default="live",
    )
    condition_ids = fields.One2many(
        "contact.segment.condition", "segment_id", string="Conditions", copy=True
    )
    sentence = fields.Text(compute="_compute_sentence", string="In words")
    # The first N of them
    max_members = fields.Integer(string="At most", help="Zero: no limit.")
    rank_by = fields.Selection(
        [("field", "a field"), ("behaviour", "a behaviour"), ("share", "chance")],
        default="field",
    )
    rank_path = fields.Char(string="Ranked by")
    rank_condition_id = fields.Many2one(
        "contact.segment.condition",
        string="Ranked by Behaviour",
        ondelete="set null",
        domain="[('segment_id', '=', id), ('kind', '=', 'behaviour')]",
    )
    rank_order = fields.Selection(
        [("desc", "highest or latest first"), ("asc", "lowest or earliest first")],
        default="desc",
        required=True,
    )
    # Each person in one of several
    waterfall_id = fields.Many2one(
        "contact.segment.waterfall", ondelete="set null", index="btree_not_null"
    )
    waterfall_sequence = fields.Integer(default=10)
    # Who is in it
    minimum_size = fields.Integer(help="Warn below so many people. Zero: never.")
    member_ids = fields.One2many("contact.segment.member", "segment_id", copy=False)
    refreshed_date = fields.Datetime(string="Last Refreshed", readonly=True, copy=False)
    frozen_date = fields.Datetime(readonly=True, copy=False)
    problem = fields.Text(compute="_compute_problem", string="What Is Wrong")
    error = fields.Text(string="What Went Wrong", readonly=True, copy=False)
