import psycopg2

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
        if self.mass_mailing_name and not self._writes_elsewhere():
            # Made by this composer, and called done before it began. Should this
            # process be killed, the queue sends it on.
            self.mass_mailing_id.write({"state": "sending"})
        try:
            made = self.env["contact.gate"]._send_through(
                self.mass_mailing_id,
                res_ids,
                lambda passed: make(passed, auto_commit=auto_commit),
                self._contact_addresses,
            )
        except psycopg2.OperationalError:
            raise  # Odoo does it again, or the queue does.
        except Exception as error:
            self._stop_when_rolled_back(error)
            raise
        if self.mass_mailing_name:
            self.mass_mailing_id.write({"state": "done"})  # or it waits
        return self.env["mail.mail"].sudo().concat(*made)

    def _stop_when_rolled_back(self, error):
        """Whoever was told that it failed will send it again, or not: the queue must
        not. What this composer has made and begun to send becomes a draft.

        :param Exception error: what the user is told
        """
        if not self.mass_mailing_name or modules.module.current_test:
            return
        mailing, registry = self.mass_mailing_id, self.env.registry

        @self.env.cr.postrollback.add
        def stop():
            with registry.cursor() as cr:
                begun = mailing.with_env(mailing.env(cr=cr)).exists()
                begun.filtered(lambda m: m.state == "sending")._stop_sending(error)

    def _writes_elsewhere(self):
        """Does a template say who gets it? The queue would write to the records."""
        return bool(self.template_id and not self.template_id.use_default_to)

    def _contact_addresses(self, res_ids):
        """Where a template, and not the record, says who gets the message.

        A cap must count for whoever is written to.

        :param list res_ids: recipients
        :return: {recipient: normalised address} of those that have one
        """
        if not self._writes_elsewhere():
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
