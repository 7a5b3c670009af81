from odoo import models, modules
from odoo.tools import email_normalize


class MailComposeMessage(models.TransientModel):
    """Every mailing leaves through here: launch, queue, A/B test, list view, API."""

    _inherit = "mail.compose.message"

    def _action_send_mail_mass_mail(self, res_ids, auto_commit=False):
        """Only those whom the contact strategy lets through are handed on to Odoo."""
        make = super()._action_send_mail_mass_mail
        if not self._is_mass_mailing():
            return make(res_ids, auto_commit=auto_commit)
        # A reservation that is not committed protects nobody, and a message that left
        # cannot be rolled back: every path commits, as Odoo's own launch does.
        auto_commit = auto_commit or not modules.module.current_test
        made = self.env["contact.gate"]._send_through(
            self.mass_mailing_id,
            res_ids,
            lambda passed: make(passed, auto_commit=auto_commit),
            self._contact_addresses,
        )
        if self.mass_mailing_id.state == "done":
            # Made by this composer, and called done before it began: it may wait.
            self.mass_mailing_id.write({"state": "done"})
        return self.env["mail.mail"].sudo().concat(*made)

    def _contact_addresses(self, res_ids):
        """Where a template, and not the record, says who gets the message.

        A cap must count for whoever is written to.

        :param list res_ids: recipients
        :return: {recipient: normalised address} of those that have one
        """
        if not self.template_id or self.template_id.use_default_to:
            return {}
        rendered = self._generate_template_for_composer(
            res_ids, ("email_to", "partner_ids"), find_or_create_partners=False
        )
        addresses = {}
        for res_id, values in rendered.items():
            partners = self.env["res.partner"].sudo().browse(values.get("partner_ids"))
            address = next(filter(None, partners.mapped("email_normalized")), None)
            address = address or email_normalize(values.get("email_to"), strict=False)
            if address:
                addresses[res_id] = address
        return addresses
