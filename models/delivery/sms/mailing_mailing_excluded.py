from odoo import models
from odoo.fields import Domain

from odoo.addons.mass_mailing_contact_strategy.models.delivery.crowd_numbers import (
    ONLY_RECORDS,
)
from odoo.addons.mass_mailing_contact_strategy.models.delivery.stock_methods import (
    is_stock_below,
)

STOCK_MAILING = "odoo.addons.mass_mailing_sms.models.mailing_mailing"
STOCK_LIST = "odoo.addons.mass_mailing_sms.models.mailing_list"


class MailingMailing(models.Model):
    """Who unsubscribed, and who was reached: asked for some recipients only.

    As for e-mails (see the extension of that name): a large mailing is made in parts,
    and Odoo would read all there are for each.
    """

    _register = False
    _name = "mailing.mailing"
    _inherit = ["mailing.mailing"]

    def _get_opt_out_list_sms(self):
        """Leave out recipients whom nobody asked about."""
        asked = self.env.context.get(ONLY_RECORDS)
        lists = self.env["mailing.list"]
        if (
            asked is None
            or self.mailing_model_name != lists._name
            or not self._is_stock("_get_opt_out_list_sms")
            or not is_stock_below(
                lists, None, "_mailing_get_opt_out_list_sms", STOCK_LIST
            )
        ):
            return super()._get_opt_out_list_sms()
        subscriptions = self.env["mailing.subscription"].search_fetch(
            Domain("contact_id", "in", list(asked))
            & Domain("list_id", "in", self.contact_list_ids.ids),
            ["contact_id", "opt_out"],
        )
        out = subscriptions.filtered("opt_out")
        # Whoever is still subscribed to one of the lists gets it, as in Odoo.
        return (out.contact_id - (subscriptions - out).contact_id).ids

    def _get_seen_list_sms(self):
        """Leave out recipients whom nobody asked about; of those the ids only."""
        asked = self.env.context.get(ONLY_RECORDS)
        target = self.env[self.mailing_model_real]
        if (
            asked is None
            # Of others Odoo finds out whether they have numbers at all.
            or not isinstance(target, self.pool["mail.thread.phone"])
            or not self._is_stock("_get_seen_list_sms")
        ):
            return super()._get_seen_list_sms()
        groups = self.env["mailing.trace"]._read_group(
            Domain("mass_mailing_id", "=", self.id)
            & Domain("model", "=", self.mailing_model_real)
            & Domain("res_id", "in", list(asked)),
            ["res_id"],
        )
        return [res_id for (res_id,) in groups], []

    def _is_stock(self, name):
        return is_stock_below(self, MailingMailing, name, STOCK_MAILING)
