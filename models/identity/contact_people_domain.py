from contextlib import contextmanager

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.mass_mailing_contact_strategy.models.domain_paths import (
    passes_through,
)
from odoo.addons.mass_mailing_contact_strategy.models.sql_arrays import int_array
from odoo.addons.mass_mailing_contact_strategy.models.written_domain import (
    MISREAD,
    read_domain,
)


class ContactProfile(models.Model):
    """What a domain on people may not lead to, where it is asked about everybody."""

    _inherit = "contact.profile"

    @api.model
    def _get_hidden_models(self):
        """Names of models whose records are hidden between business units.

        Override to add those of your room: call super and unite the sets.

        :rtype: set
        """
        return set()

    @api.model
    def _asks_hidden(self, domain):
        """Does a domain on people ask what is hidden between business units?"""
        hidden = self._get_hidden_models()
        return passes_through(domain, self, lambda model, _name: model in hidden)


class ContactPeopleDomain(models.AbstractModel):
    """Whom something is about, as a user wrote it: a domain on people.

    It is asked with elevated rights about everybody, whoever wrote it. So it may ask
    only what its writer may ask, and nothing that is hidden between business units:
    whom it fits would tell.

    What inherits this says in its own words that its domain cannot be understood
    (``_say_misread``) and that it asks what is hidden (``_say_hidden``).
    """

    _name = "contact.people.domain.mixin"
    _description = "Says Whom It Is About"

    domain = fields.Char(default="[]")
    warning = fields.Char(compute="_compute_warning")

    @api.depends("domain")
    def _compute_warning(self):
        """Why the domain cannot be read (any more), or False."""
        for record in self:
            record.warning = record._say_unreadable()

    # ------------------------------------------------------------
    # In which words: for overrides
    # ------------------------------------------------------------

    def _say_misread(self, error):
        """The sentence for whoever reads or writes what cannot be understood.

        :param Exception error: what reading it raised
        :rtype: str
        """
        raise NotImplementedError

    def _say_hidden(self):
        """The sentence for whoever asks what is hidden between business units.

        :rtype: str
        """
        raise NotImplementedError

    # ------------------------------------------------------------
    # Who may write it
    # ------------------------------------------------------------

    @api.model
    def _get_asking_fields(self):
        """Names of the fields that say whom it is about.

        :rtype: set
        """
        return {"domain"}

    @api.model_create_multi
    def create(self, vals_list):
        """See ``_check_writer``."""
        records = super().create(vals_list)
        records._check_writer()
        return records

    def write(self, vals):
        """See ``_check_writer``."""
        res = super().write(vals)
        if not self._get_asking_fields().isdisjoint(vals):
            self._check_writer()
        return res

    def _check_writer(self):
        """May the user ask this? Not a constraint: those run with elevated rights.

        :raise AccessError: the user may not read what is asked for
        :raise ValidationError: it asks what is hidden between business units
        """
        if self.env.su:
            return
        Profile = self.env["contact.profile"]
        for record in self:
            with record._reading():
                domain = record._get_domain()
                if Profile._asks_hidden(domain):
                    raise ValidationError(record._say_hidden())
                if not domain.is_true():
                    Profile.search_count(domain, limit=1)

    @api.constrains(lambda self: self._get_asking_fields())
    def _check_domain(self):
        """What cannot be asked would silently be about nobody."""
        Profile = self.env["contact.profile"]
        for record in self:
            domain = record._read_domain()
            if not domain.is_true():
                with record._reading():
                    Profile.search_count(domain, limit=1)

    # ------------------------------------------------------------
    # What is written
    # ------------------------------------------------------------

    def _get_domain(self) -> Domain:
        """The people, as a domain on contact.profile; true where nothing is asked.

        Raises what reading it raises: see ``_reading``.
        """
        self.ensure_one()
        return read_domain(self.domain)

    def _read_domain(self) -> Domain:
        """As ``_get_domain``, once all that it names is found.

        :raise ValidationError: it cannot be understood (any more)
        """
        with self._reading():
            domain = self._get_domain()
            # Elevated: it is about the domain, not about what the reader may see.
            domain.validate(self.env["contact.profile"].sudo())
            return domain

    @contextmanager
    def _reading(self):
        """Say whose domain it is that cannot be understood.

        :raise ValidationError: instead of what reading or asking a domain raises
        """
        try:
            yield
        except MISREAD as error:
            raise ValidationError(self._say_misread(error)) from error

    def _say_unreadable(self):
        """Why the domain cannot be read (any more), or False."""
        try:
            self._read_domain()
        except ValidationError as error:
            return str(error)
        return False

    # ------------------------------------------------------------
    # Whom it fits
    # ------------------------------------------------------------

    def _count_fits(self):
        """How many fit, of those the reader may see; none where nothing is asked."""
        try:
            domain = self._read_domain()
            if domain.is_true():
                return 0
            return self.env["contact.profile"].search_count(domain)
        except (AccessError, ValidationError):
            return 0

    def _query_people(self, profile_ids, **context):
        """Those of these people who fit, or None where nothing is asked.

        Elevated: whom it fits does not depend on who asks.

        :param profile_ids: any number
        :param context: how they are searched, such as ``active_test=False``
        :rtype: odoo.tools.Query | None
        :raise ValidationError: it cannot be understood (any more)
        """
        Profile = self.env["contact.profile"].sudo().with_context(**context)
        domain = self._read_domain()
        if domain.is_true():
            return None
        with self._reading():
            return Profile._search(_among(profile_ids) & domain)


def _among(ids):
    """Ten thousand ids as one literal: see ``int_array``."""
    return Domain.custom(
        to_sql=lambda _model, alias, _query: SQL(
            "%s = ANY(%s)", SQL.identifier(alias, "id"), int_array(ids)
        )
    )
