from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from odoo.addons.mass_mailing_contact_strategy.core import storable


class ContactTag(models.Model):
    """One possible answer in a dimension, such as "Software" for the industry."""

    _name = "contact.tag"
    _inherit = ["contact.storable.mixin"]
    _description = "Contact Tag"
    _order = "dimension_id, sequence, name, id"
    _rec_names_search = ["name"]

    name = fields.Char(required=True, translate=True)
    dimension_id = fields.Many2one(
        "contact.tag.dimension", required=True, ondelete="cascade", index=True
    )
    area = fields.Selection(related="dimension_id.area")
    sequence = fields.Integer(default=10)
    color = fields.Integer()
    active = fields.Boolean(default=True)
    description = fields.Text(
        translate=True, help="What it means, and how it becomes known."
    )
    said_count = fields.Integer(compute="_compute_counts", string="Said by")
    concluded_count = fields.Integer(compute="_compute_counts", string="Concluded of")

    _name_unique = models.Constraint(
        "UNIQUE (dimension_id, name)", "This dimension has such a tag already."
    )

    @api.depends("name", "dimension_id.name")
    def _compute_display_name(self):
        """With the question: "Other" answers many."""
        for tag in self:
            tag.display_name = self.env._(
                "%(dimension)s: %(tag)s",
                dimension=tag.dimension_id.name or "",
                tag=tag.name or "",
            )

    @api.model
    def _search_display_name(self, operator, value):
        """As it is shown, or either part of it."""
        domain = super()._search_display_name(operator, value)
        texts = [value] if isinstance(value, str) else value
        if operator not in ("in", "ilike", "=ilike") or not texts:
            return domain
        for text in texts:
            dimension, colon, name = str(text).partition(": ")
            if colon:
                domain |= Domain("dimension_id.name", "=ilike", dimension) & Domain(
                    "name", "=ilike" if operator == "in" else operator, name
                )
        return domain

    def _compute_counts(self):
        self.said_count = self.concluded_count = 0
        if not self.env["contact.tag.assignment"].has_access("read"):
            return
        counts = {
            (tag.id, kind): count
            for tag, kind, count in self.env["contact.tag.assignment"]._read_group(
                [("tag_id", "in", self.ids), ("is_expired", "=", False)],
                ["tag_id", "kind"],
                ["__count"],
            )
        }
        for tag in self:
            tag.said_count = counts.get((tag.id, "explicit"), 0)
            tag.concluded_count = counts.get((tag.id, "implicit"), 0)

    @api.model
    def _check_storable(self, *vals_list):
        """Names are in an index."""
        for vals in vals_list:
            name = vals.get("name")
            if isinstance(name, str) and storable.fault_of_key(name):
                raise ValidationError(self.env._("This name is too long for a tag."))
        return super()._check_storable(*vals_list)

    def write(self, vals):
        """What is archived counts for nothing."""
        res = super().write(vals)
        if {"active", "dimension_id"} & vals.keys():
            self.dimension_id._after_counting_changed()
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_except_known(self):
        """What is known of people would be deleted with it."""
        known = self.env["contact.tag.assignment"].sudo()  # of whomever
        rows = known.with_context(active_test=False)._read_group(
            [("tag_id", "in", self.ids)], ["tag_id"]
        )
        if rows:
            raise UserError(
                self.env._(
                    "This is known of people: %s. Archive it instead, and it counts no "
                    "more.",
                    [tag.name for (tag,) in rows],
                )
            )

    def action_view_assignments(self):
        """Open of whom it is known."""
        self.check_access("read")
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "mass_mailing_contact_strategy.contact_tag_assignment_action"
        )
        return {
            **action,
            "domain": [("tag_id", "=", self.id)],
            "context": {"default_tag_id": self.id},
        }
