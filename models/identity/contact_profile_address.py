from odoo import api, models
from odoo.tools import SQL


class ContactProfile(models.Model):
    """Addresses: whose is it, and a profile for those that are nobody's yet."""

    _inherit = "contact.profile"

    @api.model
    def _profiles_by_email(self, emails, create=False):
        """Whose address is it? ``{address: profile id}``.

        See ``_sql_owners`` for the choice. With ``create``, everybody gets one.
        """
        found = dict(
            self.env.execute_query(
                self._sql_owners(
                    SQL("profile.email_normalized = ANY(%s)", list(emails))
                )
            )
        )
        missing = set(emails) - found.keys() if create else ()
        if missing:
            found.update(self._make_for_emails(list(missing)))
        return found

    def _sql_owners(self, where, column="email_normalized"):
        """Rows (address, profile id), one for each address: whose is it?

        Those in use before archived ones, a person before a company before a profile
        without a contact, then the oldest.

        :param SQL where: which profiles ``profile`` to look at
        :param str column: what the address is kept in; names the first column
        """
        return SQL(
            """
            SELECT DISTINCT ON (%(address)s) %(address)s, profile.id
              FROM contact_profile profile
         LEFT JOIN res_partner partner ON partner.id = profile.partner_id
             WHERE %(where)s
             ORDER BY %(address)s,
                      profile.active IS NOT TRUE,
                      partner.active IS FALSE,
                      CASE WHEN partner.id IS NULL THEN 2
                           WHEN partner.is_company THEN 1
                           ELSE 0
                       END,
                      profile.id
            """,
            address=SQL.identifier("profile", column),
            where=where,
        )

    def _make_for_emails(self, emails):
        """New profiles without a contact: ``[(address, profile id)]``.

        In the order of the addresses, so that two large audiences at the same time wait
        for each other instead of blocking each other. Whoever comes second with an
        address finds it taken: under REPEATABLE READ that is a serialization error, and
        Odoo tries the transaction again; otherwise the other's profile is read.
        """
        made = self.env.execute_query(
            SQL(
                """
                %s
                ON CONFLICT (email_normalized)
                      WHERE partner_id IS NULL
                        AND email_normalized IS NOT NULL
                        AND active IS TRUE
                 DO NOTHING
                  RETURNING email_normalized, id
                """,
                self._sql_insert_for_emails(
                    SQL("SELECT unnest(%s::text[]) AS email", emails)
                ),
            )
        )
        taken = set(emails).difference(email for email, _id in made)
        if taken:
            made += list(self._profiles_by_email(taken).items())
        return made

    def _sql_insert_for_emails(self, addresses):
        """As the computed fields: named after the first mailing contact with a name."""
        fields = self.env["mailing.contact"]._fields
        has_phone = "phone_sanitized" in fields  # only where SMS mailings are installed
        return SQL(
            """
            INSERT INTO contact_profile (
                   email_normalized, name, phone_sanitized, active, is_seed,
                   create_uid, create_date, write_uid, write_date
                   )
            SELECT address.email, COALESCE(%(name)s, address.email), %(phone)s,
                   TRUE, FALSE,
                   %(uid)s, now() AT TIME ZONE 'UTC', %(uid)s, now() AT TIME ZONE 'UTC'
              FROM (%(addresses)s) address
             ORDER BY address.email
            """,
            addresses=addresses,
            uid=self.env.uid,
            name=self._sql_first_value("name"),
            phone=self._sql_first_value("phone_sanitized")
            if has_phone
            else SQL("NULL"),
        )

    def _sql_first_value(self, fname):
        """As ``mailing.contact._first_value``, for the address at hand."""
        return SQL(
            """(
                 SELECT contact.%(column)s
                   FROM mailing_contact contact
                  WHERE contact.email_normalized = address.email
                    AND contact.%(column)s != ''
                  ORDER BY contact.id
                  LIMIT 1
            )""",
            column=SQL.identifier(fname),
        )
