import ast
from contextlib import contextmanager

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.mass_mailing_contact_strategy.models.domain_paths import (
    passes_through,
)
from odoo.addons.mass_mailing_contact_strategy.models.sql_arrays import int_array

MISREAD = (
    AttributeError,
    KeyError,
    RecursionError,
    SyntaxError,
    TypeError,
    ValueError,
)


class ContactPersona(models.Model):
    """Who fits a persona?

    It is asked with elevated rights about everybody, whoever wrote it. So it may ask
    only what its writer may ask, nothing that is hidden between business units, and
    nothing that follows from its own answer.
    """

    _inherit = "contact.persona"

    warning = fields.Char(compute="_compute_warning")
    fit_count = fields.Integer(
        compute="_compute_fit_count", string="Fit", help="People who fit right now."
    )

    @api.depends("domain")
    def _compute_warning(self):
        """Why the rule cannot be read (any more), or False."""
        for persona in self:
            persona.warning = persona._say_unreadable()

    @api.depends("domain")
    def _compute_fit_count(self):
        Profile = self.env["contact.profile"]
        for persona in self:
            persona.fit_count = 0
            domain = persona.warning or persona._get_domain()
            if not persona.warning and not domain.is_true():
                try:
                    persona.fit_count = Profile.search_count(domain)
                except AccessError:
                    continue  # nothing to count for whom may not see them

    @api.model_create_multi
    def create(self, vals_list):
        """See ``_check_writer``."""
        personas = super().create(vals_list)
        personas._check_writer()
        return personas

    def write(self, vals):
        """See ``_check_writer``."""
        res = super().write(vals)
        if "domain" in vals:
            self._check_writer()
        return res

    @api.constrains("domain")
    def _check_domain(self):
        """A persona that cannot be read would silently be nobody's."""
        Profile = self.env["contact.profile"]
        for persona in self:
            with persona._reading():
                domain = persona._get_domain()
                domain.validate(Profile)
                if self._names_own_answer(domain, Profile):
                    raise ValidationError(
                        self.env._(
                            "Who fits the persona “%(name)s” cannot depend on the "
                            "persona itself.",
                            name=persona.name,
                        )
                    )
                Profile.search_count(domain, limit=1)

    def _check_writer(self):
        """May the user ask this? Not a constraint: those run with elevated rights.

        :raise AccessError: the user may not read what the persona asks for
        :raise ValidationError: it asks what is hidden between business units
        """
        if self.env.su:
            return
        Profile = self.env["contact.profile"]
        hidden = self._hidden_models()
        for persona in self:
            with persona._reading():
                domain = persona._get_domain()
                if domain.is_true():
                    continue
                if passes_through(
                    domain, Profile, lambda model, _name: model in hidden
                ):
                    raise ValidationError(
                        self.env._(
                            "Who fits the persona “%(name)s” cannot depend on what "
                            "was sent or held back: personas are concluded across "
                            "all business units.",
                            name=persona.name,
                        )
                    )
                Profile.search_count(domain, limit=1)

    @api.model
    def _hidden_models(self):
        """Names of models whose records are hidden between business units.

        Override to add those of your room: call super and unite the sets.
        """
        return set()

    @api.model
    def _names_own_answer(self, domain, Profile):
        return passes_through(
            domain, Profile, lambda _model, name: name.startswith("persona")
        )

    def _say_unreadable(self):
        try:
            with self._reading():
                self._get_domain().validate(self.env["contact.profile"].sudo())
        except ValidationError as error:
            return str(error)
        return False

    @contextmanager
    def _reading(self):
        """:raise ValidationError: the domain cannot be understood"""
        try:
            yield
        except MISREAD as error:
            raise ValidationError(
                self.env._(
                    "Who fits the persona “%(name)s” cannot be understood: %(error)s",
                    name=self.name,
                    error=error,
                )
            ) from error

    def _get_domain(self) -> Domain:
        """Who fits, as a domain on contact.profile; true where nothing is asked."""
        self.ensure_one()
        return Domain(ast.literal_eval(self.domain or "[]"))

    def _people_query(self, profile_ids):
        """Those of these people who fit, or None where the persona does not ask.

        :raise ValidationError: the domain cannot be understood (any more)
        """
        Profile = self.env["contact.profile"].sudo().with_context(active_test=False)
        with self._reading():
            domain = self._get_domain()
            if domain.is_true():
                return None
            domain.validate(Profile)
            return Profile._search(_among(profile_ids) & domain)


def _among(ids):
    """Ten thousand ids as one literal: see ``int_array``."""
    return Domain.custom(
        to_sql=lambda _model, alias, _query: SQL(
            "%s = ANY(%s)", SQL.identifier(alias, "id"), int_array(ids)
        )
    )
