from odoo import api, fields, models


class ContactWishRevoke(models.TransientModel):
    """A user takes back what a person asked for, and says why.

    Such as: the person called, and wants to hear of us again.
    """

    _name = "contact.wish.revoke"
    _inherit = ["contact.storable.mixin"]
    _description = "Revoke What a Person Asked for"

    wish_id = fields.Many2one(
        "contact.wish",
        required=True,
        ondelete="cascade",
        default=lambda self: self._which(),
    )
    summary = fields.Char(related="wish_id.summary")
    reason = fields.Char(
        string="Why", required=True, help="Kept in the history of the person's wishes."
    )

    @api.model
    def _which(self):
        """That of the person whose page is open."""
        profile_id = self.env.context.get("default_profile_id")
        return self.env["contact.wish"].search([("profile_id", "=", profile_id)]).id

    def action_revoke(self):
        """Nothing is asked for any more. Odoo's blacklist is left as it is."""
        self.check_access("write")
        for wizard in self:
            wizard.wish_id.check_access("read")
            # Elevated: wishes are changed by the page and with a reason only.
            wizard.wish_id.sudo()._revoke(wizard.reason)
        return {"type": "ir.actions.act_window_close"}
