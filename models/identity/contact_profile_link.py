from odoo import api, models
from odoo.tools import SQL

from .contact_profile_home import sql_home


class ContactProfile(models.Model):
    """Which record belongs to which profile, for whole batches at once.

    SQL throughout: these run inside every ``create()`` of contacts and once over all
    of them on installation, where one record at a time is out of the question.
    """

    _inherit = "contact.profile"

    @api.model
    def _ensure_for_partners(self, partners):
        """A profile for each of the contacts that has none, adopted or new."""
        if not partners:
            return
        partners.flush_model()
        self.flush_model()
        where = SQL("partner.id = ANY(%s)", partners.ids)
        self._adopt(where)
        if self._make_for_partners(where):
            partners.invalidate_recordset(["profile_id"], flush=False)
            partners.modified(["profile_id"])
        emails = {email for email in partners.mapped("email_normalized") if email}
        self._relink_mailing_contacts(
            SQL("contact.email_normalized = ANY(%s)", list(emails))
        )

    def _adopt(self, where):
        """Contacts without a profile take over the one that waits for their address.

        One contact for each address: a person before a company, then the oldest.
        """
        rows = self.env.execute_query(
            SQL(
                """
                   UPDATE contact_profile profile
                      SET partner_id = pair.partner_id, active = TRUE
                     FROM (
                            SELECT DISTINCT ON (partner.email_normalized)
                                   partner.id AS partner_id,
                                   candidate.id AS profile_id
                              FROM res_partner partner
                              JOIN contact_profile candidate
                                ON candidate.email_normalized = partner.email_normalized
                               AND candidate.partner_id IS NULL
                             WHERE partner.profile_id IS NULL
                               AND %s
                             ORDER BY partner.email_normalized,
                                      partner.is_company IS TRUE,
                                      partner.id,
                                      candidate.active IS NOT TRUE,
                                      candidate.id
                          ) pair
                    WHERE profile.id = pair.profile_id
                RETURNING profile.id
                """,
                where,
            )
        )
        if rows:
            profiles = self.browse(row[0] for row in rows)
            profiles.invalidate_recordset(["partner_id", "active"], flush=False)
            profiles.modified(["partner_id", "active"])
            profiles._link_partners()

    def _make_for_partners(self, where):
        """New profiles for the contacts that have none: the ids of those contacts."""
        rows = self.env.execute_query(
            SQL(
                """
                WITH made AS (%s RETURNING id, partner_id)
              UPDATE res_partner partner
                 SET profile_id = made.id
                FROM made
               WHERE made.partner_id = partner.id
           RETURNING partner.id
                """,
                self._sql_insert_for_partners(where),
            )
        )
        return [row[0] for row in rows]

    def _sql_insert_for_partners(self, where):
        """The columns are what the computed fields of the profile would say."""
        return SQL(
            """
            INSERT INTO contact_profile (
                   id, partner_id, email_normalized, phone_sanitized, name, lang, tz,
                   commercial_partner_id, company_id, home, active, is_seed,
                   create_uid, create_date, write_uid, write_date
                   )
            SELECT fresh.id, fresh.partner_id, fresh.email, fresh.phone_sanitized,
                   COALESCE(fresh.name, fresh.email, %(nameless)s || fresh.id),
                   fresh.lang, fresh.tz, fresh.commercial_partner_id,
                   fresh.company_id, fresh.home, TRUE, FALSE,
                   %(uid)s, now() AT TIME ZONE 'UTC', %(uid)s, now() AT TIME ZONE 'UTC'
              FROM (
                     SELECT nextval('contact_profile_id_seq') AS id, ordered.*
                       FROM (
                              SELECT partner.id AS partner_id,
                                     NULLIF(partner.email_normalized, '') AS email,
                                     COALESCE(
                                         NULLIF(partner.name, ''),
                                         NULLIF(partner.complete_name, '')
                                     ) AS name,
                                     phone_sanitized, lang, tz,
                                     commercial_partner_id, company_id,
                                     %(home)s AS home
                                FROM res_partner partner
                               WHERE partner.profile_id IS NULL AND %(where)s
                               ORDER BY partner.id
                            ) ordered
                   ) fresh
            """,
            uid=self.env.uid,
            nameless=self.env._("Profile %s", ""),
            home=sql_home("partner"),
            where=where,
        )

    @api.model
    def _follow_partners(self, partners, old_emails):
        """The contacts' addresses, or what ranks them, have changed.

        The profile follows its contact with all its history. A profile without a
        contact that has the new address is the same person and becomes part of it.
        """
        partners.flush_model()
        self._ensure_for_partners(partners.filtered(lambda p: not p.profile_id))
        for partner in partners:
            if partner.profile_id.email_normalized != partner.email_normalized:
                partner.profile_id.email_normalized = partner.email_normalized
        self.flush_model()
        self._absorb_waiting(partners.profile_id)
        emails = {*old_emails, *partners.mapped("email_normalized")} - {False}
        self._relink_mailing_contacts(
            SQL("contact.email_normalized = ANY(%s)", list(emails))
        )

    def _absorb_waiting(self, profiles):
        """Merge the profiles without a contact into those of contacts, by address."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (waiting.id) waiting.id, profile.id
                  FROM contact_profile profile
                  JOIN res_partner partner ON partner.id = profile.partner_id
                  JOIN contact_profile waiting
                    ON waiting.email_normalized = profile.email_normalized
                   AND waiting.partner_id IS NULL
                 WHERE profile.id = ANY(%s)
                 ORDER BY waiting.id, partner.is_company IS TRUE, partner.id
                """,
                profiles.ids,
            )
        )
        for waiting_id, profile_id in rows:
            self.browse(waiting_id)._merge_into(self.browse(profile_id))

    @api.model
    def _release_partners(self, partners):
        """The contacts are about to be deleted; their profiles stay, by address.

        Where that would leave two without a contact for one address, they become one.
        """
        self.flush_model()
        emails = [email for email in partners.mapped("email_normalized") if email]
        rows = self.env.execute_query(
            SQL(
                """
                SELECT array_agg(id ORDER BY id)
                  FROM contact_profile
                 WHERE email_normalized = ANY(%s)
                   AND (partner_id = ANY(%s) OR partner_id IS NULL AND active IS TRUE)
                 GROUP BY email_normalized
                HAVING count(*) > 1
                """,
                emails,
                partners.ids,
            )
        )
        for (ids,) in rows:
            self.browse(ids[1:])._merge_into(self.browse(ids[0]))
        return self.with_context(active_test=False).search(
            [("partner_id", "in", partners.ids)]
        )

    def _after_release(self):
        """The contacts are gone: look after what they left behind."""
        profiles = self.exists()
        profiles.invalidate_recordset(["partner_id"])
        profiles.filtered(lambda profile: not profile.email_normalized)._drop_unused()
        emails = [email for email in self.exists().mapped("email_normalized") if email]
        self._relink_mailing_contacts(SQL("contact.email_normalized = ANY(%s)", emails))
