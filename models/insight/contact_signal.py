from odoo import api, fields, models


class ContactSignal(models.Model):
    """How something is concluded from records of any model.

    It reads: when records of this model, that match this domain, reach the person by
    this path, and within this window their number (sum, latest ...) compares so, then
    that: a tag, points for a persona, a stage, points of engagement.

    Whom it is true of is kept in ``contact.signal.hit``, whatever it is used for.
    """

    _name = "contact.signal"
    _inherit = ["contact.storable.mixin"]
    _description = "Signal"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(string="Switched On", default=False)
    sequence = fields.Integer(default=10)
    description = fields.Text(translate=True)
    # When records ...
    model_id = fields.Many2one("ir.model", required=True, ondelete="cascade")
    model_name = fields.Char(related="model_id.model", store=True, string="Model Name")
    domain = fields.Char(required=True, default="[]")
    person_path = fields.Char(required=True, string="Path to the Person")
    date_path = fields.Char(required=True, default="create_date")
    window_value = fields.Integer(help="Zero: ever.")
    window_unit = fields.Selection(
        [("day", "days"), ("week", "weeks"), ("month", "months")], default="day"
    )
    # ... compare so ...
    aggregate = fields.Selection(
        [
            ("count", "number"),
            ("sum", "sum"),
            ("average", "average"),
            ("distinct", "number of different values"),
            ("latest", "days since the latest"),
            ("earliest", "days since the earliest"),
            ("next", "days until the next"),
            ("gap_mean", "mean days between them"),
            ("gap_spread", "spread of the days between them"),
            ("cycle", "share of the usual interval that has passed"),
        ],
        required=True,
        default="count",
    )
    value_path = fields.Char(help="For sums, averages and different values.")
    comparison = fields.Selection(
        [
            (">=", "at least"),
            (">", "more than"),
            ("<=", "at most"),
            ("<", "less than"),
            ("between", "between"),
        ],
        required=True,
        default=">=",
    )
    threshold = fields.Float(default=1.0)
    threshold_to = fields.Float()
    # ... then
    effect = fields.Selection(
        [
            ("tag", "Tag the person"),
            ("persona", "Points for a persona"),
            ("stage", "Move to a stage"),
            ("engagement", "Points of engagement"),
        ],
        required=True,
        default="tag",
    )
    tag_id = fields.Many2one("contact.tag", ondelete="cascade", index="btree_not_null")
    tag_kind = fields.Selection(
        [("explicit", "Said"), ("implicit", "Concluded")], default="implicit"
    )
    source = fields.Selection(
        [
            ("rule", "Rule"),
            ("click", "Click"),
            ("visit", "Visit"),
            ("purchase", "Purchase"),
            ("survey", "Survey"),
            ("sales", "Sales"),
            ("form", "Form"),
            ("origin", "Origin"),
        ],
        required=True,
        default="rule",
    )
    confidence = fields.Float(default=0.5, digits=(3, 2))
    life_days = fields.Integer(
        string="Lasts (days)", help="Zero: as long as the signal says so."
    )
    persona_id = fields.Many2one(
        "contact.persona", ondelete="cascade", index="btree_not_null"
    )
    stage_id = fields.Many2one(
        "contact.journey.stage", ondelete="cascade", index="btree_not_null"
    )
    points = fields.Float(default=1.0)
    # What came of it
    hit_ids = fields.One2many("contact.signal.hit", "signal_id")
    hit_count = fields.Integer(string="People", compute="_compute_hit_count")
    evaluated_date = fields.Datetime(string="Last Looked At", readonly=True, copy=False)
    full_date = fields.Datetime(readonly=True, copy=False)
    last_profile_id = fields.Integer(
        readonly=True, copy=False, help="The newest profile that was there then."
    )
    error = fields.Text(string="What Went Wrong", readonly=True, copy=False)

    @api.depends("hit_ids")
    def _compute_hit_count(self):
        counts = dict(
            self.env["contact.signal.hit"]._read_group(
                [("signal_id", "in", self.ids)], ["signal_id"], ["__count"]
            )
        )
        for signal in self:
            signal.hit_count = counts.get(signal._origin, 0)
