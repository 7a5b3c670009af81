from odoo import api, models
from odoo.tools import SQL


class ContactProfile(models.Model):
    """Mailing contacts: they follow their e-mail address from profile to profile."""

    _inherit = "contact.profile"

    @api.model
    def _relink_mailing_contacts(self, where):
        """Set the profile of the mailing contacts that fulfil a condition.

        :param SQL where: condition on ``mailing_contact``, called ``contact``

        The profile that a contact leaves is removed if nobody needs it.
        """
        Contact = self.env["mailing.contact"]
        Contact.flush_model()
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT contact.id, NULLIF(contact.email_normalized, ''),
                       contact.profile_id
                  FROM mailing_contact contact
                 WHERE %s
                """,
                where,
            )
        )
        owners = (
            self._profiles_by_email({email for _id, email, _old in rows if email}, True)
            if rows
            else {}
        )
        moves = {
            contact_id: owners.get(email)
            for contact_id, email, old in rows
            if owners.get(email) != old
        }
        if not moves:
            return
        contacts = Contact.browse(moves)
        contacts.modified(["profile_id"], before=True)
        self.env.execute_query(
            SQL(
                """
                   UPDATE mailing_contact contact
                      SET profile_id = move.profile_id
                     FROM unnest(%s::int[], %s::int[]) AS move (id, profile_id)
                    WHERE contact.id = move.id
                RETURNING contact.id
                """,
                list(moves),
                list(moves.values()),
            )
        )
        contacts.invalidate_recordset(["profile_id"], flush=False)
        contacts.modified(["profile_id"])
        left = {old for contact_id, _email, old in rows if contact_id in moves and old}
        self.browse(left)._drop_unused()

    def _make_for_contacts(self):
        """Every mailing contact with an address gets its profile, all at once."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT contact.id
                  FROM mailing_contact contact
                 WHERE contact.profile_id IS NULL AND contact.email_normalized != ''
                 LIMIT 1
                """
            )
        )
        if not rows:
            return
        self.env.cr.execute(
            SQL(
                "%s ON CONFLICT DO NOTHING",
                self._sql_insert_for_emails(
                    SQL(
                        """
                        SELECT DISTINCT contact.email_normalized AS email
                          FROM mailing_contact contact
                         WHERE contact.profile_id IS NULL
                           AND contact.email_normalized != ''
                           AND NOT EXISTS (
                                   SELECT FROM contact_profile profile
                                    WHERE profile.email_normalized
                                          = contact.email_normalized
                               )
                        """
                    )
                ),
            )
        )
        self.env.cr.execute(
            SQL(
                """
                UPDATE mailing_contact contact
                   SET profile_id = owner.id
                  FROM (%s) owner
                 WHERE owner.email_normalized = contact.email_normalized
                   AND contact.profile_id IS NULL
                   AND contact.email_normalized != ''
                """,
                self._sql_owners(SQL("TRUE")),
            )
        )
