from odoo import api, models
from odoo.tools import SQL

from odoo.addons.mass_mailing_contact_strategy.models.sql_arrays import int_array

EDITED = {
    "active",
    "lang",
    "explicit_tag_ids",
    "confirmed_date",
    "consent_basis",
    "consent_source",
    "consent_date",
}
"""Fields of a profile that are edited on the profile itself, and graded."""
REFRESH = """
    WITH wanted AS MATERIALIZED (%(wanted)s),
         gone AS (
            DELETE FROM contact_profile_quality_rel old
             WHERE old.profile_id = ANY(%(ids)s)
               AND NOT EXISTS (
                       SELECT FROM wanted
                        WHERE wanted.profile_id = old.profile_id
                          AND wanted.check_id = old.check_id)
         RETURNING profile_id
         ),
         added AS (
            INSERT INTO contact_profile_quality_rel (profile_id, check_id)
                 SELECT profile_id, check_id FROM wanted
            ON CONFLICT DO NOTHING
              RETURNING profile_id
         ),
         grade AS (
            SELECT profile.id,
                   GREATEST(0, 100 - COALESCE(sum(wanted.points), 0))::int
                       AS score
              FROM contact_profile profile
         LEFT JOIN wanted ON wanted.profile_id = profile.id
             WHERE profile.id = ANY(%(ids)s)
             GROUP BY profile.id
         ),
         graded AS (
            UPDATE contact_profile profile
               SET quality_score = grade.score,
                   write_uid = %(uid)s,
                   write_date = now() AT TIME ZONE 'UTC'
              FROM grade
             WHERE grade.id = profile.id
               AND profile.quality_score IS DISTINCT FROM grade.score
         RETURNING profile.id
         )
    SELECT profile_id FROM gone
     UNION
    SELECT profile_id FROM added
     UNION
    SELECT id FROM graded
"""


class ContactProfile(models.Model):
    """How good the data about a person is: 100, less the points of what is wrong.

    Everybody is looked at by a cron, and whoever is edited at once. What can be wrong
    is in ``_get_quality_faults``; how much that matters is for users to say, in
    ``contact.quality.check``.
    """

    _inherit = "contact.profile"

    @api.model_create_multi
    def create(self, vals_list):
        """Graded from the start."""
        profiles = super().create(vals_list)
        self._look_again(profiles.ids)
        return profiles

    def write(self, vals):
        """Whoever edits sees at once what it has changed."""
        res = super().write(vals)
        if not EDITED.isdisjoint(vals):
            everywhere = self.sudo()  # nobody may write it, as it follows from facts
            everywhere._refresh_quality(everywhere._with_twins(self.ids))
            self._look_again(self.ids)
        return res

    @api.model
    def _cron_check_quality(self):
        """Look at everybody."""
        self._walk("quality", self._refresh_quality)

    @api.model
    def _refresh_quality(self, profile_ids):
        """What is wrong with these people, and their scores.

        SQL, because it is asked about everybody; only differences are written.

        :return: profiles of which something has changed
        """
        self.env.flush_all()
        rows = self.env.execute_query(self._sql_refresh_quality(list(profile_ids)))
        profiles = self.browse(row[0] for row in rows)
        names = ["quality_score", "quality_check_ids"]
        profiles.invalidate_recordset(names, flush=False)
        profiles.modified(names)
        return profiles

    def _sql_refresh_quality(self, profile_ids):
        """Ids of the profiles that were changed."""
        return SQL(
            REFRESH,
            wanted=self._sql_quality_faults(profile_ids),
            ids=profile_ids,
            uid=self.env.uid,
        )

    def _sql_quality_faults(self, profile_ids):
        """Rows (profile, check, points) of what is wrong."""
        faults = self._get_quality_faults()
        Check = self.env["contact.quality.check"].sudo().with_context(active_test=True)
        asked = [
            SQL("(%s, %s, (%s) IS TRUE)", check.id, check.points, faults[check.code])
            for check in Check.search([])
            if check.code in faults
        ]
        return SQL(
            """
            SELECT profile.id AS profile_id, fault.check_id, fault.points
              FROM contact_profile profile
         LEFT JOIN res_partner partner ON partner.id = profile.partner_id
        CROSS JOIN LATERAL (VALUES %s) AS fault (check_id, points, is_wrong)
             WHERE profile.id = ANY(%s)
               AND fault.is_wrong
             ORDER BY profile.id, fault.check_id
            """,
            SQL(", ").join(asked or [SQL("(0, 0, FALSE)")]),
            int_array(profile_ids),
        )
