from odoo import fields, models
from odoo.exceptions import ValidationError

from .contact_touch_fold import KEPT_MONTHS
from .contact_touch_month import IS_SPLIT

LONGEST = 1200
"""Months; a hundred years."""


class ResConfigSettings(models.TransientModel):
    """How long the ledger keeps single touches."""

    _inherit = "res.config.settings"

    contact_touch_months = fields.Integer(
        string="Keep single touches for",
        config_parameter=KEPT_MONTHS,
        help="Months. Older touches become sums per person and year. Empty: all single "
        "touches are kept.",
    )
    contact_touch_is_split = fields.Boolean(
        string="Keep old touches in one table per month",
        config_parameter=IS_SPLIT,
    )

    def set_values(self):
        """Refuse what the rules could not live with.

        :raise ValidationError: a rule looks further back, or no such time is meant
        """
        for settings in self:
            months = settings.contact_touch_months
            if not 0 <= months <= LONGEST:
                raise ValidationError(
                    self.env._("Single touches can be kept for 1 to 1200 months.")
                )
            if months:
                self.env["contact.touch"]._check_kept_months(months)
        return super().set_values()
