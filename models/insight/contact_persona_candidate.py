from odoo import fields, models


class ContactPersonaCandidate(models.Model):
    """How well a persona fits a person: points, and their share of all points.

    Derived from domains and signals by ``contact.persona._conclude`` alone.
    """

    _name = "contact.persona.candidate"
    _inherit = ["contact.of.person.mixin"]
    _description = "Persona Candidate"
    _order = "score DESC, persona_id"
    _rec_name = "persona_id"

    profile_id = fields.Many2one(
        "contact.profile",
        required=True,
        ondelete="cascade",  # indexed by _person_unique
    )
    persona_id = fields.Many2one(
        "contact.persona", required=True, ondelete="cascade", index=True
    )
    score = fields.Float(string="Points", digits=(16, 2))
    confidence = fields.Float(
        digits=(3, 2), aggregator="avg", help="Its share of all points of the person."
    )

    _person_unique = models.UniqueIndex("(profile_id, persona_id)")
