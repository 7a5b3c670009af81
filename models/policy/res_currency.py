from decimal import Decimal

from odoo import models


class ResCurrency(models.Model):
    """What touches cost is compared with what rules allow."""

    _inherit = "res.currency"

    def _rate_to(self, other):
        """What an amount is to be multiplied by, at today's rate of the current unit.

        :param other: the currency wanted
        :rtype: Decimal
        """
        self.ensure_one()
        if self == other or not other.rate or not self.rate:
            return Decimal(1)
        return Decimal(str(other.rate)) / Decimal(str(self.rate))
