from odoo import models
from odoo.tools import SQL

from .batch_memo import MEMO, BatchMemo
from .mailing_mailing_excluded import ONLY_EMAILS
from .stock_methods import is_stock_below

STOCK_COMPOSER = "odoo.addons.mail.wizard.mail_compose_message"


class MailComposeMessage(models.TransientModel):
    """A batch of messages asks about its own addresses, not about everybody's."""

    _inherit = "mail.compose.message"

    def _prepare_mail_values(self, res_ids):
        """What is the same for all letters of the batch is found out once."""
        if not self._is_mass_mailing():
            return super()._prepare_mail_values(res_ids)
        batch = self.with_context(**{MEMO: BatchMemo()})
        return super(MailComposeMessage, batch)._prepare_mail_values(res_ids)

    def _process_mail_values_state(self, mail_values_dict):
        """Tell the mailing which addresses the batch has."""
        if not self.mass_mailing_id:
            return super()._process_mail_values_state(mail_values_dict)
        emails = frozenset(
            email
            for info in self._get_recipients_data(mail_values_dict).values()
            for email in info["mail_to_normalized"]
        )
        batch = self.with_context(**{ONLY_EMAILS: emails})
        return super(MailComposeMessage, batch)._process_mail_values_state(
            mail_values_dict
        )

    def _get_blacklist_record_ids(self, mail_values_dict, recipients_info=None):
        """Odoo's answer, without reading the whole blacklist for each batch."""
        if (
            not self.use_exclusion_list
            or self.composition_mode != "mass_mail"
            or not is_stock_below(
                self, MailComposeMessage, "_get_blacklist_record_ids", STOCK_COMPOSER
            )
        ):
            return super()._get_blacklist_record_ids(mail_values_dict, recipients_info)
        addresses = self._blacklist_addresses(mail_values_dict, recipients_info or {})
        blocked = self._blacklisted_among(set().union(*addresses.values()))
        return {res_id for res_id, own in addresses.items() if own & blocked}

    def _blacklist_addresses(self, mail_values_dict, recipients_info):
        """{recipient: set of the addresses that Odoo looks up on the blacklist}."""
        records = self.env[self.model].browse(mail_values_dict)
        if isinstance(records, self.pool["mail.thread.blacklist"]):
            records.fetch(["email_normalized"])
            return {record.id: {record.email_normalized} for record in records}
        return {
            res_id: set(info["mail_to_normalized"])
            for res_id, info in recipients_info.items()
        }

    def _blacklisted_among(self, emails):
        """Which of these addresses are on the blacklist?

        SQL, as in Odoo: whoever sends need not have access to the blacklist.

        :param set emails: normalized addresses, or False
        :rtype: set
        """
        emails = [email for email in emails if email]
        if not emails:
            return set()
        self.env["mail.blacklist"].flush_model(["email", "active"])
        rows = self.env.execute_query(
            SQL(
                "SELECT email FROM mail_blacklist WHERE active AND email = ANY(%s)",
                emails,
            )
        )
        return {email for (email,) in rows}
