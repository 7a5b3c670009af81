from odoo import api, models
from odoo.tools import SQL

POSITIVE = "mass_mailing_contact_strategy.positive_responses"
RESPONSES = ("opened", "clicked", "replied", "converted")
USUAL = ("clicked", "replied", "converted")
"""Not opened: programs that protect privacy open messages by themselves."""
NONE = "none"
"""A parameter cannot be empty."""


class ContactTouch(models.Model):
    """What counts as a positive answer: that is for users to say."""

    _inherit = "contact.touch"

    @api.model
    def _positive_kinds(self):
        """Names of the responses that count as a positive answer.

        :rtype: tuple[str]
        """
        # Elevated: whoever asks need not read the settings.
        value = self.env["ir.config_parameter"].sudo().get_param(POSITIVE)
        if not value:
            return USUAL
        return tuple(kind for kind in RESPONSES if kind in value.split(","))

    @api.model
    def _positive_response(self, alias="contact_touch"):
        """Has the person answered well to this touch?

        :param str alias: of ``contact_touch`` in the statement
        :return: SQL for a condition: NULL is no. Not turned into FALSE, so that the
            database sees that it may use the index on answered touches
        """
        answered = [
            SQL("%s", SQL.identifier(alias, kind)) for kind in self._positive_kinds()
        ]
        return SQL("(%s)", SQL(" OR ").join(answered or [SQL("FALSE")]))

    @api.model
    def _positive_response_date(self, alias="contact_touch"):
        """When was that? The latest answer; where no moment is known, the touch's own.

        :param str alias: of ``contact_touch`` in the statement
        :rtype: SQL
        """
        moments = [
            SQL(
                "CASE WHEN %s THEN COALESCE(%s, %s) END",
                SQL.identifier(alias, kind),
                SQL.identifier(alias, f"{kind}_date"),
                SQL.identifier(alias, "date"),
            )
            for kind in self._positive_kinds()
        ]
        return SQL("GREATEST(%s)", SQL(", ").join([*moments, SQL("NULL::timestamp")]))

    @api.model
    def _positive_response_of_year(self, alias):
        """As ``_positive_response_date``, of all touches in a sum.

        :param str alias: of ``contact_touch_year`` in the statement
        :rtype: SQL
        """
        moments = (
            SQL.identifier(alias, f"{kind}_last") for kind in self._positive_kinds()
        )
        return SQL("GREATEST(%s)", SQL(", ").join([*moments, SQL("NULL::timestamp")]))
