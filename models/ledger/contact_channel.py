from odoo import api, fields, models


class ContactChannel(models.Model):
    """A way to reach a person, and what one touch on it costs.

    The cost is copied to each touch when it is booked: a later change of the price
    never rewrites what was spent.
    """

    _name = "contact.channel"
    _inherit = ["contact.storable.mixin"]
    _description = "Contact Channel"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    unit_name = fields.Char(
        string="Unit (plural)",
        translate=True,
        help='How sentences name it: "At most 2 e-mails in any 7 days".',
    )
    unit_one = fields.Char(
        string="Unit (one)",
        translate=True,
        help='How sentences name a single one: "At most 1 e-mail in any 7 days".',
    )
    code = fields.Char(
        required=True, help="Short technical name: email, sms, letter, call, ..."
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    cost = fields.Monetary(help="What one touch on this channel costs.")
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
    )

    _code_unique = models.UniqueIndex(
        "(code)", "Another channel has this code already."
    )
    _cost_not_negative = models.Constraint(
        "CHECK(cost >= 0)", "The cost of a touch cannot be negative."
    )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        """Touches name their channel for ever: history must stay readable."""
        self.env["contact.touch"]._refuse_if_named("channel_id", self)
