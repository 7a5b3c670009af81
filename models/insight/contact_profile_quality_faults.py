from odoo import api, models
from odoo.tools import SQL

from odoo.addons.mass_mailing_contact_strategy.core import addresses
from odoo.addons.mass_mailing_contact_strategy.models.sql_arrays import int_array

ADDON = "mass_mailing_contact_strategy"
STALE_MONTHS = f"{ADDON}.quality_stale_months"
PURCHASED = f"{ADDON}.contact_tag_origin_purchased_list"
AGREED = ["consent", "double_opt_in", "customer"]
"""Bases of those who know us."""
NAME_KEY = r"lower(btrim(regexp_replace({}name, '\s+', ' ', 'g')))"
"""A name as it is compared: case and spaces do not matter."""
LOCAL_KEY = "split_part(split_part({}email_normalized, '@', 1), '+', 1)"
"""As ``addresses.local_part``."""
TWINS = 100
"""So many who may be the same person are graded together with one who is edited."""


class ContactProfile(models.Model):
    """What can be wrong with the data about a person.

    A possible duplicate has the same name, and the same phone number or the same name
    before the @ (whatever stands behind it): exact, and found by two indexes.
    """

    _inherit = "contact.profile"

    _twin_phone_idx = models.Index(
        f"(phone_sanitized, ({NAME_KEY.format('')})) WHERE phone_sanitized IS NOT NULL"
    )
    _twin_email_idx = models.Index(
        f"(({LOCAL_KEY.format('')}), ({NAME_KEY.format('')}))"
        " WHERE email_normalized IS NOT NULL"
    )

    @api.model
    def _get_quality_faults(self):
        """What can be wrong: conditions by the code of their check.

        They speak of ``profile`` and of its ``partner``, if it has one. Override to add
        what can be wrong in your room: call super.

        :rtype: dict[str, SQL]
        """
        email = SQL("profile.email_normalized")
        return {
            "no_name": self._sql_no_name(),
            "no_lang": SQL("COALESCE(profile.lang, '') = ''"),
            "no_address": SQL("%s IS NULL AND profile.phone_sanitized IS NULL", email),
            "invalid_email": SQL(
                "CASE WHEN %(email)s IS NULL THEN btrim(partner.email) != ''"
                " ELSE %(email)s !~ %(plausible)s END",
                email=email,
                plausible=addresses.PLAUSIBLE,
            ),
            "role_address": SQL(
                "split_part(split_part(%s, '@', 1), '+', 1) = ANY(%s)",
                email,
                sorted(addresses.ROLES),
            ),
            "bounced": self._sql_bounced(),
            "stale": self._sql_stale(),
            "no_basis": SQL("COALESCE(profile.consent_basis, 'none') = 'none'"),
            "no_source": SQL("COALESCE(btrim(profile.consent_source), '') = ''"),
            "purchased": self._sql_purchased(),
            "duplicate": self._sql_twin(),
        }

    def _sql_no_name(self):
        """None at all, or an address in its place."""
        return SQL(
            """
            strpos(profile.name, '@') > 0
            OR COALESCE(btrim(partner.name), btrim(partner.complete_name), '') = ''
               AND NOT EXISTS (SELECT FROM mailing_contact contact
                                WHERE contact.profile_id = profile.id
                                  AND btrim(contact.name) != '')
            """
        )

    def _sql_bounced(self):
        return SQL(
            """
            partner.message_bounce > 0
            OR EXISTS (SELECT FROM mailing_contact contact
                        WHERE contact.profile_id = profile.id
                          AND contact.message_bounce > 0)
            """
        )

    def _sql_stale(self):
        """Nobody has said anything for so long, and the record is as old."""
        return SQL(
            """
            GREATEST(
                profile.confirmed_date,
                profile.consent_date,
                CASE WHEN profile.persona_kind = 'explicit'
                     THEN profile.persona_date END,
                (SELECT max(said.last_seen) FROM contact_tag_assignment said
                  WHERE said.profile_id = profile.id
                    AND said.kind = 'explicit' AND said.active),
                (SELECT max(contact.create_date) FROM mailing_contact contact
                  WHERE contact.profile_id = profile.id),
                CASE WHEN partner.id IS NOT NULL THEN partner.create_date END,
                CASE WHEN partner.id IS NULL
                      AND NOT EXISTS (SELECT FROM mailing_contact contact
                                       WHERE contact.profile_id = profile.id)
                     THEN profile.create_date END
            ) < now() AT TIME ZONE 'UTC' - make_interval(months => %s)
            """,
            self._quality_stale_months(),
        )

    @api.model
    def _quality_stale_months(self):
        """So many months after they were last confirmed, data are stale."""
        # Elevated: whoever asks need not read the settings.
        value = self.env["ir.config_parameter"].sudo().get_param(STALE_MONTHS)
        return int(value) if value and value.isdecimal() else 24

    def _sql_purchased(self):
        """The address was bought, and the person has agreed to nothing since."""
        tag = self.env.ref(PURCHASED, raise_if_not_found=False)
        return SQL(
            """
            COALESCE(profile.consent_basis, 'none') != ALL(%s)
            AND EXISTS (SELECT FROM contact_profile_tag_effective origin
                         WHERE origin.profile_id = profile.id AND origin.tag_id = %s)
            """,
            AGREED,
            tag.id if tag else 0,
        )

    def _sql_twin(self):
        """Is there another one who may be the same person?"""
        return SQL(" OR ").join(
            SQL(
                "EXISTS (SELECT FROM contact_profile twin"
                " WHERE %s AND twin.active AND profile.active)",
                same,
            )
            for same in _sql_same_person()
        )

    @api.model
    def _with_twins(self, profile_ids):
        """These people, and whoever may be the same as one of them."""
        if not profile_ids:
            return []
        rows = self.env.execute_query(
            SQL(" UNION ALL ").join(
                SQL(
                    """
                    SELECT twin.id
                      FROM contact_profile profile
                CROSS JOIN LATERAL (SELECT twin.id FROM contact_profile twin
                                     WHERE %s LIMIT %s) twin
                     WHERE profile.id = ANY(%s)
                    """,
                    same,
                    TWINS,
                    int_array(profile_ids),
                )
                for same in _sql_same_person()
            )
        )
        return sorted({*profile_ids, *(row[0] for row in rows)})


def _sql_same_person():
    """Conditions on ``profile`` and ``twin``, one for each index, and written as the
    index is: the database would not find it otherwise.
    """
    both = SQL(
        """
        %s = %s AND strpos(profile.name, '@') = 0
        AND twin.id != profile.id
        AND (twin.company_id IS NULL OR profile.company_id IS NULL
             OR twin.company_id = profile.company_id)
        """,
        SQL(NAME_KEY.format("twin.")),
        SQL(NAME_KEY.format("profile.")),
    )
    phone = SQL(
        "%s AND twin.phone_sanitized = profile.phone_sanitized"
        " AND twin.phone_sanitized IS NOT NULL",
        both,
    )
    email = SQL(
        """
        %(both)s AND %(theirs)s = %(own)s AND twin.email_normalized IS NOT NULL
        AND (twin.email_normalized = profile.email_normalized
             OR %(own)s != ALL(%(roles)s))
        """,
        both=both,
        theirs=SQL(LOCAL_KEY.format("twin.")),
        own=SQL(LOCAL_KEY.format("profile.")),
        roles=sorted(addresses.ROLES),
    )
    return phone, email
