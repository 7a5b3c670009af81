import ast
from contextlib import contextmanager

from odoo import api, models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Domain

from odoo.addons.mass_mailing_contact_strategy.models.domain_paths import (
    is_ledger,
    passes_through,
)


class ContactPolicy(models.Model):
    """Who is a policy for?

    It is asked with elevated rights before each mailing, whoever wrote it. So it may
    ask only what its writer may ask, and nothing about other business units' messages:
    whether somebody is held back would tell.
    """

    _inherit = "contact.policy"

    @api.model_create_multi
    def create(self, vals_list):
        """See ``_check_writer``."""
        policies = super().create(vals_list)
        policies._check_writer()
        return policies

    def write(self, vals):
        """See ``_check_writer``."""
        res = super().write(vals)
        if "domain" in vals:
            self._check_writer()
        return res

    def _check_writer(self):
        """May the user ask this? Not a constraint: those run with elevated rights.

        :raise AccessError: the user may not read what the policy asks for
        :raise ValidationError: the policy asks the ledger
        """
        if self.env.su:
            return
        Profile = self.env["contact.profile"]
        for policy in self:
            with policy._reading():
                domain = policy._get_domain()
                if passes_through(domain, Profile, is_ledger):
                    raise ValidationError(
                        self.env._(
                            "Who the policy “%(name)s” applies to cannot depend on "
                            "what was sent or held back: policies are asked across "
                            "all business units.",
                            name=policy.name,
                        )
                    )
                Profile.search_count(domain, limit=1)

    @api.constrains("domain")
    def _check_domain(self):
        """A policy that cannot be read would silently be for nobody."""
        for policy in self:
            policy._try_domain()

    def _try_domain(self):
        """Read the domain and ask it once.

        :raise ValidationError: it cannot be understood
        """
        Profile = self.env["contact.profile"]
        with self._reading():
            domain = self._get_domain()
            domain.validate(Profile)
            Profile.search_count(domain, limit=1)

    @contextmanager
    def _reading(self):
        """Say which policy it is that cannot be read.

        :raise ValidationError: instead of what reading a domain raises
        """
        try:
            yield
        except (
            AttributeError,
            KeyError,
            RecursionError,
            SyntaxError,
            TypeError,
            ValueError,
        ) as error:
            raise ValidationError(
                self.env._(
                    "Who the policy “%(name)s” applies to cannot be understood: "
                    "%(error)s",
                    name=self.name,
                    error=error,
                )
            ) from error

    def _get_domain(self) -> Domain:
        """The people the policy is for, as a domain on contact.profile."""
        self.ensure_one()
        return Domain(ast.literal_eval(self.domain or "[]"))

    def _binds(self, profile, own_policy_id):
        """Is the person bound by this policy: as the own one, or by a guard?

        :param profile: one record of contact.profile
        :param int own_policy_id: the policy the person falls under
        """
        self.ensure_one()
        if self.is_guard:
            with self._reading():
                return bool(profile.filtered_domain(self._get_domain()))
        return self.id == own_policy_id

    def _is_for_everybody(self):
        try:
            with self._reading():
                return self._get_domain().is_true()
        except ValidationError:
            return False

    def _say_audience(self):
        """How many people the policy fits, of those the reader may see.

        :rtype: str
        """
        if self._is_for_everybody():
            return self.env._("everybody")
        try:
            with self._reading():
                count = self.env["contact.profile"].search_count(self._get_domain())
        except AccessError:
            return self.env._("people you may not count")
        except ValidationError:
            return self.env._("cannot be understood")
        return self.env._("%(count)s people", count=count)

    def _say_unreadable(self):
        """Why the policy cannot be read (any more), or False.

        Elevated: it is about the policy, not about what the reader may see.
        """
        try:
            with self._reading():
                self._get_domain().validate(self.env["contact.profile"].sudo())
        except ValidationError as error:
            return str(error)
        return False
