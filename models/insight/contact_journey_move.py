from odoo import fields, models


class ContactJourneyMove(models.Model):
    """One step of one person on the journey: from, to, when, by whom, and why.

    Written by ``contact.profile._move_to_stage`` and by nobody else, and never changed:
    also not when stages are put into another order.
    """

    _name = "contact.journey.move"
    _inherit = ["contact.storable.mixin", "contact.of.person.mixin"]
    _description = "Journey Move"
    _order = "date DESC, id DESC"
    _rec_name = "stage_id"

    profile_id = fields.Many2one(
        "contact.profile",
        string="Who",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    company_id = fields.Many2one(
        related="profile_id.company_id", string="Business Unit"
    )
    from_stage_id = fields.Many2one(
        "contact.journey.stage",
        string="From",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
    )
    stage_id = fields.Many2one(
        "contact.journey.stage",
        string="To",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
    )
    date = fields.Datetime(
        required=True, readonly=True, default=fields.Datetime.now, index=True
    )
    is_back = fields.Boolean(string="Backward", readonly=True)
    is_merged = fields.Boolean(
        string="Of a Duplicate",
        readonly=True,
        help="From the history of a profile that was merged into this one. It is kept, "
        "and does not count as a move of this person.",
    )
    days = fields.Float(
        string="Days Spent",
        readonly=True,
        aggregator="avg",
        help="In the stage that was left.",
    )
    kind = fields.Selection(
        [("user", "User"), ("import", "Import"), ("rule", "Rule")],
        string="Moved By",
        required=True,
        readonly=True,
        default="user",
    )
    user_id = fields.Many2one("res.users", string="User", readonly=True)
    signal_id = fields.Many2one(
        "contact.signal", ondelete="set null", index="btree_not_null", readonly=True
    )
    reason = fields.Char(string="Why", readonly=True)
