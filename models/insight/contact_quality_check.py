from odoo import api, fields, models
from odoo.exceptions import ValidationError

ADDON = "mass_mailing_contact_strategy"


class ContactQualityCheck(models.Model):
    """One thing that can be wrong with what we hold about a person, and its weight.

    What is wrong is found by ``contact.profile._get_quality_faults``, by the code.
    """

    _name = "contact.quality.check"
    _inherit = ["contact.storable.mixin"]
    _description = "Data Quality Check"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, readonly=True)
    points = fields.Integer(
        default=10, help="So many of the 100 points are lost when it is wrong."
    )
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    color = fields.Integer()
    description = fields.Text(translate=True)
    profile_count = fields.Integer(compute="_compute_profile_count", string="People")

    _code_unique = models.Constraint("UNIQUE (code)", "There is such a check already.")
    _points_range = models.Constraint(
        "CHECK (points >= 0 AND points <= 100)", "Points are between 0 and 100."
    )

    def _compute_profile_count(self):
        self.profile_count = 0
        groups = self.env["contact.profile"]._read_group(
            [("quality_check_ids", "in", self.ids)], ["quality_check_ids"], ["__count"]
        )
        for check, count in groups:
            if check in self:
                check.profile_count = count

    @api.constrains("code")
    def _check_code(self):
        """A check that nobody makes finds nothing, and looks as if all were well."""
        known = self.env["contact.profile"]._get_quality_faults()
        for check in self:
            if check.code not in known:
                raise ValidationError(
                    self.env._("Nothing is known of a check “%s”.", check.code)
                )

    def write(self, vals):
        """Everybody's score follows."""
        res = super().write(vals)
        if not {"active", "points"}.isdisjoint(vals):
            self.env["contact.profile"]._walk_soon("quality")
        return res

    def action_view_people(self):
        """Open the people of whom this is wrong."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            f"{ADDON}.contact_profile_action_quality"
        )
        action["display_name"] = self.name
        action["domain"] = [("quality_check_ids", "in", self.ids)]
        action["context"] = {}
        return action
