from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.mass_mailing_contact_strategy.core import engagement

from . import contact_profile_engagement, contact_profile_quality_faults

ENGAGEMENT = contact_profile_engagement.PREFIX
LONGEST = 1200
"""Months; a hundred years."""


class ResConfigSettings(models.TransientModel):
    """How fast engagement fades, what is hot, and when data are stale."""

    _inherit = "res.config.settings"

    contact_engagement_half_life = fields.Integer(
        string="Half of it is left after",
        config_parameter=f"{ENGAGEMENT}half_life",
        default=engagement.HALF_LIFE,
    )
    contact_engagement_hot = fields.Integer(
        string="Hot from",
        config_parameter=f"{ENGAGEMENT}hot",
        default=engagement.Classes.hot,
    )
    contact_engagement_warm = fields.Integer(
        string="Warm from",
        config_parameter=f"{ENGAGEMENT}warm",
        default=engagement.Classes.warm,
    )
    contact_engagement_cold = fields.Integer(
        string="Cold from",
        config_parameter=f"{ENGAGEMENT}cold",
        default=engagement.Classes.cold,
    )
    contact_quality_stale_months = fields.Integer(
        string="Data are stale after",
        config_parameter=contact_profile_quality_faults.STALE_MONTHS,
        default=24,
    )

    def set_values(self):
        """Refuse what cannot be meant; everybody is looked at anew.

        :raise ValidationError: numbers that make no sense
        """
        self._check_insight_numbers()
        before = self._insight_numbers()
        res = super().set_values()
        after = self._insight_numbers()
        Profile = self.env["contact.profile"]
        if before[:-1] != after[:-1]:
            Profile._walk_soon("engagement")
        if before[-1] != after[-1]:
            Profile._walk_soon("quality")
        if before[0] != after[0]:
            Profile._half_life_changed()
        return res

    @api.model
    def _insight_numbers(self):
        Profile = self.env["contact.profile"]
        classes = Profile._engagement_classes()
        return (
            Profile._engagement_half_life(),
            classes,
            Profile._quality_stale_months(),
        )

    def _check_insight_numbers(self):
        for settings in self:
            classes = engagement.Classes(
                settings.contact_engagement_hot,
                settings.contact_engagement_warm,
                settings.contact_engagement_cold,
            )
            if settings.contact_engagement_half_life not in engagement.HALF_LIVES:
                raise ValidationError(
                    self.env._("Half of the engagement is left after 7 to 3650 days.")
                )
            if not classes.is_ordered:
                raise ValidationError(
                    self.env._(
                        "Hot must be more than warm, warm more than cold, and all of "
                        "them between 1 and 100."
                    )
                )
            if not 1 <= settings.contact_quality_stale_months <= LONGEST:
                raise ValidationError(
                    self.env._("Data are stale after 1 to 1200 months.")
                )
