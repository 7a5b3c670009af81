from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain


class ContactProfile(models.Model):
    """Who stays longer in a stage than its SLA allows?

    Somebody who came at t is overdue from the first second after t + ``max_days``. Not
    stored: time alone makes people overdue, and no job has to notice it.
    """

    _inherit = "contact.profile"

    is_stage_overdue = fields.Boolean(
        string="Overdue",
        compute="_compute_stage_overdue",
        search="_search_is_stage_overdue",
        help="In this stage for longer than it allows.",
    )
    stage_overdue_since = fields.Datetime(
        string="Overdue Since",
        compute="_compute_stage_overdue",
        search="_search_stage_overdue_since",
    )

    @api.depends(
        "journey_stage_date",
        "journey_stage_id.kind",
        "journey_stage_id.max_days",
    )
    def _compute_stage_overdue(self):
        now = fields.Datetime.now()
        for profile in self:
            stage, since = profile.journey_stage_id, profile.journey_stage_date
            deadline = (
                since and stage.kind == "sla" and since + timedelta(days=stage.max_days)
            )
            profile.is_stage_overdue = bool(deadline and deadline < now)
            profile.stage_overdue_since = (
                deadline if profile.is_stage_overdue else False
            )

    def _search_is_stage_overdue(self, operator, value):
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        return self._shift_deadlines("<", fields.Datetime.now())

    def _search_stage_overdue_since(self, operator, value):
        overdue = Domain("is_stage_overdue", "=", True)
        if operator in ("<", "<=", ">", ">="):
            return overdue & self._shift_deadlines(operator, value)
        if operator != "in":
            return NotImplemented
        return Domain.OR(
            overdue & self._shift_deadlines("=", moment) if moment else ~overdue
            for moment in value
        )

    @api.model
    def _shift_deadlines(self, operator, moment):
        """Deadlines that compare so with a moment, stage by stage: there are few, and
        the database finds their people by an index."""
        moment = fields.Datetime.to_datetime(moment)
        Stage = self.env["contact.journey.stage"].with_context(active_test=False)
        return Domain.OR(
            Domain("journey_stage_id", "=", stage.id)
            & Domain(
                "journey_stage_date", operator, moment - timedelta(days=stage.max_days)
            )
            # sudo: whoever may see people may know whether they are late
            for stage in Stage.sudo().search([("kind", "=", "sla")])
        )
