from odoo import api, fields, models


class ContactSignal(models.Model):
    """How something is concluded from records of any model.

    It reads: when records of this model, that match this domain, reach the person by
    this path, and within this window their number (sum, latest ...) compares so, then
    that: a tag, points for a persona, a stage, points of engagement.

    Whom it is true of is kept in ``contact.signal.hit``, whatever it is used for.
    """

    _name = "contact.signal"
    _inherit = ["contact.storable.mixin", "contact.behaviour.mixin"]
    _description = "Signal"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(string="Switched On", default=False)
    sequence = fields.Integer(default=10)
    description = fields.Text(translate=True)
    # When records ... (and what is compared of them: see the mixin)
    model_id = fields.Many2one("ir.model", required=True, ondelete="cascade")
    domain = fields.Char(required=True)
    person_path = fields.Char(required=True)
    date_path = fields.Char(required=True)
    aggregate = fields.Selection(required=True)
    comparison = fields.Selection(required=True)
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

    def _is_weighed(self):
        return self.effect == "engagement"

    @api.depends("hit_ids")
    def _compute_hit_count(self):
        counts = dict(
            self.env["contact.signal.hit"]._read_group(
                [("signal_id", "in", self.ids)], ["signal_id"], ["__count"]
            )
        )
        for signal in self:
            signal.hit_count = counts.get(signal._origin, 0)
