import re

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, email_normalize

WAYS = ("person_email", "person_phone", "person_partner_id")


class ContactTouch(models.Model):
    """Touches that happened outside: an agency's mailing, a fair, a round of calls.

    Files know people by an address, a number or a contact, and not by our profiles.
    Whoever is not known is a fault of the row: a touch that was written to nobody, or
    to somebody else, would be worse than none.
    """

    _inherit = "contact.touch"

    person_email = fields.Char(
        string="E-mail of the Person",
        compute="_compute_person",
        readonly=False,
        help="For files: who it was, by the e-mail address.",
    )
    person_phone = fields.Char(
        string="Phone of the Person",
        compute="_compute_person",
        readonly=False,
        help="For files: who it was, by the telephone number.",
    )
    person_partner_id = fields.Many2one(
        "res.partner",
        string="Contact",
        compute="_compute_person",
        readonly=False,
        help="For files: who it was, by the contact's name or external ID.",
    )

    @api.depends("profile_id")
    def _compute_person(self):
        """What an export shows, and an import takes."""
        for touch in self:
            profile = touch.profile_id
            touch.person_email = profile.email_normalized
            touch.person_phone = profile.partner_id.phone
            touch.person_partner_id = profile.partner_id

    @api.model_create_multi
    def create(self, vals_list):
        """Find the people of a file.

        :raise UserError: somebody is not known, or two ways name two people
        """
        # A cell that was left empty is no cost: the channel's is taken.
        vals_list = [
            {n: v for n, v in vals.items() if n != "cost" or v is not False}
            for vals in vals_list
        ]
        asked = [vals for vals in vals_list if any(vals.get(way) for way in WAYS)]
        if asked:
            try:
                self._find_people_of_rows(asked)
            except UserError as error:
                if len(vals_list) == 1 or not self.env.context.get("import_file"):
                    raise
                # Odoo's importer blames the first row for what a user did wrong in any,
                # and asks row by row after any other error.
                raise ValueError(str(error)) from error
        for vals in vals_list:
            for way in WAYS:
                vals.pop(way, None)
        return super().create(vals_list)

    @api.model
    def _find_people_of_rows(self, rows):
        """Give each row its ``profile_id``.

        :param list rows: values of touches
        :raise UserError: see ``create``
        """
        by_email = self._owners_by_email(rows)
        by_phone = self._owners_by_phone(rows)
        for vals in rows:
            found = set()
            if email := vals.get("person_email"):
                known = by_email.get(email_normalize(email))
                if not known:
                    raise UserError(
                        self.env._("Nobody has the e-mail address “%s”.", email)
                    )
                found.add(known)
            if phone := vals.get("person_phone"):
                known = by_phone.get(_digits(phone), ())
                if len(known) != 1:
                    raise UserError(
                        self.env._("Nobody has the telephone number “%s”.", phone)
                        if not known
                        else self.env._("Several people have the number “%s”.", phone)
                    )
                found.update(known)
            if partner_id := vals.get("person_partner_id"):
                found.add(self._owner_by_partner(partner_id))
            found.add(vals.get("profile_id") or next(iter(found)))
            if len(found) > 1:
                raise UserError(
                    self.env._("The columns of this row name different people.")
                )
            vals["profile_id"] = found.pop()

    @api.model
    def _owners_by_email(self, rows):
        """{normalized address: profile id} of the addresses that are known."""
        emails = {email_normalize(vals.get("person_email") or "") for vals in rows}
        emails.discard(False)
        return self.env["contact.profile"]._profiles_by_email(emails) if emails else {}

    @api.model
    def _owners_by_phone(self, rows):
        """{digits: set of profile ids}.

        SQL, as numbers are stored the way people write them.
        """
        digits = {_digits(vals.get("person_phone") or "") for vals in rows}
        digits.discard("")
        if not digits:
            return {}
        self.env["res.partner"].flush_model(["phone", "active", "profile_id"])
        found = {}
        for number, profile_id in self.env.execute_query(
            SQL(
                """
                SELECT number, profile_id
                  FROM res_partner, regexp_replace(
                       regexp_replace(phone, '[^0-9]', '', 'g'), '^00', '') AS number
                 WHERE active AND profile_id IS NOT NULL AND number = ANY(%s)
                """,
                list(digits),
            )
        ):
            found.setdefault(number, set()).add(profile_id)
        return found

    @api.model
    def _owner_by_partner(self, partner_id):
        """The profile id of a contact.

        :raise UserError: it has none
        """
        partner = self.env["res.partner"].browse(partner_id).exists()
        if not partner.profile_id:
            raise UserError(self.env._("This contact has no profile."))
        return partner.profile_id.id


def _digits(text):
    """A telephone number, whatever way it was written."""
    digits = re.sub(r"\D", "", text)
    return digits.removeprefix("00")
