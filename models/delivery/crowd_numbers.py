"""The recipients of a text message, as the gate sees them."""

from odoo.tools import SQL

from odoo.addons.mass_mailing_contact_strategy.models.sql_arrays import int_array

from .crowd import NOBODY, Crowd

ONLY_RECORDS = "contact_strategy_only_records"
"""Context key: the recipients (frozenset of ids) that the answer is wanted for."""


class NumberCrowd(Crowd):
    """People who are written to at their number: the number is their inbox."""

    def _find_rows(self, create, addresses):
        """Odoo finds a number record by record, and so do we: it must be the same."""
        rows = self.profiles._resolve_number_rows(self.model, self.res_ids, create)
        return {
            res_id: (profile_id, addresses.get(res_id, number))
            for res_id, profile_id, number in rows
        }

    def _blacklisted(self):
        self.env["phone.blacklist"].sudo().flush_model(["number", "active"])
        return SQL("address IN (SELECT number FROM phone_blacklist WHERE active)")

    def _opted_out(self, res_ids, mailboxes, cr):
        """Odoo knows the records that unsubscribed, not the numbers."""
        asked = frozenset(res_ids)
        mailing = self.mailing.with_context(**{ONLY_RECORDS: asked})
        out = [r for r in mailing._get_opt_out_list_sms() if r in asked]
        return SQL("res_id = ANY(%s)", int_array(out)) if out else NOBODY
