from odoo import models


class MailingMailing(models.Model):
    """Segments are asked about before anything is sent, by whatever way.

    Below the queue, which lets the other mailings go out where one fails.
    """

    _inherit = "mailing.mailing"

    def _action_send_mail(self, res_ids=None):
        """Also to recipients that were named one by one."""
        self._check_segments()
        return super()._action_send_mail(res_ids)
