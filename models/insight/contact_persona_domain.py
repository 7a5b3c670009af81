from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.mass_mailing_contact_strategy.models.domain_paths import (
    passes_through,
)


class ContactPersona(models.Model):
    """Who fits a persona?

    Asked of people is nothing that follows from the persona's own answer: whoever was
    one would stay one because of it.
    """

    _inherit = "contact.persona"

    fit_count = fields.Integer(
        compute="_compute_fit_count", string="Fit", help="People who fit right now."
    )

    @api.depends("domain")
    def _compute_fit_count(self):
        for persona in self:
            persona.fit_count = persona._count_fits()

    @api.constrains("domain")
    def _check_own_answer(self):
        for persona in self:
            if persona._names_own_answer(persona._read_domain()):
                raise ValidationError(
                    self.env._(
                        "Who fits the persona “%(name)s” cannot depend on the "
                        "persona itself.",
                        name=persona.name,
                    )
                )

    @api.model
    def _names_own_answer(self, domain):
        return passes_through(
            domain,
            self.env["contact.profile"],
            lambda _model, name: name.startswith("persona"),
        )

    def _say_misread(self, error):
        """Whose persona it is, and what is wrong with it."""
        return self.env._(
            "Who fits the persona “%(name)s” cannot be understood: %(error)s",
            name=self.name,
            error=error,
        )

    def _say_hidden(self):
        """Why nobody is a persona by what was sent."""
        return self.env._(
            "Who fits the persona “%(name)s” cannot depend on what was sent or held "
            "back: personas are concluded across all business units.",
            name=self.name,
        )
