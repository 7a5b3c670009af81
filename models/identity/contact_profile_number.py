from odoo import api, models
from odoo.tools import SQL, split_every

NUMBERS_AT_ONCE = 1000


class ContactProfile(models.Model):
    """Who is behind the records of a text message, and at which number?

    The person is the one whom an e-mail to the record would reach, so that a cap holds
    across channels. Records without an address are their contact's, and where there is
    no contact either, the number says whose they are. Somebody who is known by a
    number alone gets a profile that has nothing else (``own_phone``).
    """

    _inherit = "contact.profile"

    @api.depends("own_phone")
    def _compute_phone_sanitized(self):
        """Whoever is known by a number alone has it."""
        res = super()._compute_phone_sanitized()
        for profile in self:
            profile.phone_sanitized = profile.phone_sanitized or profile.own_phone
        return res

    @api.model
    def _resolve_number_rows(self, model, res_ids, create=True):
        """As ``_resolve_rows``, with numbers instead of addresses.

        :param str model: a model that text messages can be sent to
        :param bool create: False: read only, for previews
        :return: rows ``(res_id, profile id or None, number or None)``, by id, of the
            records that exist
        """
        # sudo: a cap counts for people the sender may not see; only ids leave here
        self = self.sudo()
        model = "mailing.contact" if model == "mailing.list" else model
        by_address = self._resolve_rows(model, res_ids, create=create)
        numbers = self._find_numbers(model, [row[0] for row in by_address])
        owners = {res_id: profile_id for res_id, profile_id, _address in by_address}
        partners = self.env["res.partner"].browse(
            partner_id
            for res_id, (_number, partner_id) in numbers.items()
            if partner_id and not owners[res_id]
        )
        of_partner = {partner.id: partner.profile_id.id for partner in partners}
        for res_id, (_number, partner_id) in numbers.items():
            owners[res_id] = owners[res_id] or of_partner.get(partner_id)
        unknown = {n for r, (n, _partner) in numbers.items() if n and not owners[r]}
        by_number = self._profiles_by_number(unknown, create) if unknown else {}
        return [
            (res_id, owners[res_id] or by_number.get(number), number)
            for res_id, (number, _partner_id) in numbers.items()
        ]

    @api.model
    def _find_numbers(self, model, res_ids):
        """{record: (number or None, id of the contact it belongs to or None)}.

        Asked of Odoo's own method, which the composer uses, and not of columns: a
        number that no composer would take must not be counted for anybody.
        """
        Model = self.env[model].with_context(active_test=False)
        numbers = {}
        for some_ids in split_every(NUMBERS_AT_ONCE, res_ids, list):
            found = Model.browse(some_ids)._sms_get_recipients_info()
            for res_id, values in found.items():
                number = values["sanitized"] or None
                numbers[res_id] = number, values["partner"][:1].id or None
        return numbers

    @api.model
    def _profiles_by_number(self, numbers, create=False):
        """Whose number is it? ``{number: profile id}``, as `_profiles_by_email`."""
        self.flush_model()
        found = self._owners_of_numbers(numbers)
        missing = set(numbers) - found.keys() if create else ()
        if missing:
            self.env.cr.execute(self._sql_insert_for_numbers(sorted(missing)))
            found.update(self._owners_of_numbers(missing))
        return found

    def _owners_of_numbers(self, numbers):
        where = SQL("profile.phone_sanitized = ANY(%s)", list(numbers))
        return dict(
            self.env.execute_query(self._sql_owners(where, column="phone_sanitized"))
        )

    def _sql_insert_for_numbers(self, numbers):
        """New profiles that have a number and nothing else.

        In their order, and only once each, as those for addresses: see
        ``_make_for_emails``.
        """
        return SQL(
            """
            INSERT INTO contact_profile (
                   own_phone, phone_sanitized, name, active, is_seed,
                   create_uid, create_date, write_uid, write_date)
            SELECT number, number, number, TRUE, FALSE,
                   %(uid)s, now() AT TIME ZONE 'UTC', %(uid)s, now() AT TIME ZONE 'UTC'
              FROM unnest(%(numbers)s::text[]) AS number
                ON CONFLICT (own_phone)
                      WHERE own_phone IS NOT NULL AND active IS TRUE
                DO NOTHING
            """,
            uid=self.env.uid,
            numbers=list(numbers),
        )
