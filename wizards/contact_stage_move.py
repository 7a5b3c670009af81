from odoo import api, fields, models
from odoo.fields import Command


class ContactStageMove(models.TransientModel):
    """People go back on the journey, and somebody says why."""

    _name = "contact.stage.move"
    _inherit = ["contact.storable.mixin"]
    _description = "Move Back on the Journey"

    profile_ids = fields.Many2many(
        "contact.profile", string="Who", required=True, default=lambda self: self._who()
    )
    former_stage_ids = fields.Many2many(
        "contact.journey.stage", compute="_compute_former_stage_ids"
    )
    stage_id = fields.Many2one(
        "contact.journey.stage",
        string="Back to",
        required=True,
        domain="[('id', 'in', former_stage_ids)]",
    )
    reason = fields.Char(
        string="Why", required=True, help="Kept in the history of each of them."
    )

    @api.model
    def _who(self):
        """The people whom the user has chosen in a list, or whose form is open."""
        model = self.env.context.get("active_model")
        ids = self.env.context.get("active_ids") or []
        if model == "contact.profile":
            return [Command.set(ids)]
        if model in ("res.partner", "mailing.contact"):
            return [Command.set(self.env[model].browse(ids).profile_id.ids)]
        return []

    @api.depends("profile_ids")
    def _compute_former_stage_ids(self):
        """Stages that may be gone back to, before one where some of them are."""
        stages = self.env["contact.journey.stage"].search([("is_way_back", "=", True)])
        for wizard in self:
            left = wizard.profile_ids.journey_stage_id
            last = max((stage._get_place() for stage in left), default=None)
            wizard.former_stage_ids = stages.filtered(
                lambda stage, last=last: last and stage._get_place() < last
            )

    def action_move(self):
        """Move them, or none of them.

        :raise UserError: see ``contact.profile._move_to_stage``
        """
        self.check_access("write")  # before ids are read that are none
        for wizard in self:
            wizard.profile_ids._move_to_stage(wizard.stage_id, reason=wizard.reason)
        return {"type": "ir.actions.act_window_close"}
