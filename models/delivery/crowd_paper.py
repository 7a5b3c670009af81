"""The recipients of a letter or a call, as the gate sees them."""

from .crowd import Crowd


class PaperCrowd(Crowd):
    """People who are written to at their letterbox, or called: that is their inbox."""

    def _find_rows(self, create, _addresses):
        return self.mailing._contact_rows(self.res_ids, create)

    def excluded_by_odoo(self, res_ids, cr=None):
        """As of ``Crowd``."""
        return self.mailing._contact_excluded(self.rows, res_ids)
