from odoo import fields, models

HOLD_STATES = [
    ("deferred", "Deferred"),
    ("held", "Held back"),
    ("sent", "Sent later"),
    ("expired", "Expired"),
    ("overridden", "Overridden"),
]
REACHED = ("sent", "overridden")
"""They got the message after all: the hold only tells that they had to wait for it."""


class ContactHold(models.Model):
    """Why was this person not mailed?

    One row per recipient of a mailing that a rule refused. The facts of the decision
    are stored, the sentence is made from them when somebody reads it, in the reader's
    language. A held person gets no cancelled trace: Odoo would skip the record in
    this mailing for ever.
    """

    _name = "contact.hold"
    _inherit = ["contact.storable.mixin", "contact.of.person.mixin"]
    _description = "Held Back"
    _order = "date DESC, id DESC"
    _rec_name = "profile_id"
    _rec_names_search = ["profile_id.name", "mailing_id.subject"]

    mailing_id = fields.Many2one(
        "mailing.mailing", required=True, ondelete="cascade", index=True, readonly=True
    )
    profile_id = fields.Many2one(
        "contact.profile", required=True, ondelete="cascade", index=True, readonly=True
    )
    res_model = fields.Char(string="Record Model", required=True, readonly=True)
    res_id = fields.Many2oneReference(
        string="Record", model_field="res_model", required=True, readonly=True
    )
    date = fields.Datetime(string="Decided on", required=True, readonly=True)
    decision = fields.Selection(
        [("defer", "Later"), ("hold", "Not")], required=True, readonly=True
    )
    state = fields.Selection(HOLD_STATES, required=True, readonly=True)
    next_allowed = fields.Datetime(
        string="Free again",
        readonly=True,
        help="Next moment at which nothing is in the way.",
    )
    touch_ids = fields.Many2many(
        "contact.touch",
        string="Allowance used up by",
        readonly=True,
        help="The earlier messages that used up the allowance.",
    )
    facts = fields.Json(
        readonly=True, help="What the decision was based on, as it was then."
    )
    company_id = fields.Many2one("res.company", readonly=True, index=True)

    _one_per_recipient = models.UniqueIndex("(mailing_id, res_model, res_id)")
    _due_idx = models.Index("(next_allowed) WHERE state = 'deferred'")
