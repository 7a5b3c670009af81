import ast
from contextlib import contextmanager

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Domain

from odoo.addons.mass_mailing_contact_strategy.models.domain_paths import (
    is_ledger,
    passes_through,
)

MISREAD = (
    AttributeError,
    KeyError,
    RecursionError,
    SyntaxError,
    TypeError,
    ValueError,
)


class ContactJourneyStage(models.Model):
    """Who enters a stage by itself: by a domain, and by signals.

    The domain is asked with elevated rights about everybody, whoever wrote it. So it
    may ask only what its writer may ask, and nothing that is hidden between business
    units: who is in a stage would tell.
    """

    _inherit = "contact.journey.stage"

    domain = fields.Char(
        default="[]",
        string="Entered by",
        help="People who fit may enter. Empty: nobody enters by this.",
    )
    is_automatic = fields.Boolean(
        string="By the Domain", help="Whoever fits the domain enters by itself."
    )
    signal_ids = fields.One2many("contact.signal", "stage_id")
    warning = fields.Char(compute="_compute_warning")
    fit_count = fields.Integer(
        compute="_compute_fit_count",
        string="Fit",
        help="People who fit the domain right now, whatever stage they are in.",
    )

    @api.depends("domain")
    def _compute_warning(self):
        """Why the rule cannot be read (any more), or False."""
        for stage in self:
            stage.warning = stage._say_unreadable()

    @api.depends("domain")
    def _compute_fit_count(self):
        for stage in self:
            stage.fit_count = stage._count_fits()

    def _count_fits(self):
        """Of those the reader may see."""
        domain = Domain.TRUE if self.warning else self._read_domain()
        try:
            if not domain.is_true():
                return self.env["contact.profile"].search_count(domain)
        except AccessError:
            return 0
        return 0

    def _say_unreadable(self):
        """Why the rule cannot be read (any more), or False."""
        try:
            self._read_domain()
        except ValidationError as error:
            return str(error)
        return False

    @api.model_create_multi
    def create(self, vals_list):
        """See ``_check_writer``."""
        stages = super().create(vals_list)
        stages._check_writer()
        return stages

    def write(self, vals):
        """See ``_check_writer``."""
        res = super().write(vals)
        if "domain" in vals:
            self._check_writer()
        return res

    @api.constrains("domain")
    def _check_domain(self):
        """A rule that cannot be read would silently move nobody."""
        Profile = self.env["contact.profile"]
        for stage in self:
            domain = stage._read_domain()
            if not domain.is_true():
                with stage._reading():
                    Profile.search_count(domain, limit=1)

    def _check_writer(self):
        """May the user ask this? Not a constraint: those run with elevated rights.

        :raise AccessError: the user may not read what the domain asks for
        :raise ValidationError: it asks what is hidden between business units
        """
        if self.env.su:
            return
        Profile = self.env["contact.profile"]
        for stage in self:
            domain = stage._read_domain()
            if domain.is_true():
                continue
            with stage._reading():
                if passes_through(domain, Profile, is_ledger):
                    raise ValidationError(
                        self.env._(
                            "Who enters “%(name)s” cannot depend on what was sent or "
                            "held back: people are moved across all business units.",
                            name=stage.name,
                        )
                    )
                Profile.search_count(domain, limit=1)

    @contextmanager
    def _reading(self):
        """:raise ValidationError: instead of what reading a domain raises"""
        try:
            yield
        except MISREAD as error:
            raise ValidationError(
                self.env._(
                    "Who enters the stage “%(name)s” cannot be understood: %(error)s",
                    name=self.name,
                    error=error,
                )
            ) from error

    def _read_domain(self):
        """Who fits, as a domain on contact.profile; true where nothing is asked.

        :rtype: Domain
        :raise ValidationError: it cannot be understood (any more)
        """
        self.ensure_one()
        with self._reading():
            domain = Domain(ast.literal_eval(self.domain or "[]"))
            # Elevated: it is about the rule, not about what the reader may see.
            domain.validate(self.env["contact.profile"].sudo())
            return domain
