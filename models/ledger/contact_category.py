from odoo import api, fields, models


class ContactCategory(models.Model):
    """A kind of communication, with the two switches that caps ask for.

    ``obeys_caps``: may the rules hold this message back? ``counts``: does it use up
    allowance? A payment confirmation does neither; a service notice goes out always,
    yet counts. Both are copied to the touch at the moment of sending.
    """

    _name = "contact.category"
    _inherit = ["contact.storable.mixin"]
    _description = "Kind of Communication"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    obeys_caps = fields.Boolean(
        string="Obeys the Rules",
        default=True,
        help="If not, messages of this kind are never held back.",
    )
    counts = fields.Boolean(
        string="Uses up Allowance",
        default=True,
        help="If not, messages of this kind are never counted by a rule.",
    )
    useful_days = fields.Integer(
        default=7,
        help="How many days a message of this kind stays worth sending to somebody "
        "who could not get it at once.",
    )
    priority = fields.Integer(
        help="Where people may get one more message only, mailings of the kind with "
        "the higher priority go first, and the others wait for them.",
    )
    description = fields.Text(translate=True)

    _code_unique = models.UniqueIndex(
        "(code)", "Another kind of communication has this code already."
    )
    _useful_days_positive = models.Constraint(
        "CHECK(useful_days BETWEEN 1 AND 3660)",
        "A message must stay useful for at least one day, and for ten years at most.",
    )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        """Touches name their category for ever: history must stay readable."""
        self.env["contact.touch"]._refuse_if_named("category_id", self)
