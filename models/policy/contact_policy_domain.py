from odoo import models
from odoo.exceptions import AccessError, ValidationError


class ContactPolicy(models.Model):
    """Who is a policy for?

    Asked before each mailing: whether somebody is held back would tell what is hidden.
    """

    _inherit = "contact.policy"

    def _say_misread(self, error):
        """Whose policy it is, and what is wrong with it."""
        return self.env._(
            "Who the policy “%(name)s” applies to cannot be understood: %(error)s",
            name=self.name,
            error=error,
        )

    def _say_hidden(self):
        """Why a policy does not ask what was sent."""
        return self.env._(
            "Who the policy “%(name)s” applies to cannot depend on what was sent or "
            "held back: policies are asked across all business units.",
            name=self.name,
        )

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
