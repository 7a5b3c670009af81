import re

from odoo import api, models

from .letter_mailing import PAPER

KEY_LENGTH = 320


class MailingMailing(models.Model):
    """Where letters and calls go: letterbox and telephone instead of an inbox.

    A person is a person on every channel. So the gate is asked about the same people,
    and told another address: rules that count per inbox count per letterbox here.
    """

    _inherit = "mailing.mailing"

    def _is_paper(self):
        """Is it a letter or a call?"""
        self.ensure_one()
        return self.mailing_type in PAPER

    def _contact_rows(self, res_ids, create):
        """Who the recipients of a letter or a call are.

        :param bool create: see ``contact.profile._resolve_rows``
        :return: {recipient: (profile id, address or None)}
        """
        rows = self.env["contact.profile"]._resolve_rows(
            self.mailing_model_real, res_ids, create=create
        )
        partners = self._paper_partners(rows)
        key = self._postal_key if self.mailing_type == "letter" else self._phone_key
        return {
            res_id: (profile_id, (profile_id and key(partners[res_id])) or None)
            for res_id, profile_id, _email in rows
        }

    def _paper_partners(self, rows):
        """{recipient: contact whose address is used}: the record's own, or that of the
        person behind it.

        :param rows: as of ``contact.profile._resolve_rows``
        """
        # Elevated, as the gate is: an address may be of another business unit.
        Partner = self.env["res.partner"].sudo()
        res_ids = [row[0] for row in rows]
        if self.mailing_model_real == "res.partner":
            return {res_id: Partner.browse(res_id) for res_id in res_ids}
        profiles = self.env["contact.profile"].sudo().browse(row[1] for row in rows)
        return {
            res_id: profile.partner_id
            for res_id, profile in zip(res_ids, profiles, strict=True)
        }

    @api.model
    def _postal_key(self, partner):
        """The letterbox of a contact, written in one way, or None.

        :param partner: record of res.partner, or none
        """
        street = " ".join(filter(None, (partner.street, partner.street2)))
        place = " ".join(filter(None, (partner.zip, partner.city)))
        if not street or not place:
            return None
        text = ", ".join(filter(None, (street, place, partner.country_id.code)))
        return re.sub(r"\s+", " ", text).strip().lower()[:KEY_LENGTH]

    @api.model
    def _phone_key(self, partner):
        """The number of a contact, digits only, or None.

        :param partner: record of res.partner, or none
        """
        number = partner.phone or ""
        if number and hasattr(partner, "_phone_format"):
            number = partner._phone_format(number=number) or number
        digits = re.sub(r"[^\d+]", "", number)
        return digits[:KEY_LENGTH] if re.search(r"\d", digits) else None

    def _contact_excluded(self, rows, res_ids):
        """Whom a letter or a call does not reach whatever the strategy says.

        :param dict rows: as of ``_contact_rows``
        :param res_ids: recipients asked about
        :return: as ``Crowd.excluded_by_odoo``
        """
        found = self.env["contact.profile"]._resolve_rows(
            self.mailing_model_real, res_ids, create=False
        )
        emails = {res_id: email for res_id, _profile, email in found if email}
        gone = self._opted_out_among(emails.values()) if emails else ()
        addresses = {r: rows.get(r, (None, None))[1] for r in res_ids}
        blocked = self._blocked_numbers(set(addresses.values()))
        return {
            "nowhere": {res_id for res_id, key in addresses.items() if not key},
            "blacklist": {res_id for res_id, key in addresses.items() if key in blocked}
            if blocked
            else set(),
            "optout": {r for r in res_ids if emails.get(r) in gone},
        }

    def _blocked_numbers(self, numbers):
        """Telephone numbers on Odoo's own blacklist, where there is one."""
        if self.mailing_type != "call" or "phone.blacklist" not in self.env:
            return set()
        # Elevated, as in Odoo: everybody's blacklist counts.
        blocked = (
            self.env["phone.blacklist"]
            .sudo()
            .search_fetch(
                [("number", "in", [number for number in numbers if number])], ["number"]
            )
        )
        return set(blocked.mapped("number"))

    def _excluded_labels(self):
        """(reason, words) of those who are not reached whatever the strategy says."""
        nowhere = {
            "sms": self.env._("No phone number"),
            "letter": self.env._("No postal address"),
            "call": self.env._("No telephone number"),
        }
        return (
            (
                "nowhere",
                nowhere.get(self.mailing_type, self.env._("No e-mail address")),
            ),
            ("blacklist", self.env._("On the blacklist")),
            ("optout", self.env._("Unsubscribed")),
        )

    def _preflight_mailboxes(self, crowd):
        """People of one household get a letter each: none is left out for it."""
        if self._is_paper():
            return {}
        return super()._preflight_mailboxes(crowd)
