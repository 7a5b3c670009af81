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
        emails = {email for _id, email, _old in rows if email}
        owners = self._profiles_by_email(emails, create=True) if emails else {}
        moves = [
            (contact_id, old, owners.get(email))
            for contact_id, email, old in rows
            if owners.get(email) != old
        ]
        if moves:
            self._move_mailing_contacts(moves)

    def _move_mailing_contacts(self, moves):
        """SQL, as ``_link_partners``.

        :param list moves: (mailing contact id, old profile id, new profile id)
        """
        ids, old_ids, new_ids = (list(column) for column in zip(*moves, strict=True))
        contacts = self.env["mailing.contact"].browse(ids)
        contacts.modified(["profile_id"], before=True)
        self.env.cr.execute(
            SQL(
                """
                UPDATE mailing_contact contact
                   SET profile_id = move.profile_id
                  FROM unnest(%s::int[], %s::int[]) AS move (id, profile_id)
                 WHERE contact.id = move.id
                """,
                ids,
                new_ids,
            )
        )
        contacts.invalidate_recordset(["profile_id"], flush=False)
        self.invalidate_model(["mailing_contact_ids"], flush=False)
        contacts.modified(["profile_id"])
        self.browse({old_id for old_id in old_ids if old_id})._drop_unused()

    def _make_for_contacts(self):
        """Every mailing contact with an address gets its profile, all at once."""
        homeless = SQL(
            "SELECT DISTINCT contact.email_normalized AS email"
            " FROM mailing_contact contact"
            " WHERE contact.profile_id IS NULL AND contact.email_normalized != ''"
        )
        nobody = SQL(
            "SELECT homeless.email FROM (%s) homeless WHERE NOT EXISTS ("
            " SELECT FROM contact_profile profile"
            " WHERE profile.email_normalized = homeless.email)",
            homeless,
        )
        owners = self._sql_owners(SQL("profile.email_normalized IN (%s)", homeless))
        self.env.cr.execute(self._sql_insert_for_emails(nobody))
        self.env.cr.execute(
            SQL(
                """
                UPDATE mailing_contact contact
                   SET profile_id = owner.id
                  FROM (%s) owner
                 WHERE owner.email_normalized = contact.email_normalized
                   AND contact.profile_id IS NULL
                """,
                owners,
            )
        )
