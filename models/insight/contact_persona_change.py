from odoo import fields, models

from .contact_tag_assignment import KINDS, SOURCES


class ContactPersonaChange(models.Model):
    """The history of a person's persona: what it became, when, how that is known."""

    _name = "contact.persona.change"
    _inherit = ["contact.of.person.mixin"]
    _description = "Change of Persona"
    _order = "date DESC, id DESC"
    _rec_name = "persona_id"

    profile_id = fields.Many2one(
        "contact.profile", required=True, ondelete="cascade", index=True
    )
    from_persona_id = fields.Many2one(
        "contact.persona", ondelete="set null", index="btree_not_null"
    )
    persona_id = fields.Many2one(
        "contact.persona", ondelete="set null", index="btree_not_null"
    )
    kind = fields.Selection(KINDS, required=True)
    source = fields.Selection(SOURCES, required=True, default="rule")
    confidence = fields.Float(digits=(3, 2), aggregator="avg")
    user_id = fields.Many2one("res.users", string="By")
    date = fields.Datetime(required=True, default=fields.Datetime.now)
    note = fields.Char()
