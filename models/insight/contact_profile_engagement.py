from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.mass_mailing_contact_strategy.core import engagement
from odoo.addons.mass_mailing_contact_strategy.core.engagement import Classes

PREFIX = "mass_mailing_contact_strategy.engagement_"
REFRESH = """
       WITH fresh AS (
               SELECT profile.id, (%(score)s)::int AS score
                 FROM contact_profile profile
            LEFT JOIN (%(points)s) engaged ON engaged.profile_id = profile.id
                WHERE profile.id = ANY(%(ids)s)
            ),
            classed AS (
               SELECT id, score, (%(class)s) AS name FROM fresh
            )
       UPDATE contact_profile profile
          SET engagement_score = score,
              engagement_class = classed.name,
              write_uid = %(uid)s,
              write_date = %(now)s
         FROM classed
        WHERE classed.id = profile.id
          AND (profile.engagement_score, profile.engagement_class)
              IS DISTINCT FROM (score, classed.name)
    RETURNING profile.id
"""


class ContactProfile(models.Model):
    """How engaged somebody is: points for what the person did, fading with time.

    Facts are weighed once, by the signals that look at them: see ``_sql_fact_weight``.
    From then on the sum of weights in ``contact.signal.hit`` fades by one factor, so
    that nobody's facts are read again for time to pass.
    """

    _inherit = "contact.profile"

    engagement_score = fields.Integer(default=0)

    @api.private
    def init(self):
        """Whoever is made by a statement is silent, too, and not nothing.

        Scores change every day: with room on its page, and without an index on what
        changes, a row is rewritten in its place and no index is touched.
        """
        res = super().init()
        self.env.cr.execute(
            "ALTER TABLE contact_profile SET (fillfactor = 85),"
            " ALTER COLUMN engagement_score SET DEFAULT 0,"
            " ALTER COLUMN engagement_class SET DEFAULT 'silent'"
        )
        return res

    @api.model
    def _cron_engage(self):
        """Time passes for everybody."""
        self._walk("engagement", self._refresh_engagement)

    @api.model
    def _engagement_half_life(self):
        """Days after which a fact weighs half."""
        days = self._engagement_setting("half_life", engagement.HALF_LIFE)
        allowed = engagement.HALF_LIVES
        return min(max(days, allowed.start), allowed.stop - 1)

    @api.model
    def _half_life_changed(self):
        """Weights that were kept fade otherwise: they are of no use any more.

        Signals weigh anew, all of them, in a moment. SQL: there may be millions.
        """
        self.env["contact.signal.hit"].flush_model()
        self.env["contact.signal"].flush_model(["effect"])
        self.env.cr.execute(
            "DELETE FROM contact_signal_hit hit USING contact_signal signal"
            " WHERE signal.id = hit.signal_id AND signal.effect = 'engagement'"
        )
        self.env.cr.execute(
            "UPDATE contact_signal SET full_date = NULL WHERE effect = 'engagement'"
        )
        self.env.invalidate_all(flush=False)
        # sudo: whoever may change settings need not be allowed to start crons
        self.env.ref(
            "mass_mailing_contact_strategy.ir_cron_signal_evaluate_all"
        ).sudo()._trigger()

    @api.model
    def _engagement_classes(self):
        """The thresholds of the classes.

        :rtype: Classes
        """
        classes = Classes(
            *(
                self._engagement_setting(name, getattr(Classes, name))
                for name in ("hot", "warm", "cold")
            )
        )
        return classes if classes.is_ordered else Classes()

    def _engagement_setting(self, name, default):
        # Elevated: whoever asks need not read the settings.
        value = self.env["ir.config_parameter"].sudo().get_param(PREFIX + name)
        return int(value) if value and value.isdecimal() else default

    @api.model
    def _sql_fact_weight(self, date):
        """What a fact weighs, seen from the reference, as the engagement signals sum
        it up in ``contact.signal.hit.value``.

        :param SQL date: when it happened (naive UTC)
        """
        return SQL("power(2::float8, %s)", self._sql_half_lives(date))

    def _sql_half_lives(self, date):
        """As ``core.engagement.power_of``."""
        return SQL(
            "GREATEST(-%(limit)s::float8, LEAST(%(limit)s::float8,"
            " EXTRACT(EPOCH FROM %(date)s::timestamp - %(reference)s::timestamp)"
            "::float8 / %(day)s / %(half_life)s))",
            limit=engagement.STEEPEST,
            date=date,
            reference=engagement.REFERENCE,
            day=engagement.DAY,
            half_life=float(self._engagement_half_life()),
        )

    @api.model
    def _refresh_engagement(self, profile_ids):
        """Scores and classes of these people as of now.

        SQL, because it is done for everybody every day; only differences are written.

        :return: profiles whose score or class has changed
        """
        names = ["engagement_score", "engagement_class"]
        self.flush_model(names)
        for model in ("contact.signal", "contact.signal.hit"):
            self.env[model].flush_model()
        now = fields.Datetime.now()
        rows = self.env.execute_query(
            SQL(
                REFRESH,
                points=self._sql_engagement_points(profile_ids, now),
                score=SQL(
                    "floor(100 * (1 - power(2::float8, -GREATEST("
                    "COALESCE(engaged.points, 0), 0) / %s)) + 0.5)",
                    engagement.HALF_WAY,
                ),
                ids=list(profile_ids),
                uid=self.env.uid,
                now=now,
                **{"class": self._sql_engagement_class()},
            )
        )
        profiles = self.browse(row[0] for row in rows)
        profiles.invalidate_recordset(names, flush=False)
        profiles.modified(names)
        return profiles

    def _sql_engagement_points(self, profile_ids, now):
        """Rows (profile, points now). More than 20,000 points change nothing."""
        fading = engagement.fading(now, self._engagement_half_life())
        return SQL(
            """
            SELECT hit.profile_id,
                   LEAST(sum(signal.points * (hit.value * %s)), 20000) AS points
              FROM contact_signal_hit hit
              JOIN contact_signal signal ON signal.id = hit.signal_id
             WHERE hit.profile_id = ANY(%s)
               AND signal.active AND signal.effect = 'engagement'
             GROUP BY hit.profile_id
            """,
            fading,
            list(profile_ids),
        )

    def _sql_engagement_class(self):
        """As ``core.engagement.Classes.of``."""
        classes = self._engagement_classes()
        return SQL(
            "CASE WHEN score >= %s THEN 'hot' WHEN score >= %s THEN 'warm'"
            " WHEN score >= %s THEN 'cold' ELSE 'silent' END",
            classes.hot,
            classes.warm,
            classes.cold,
        )
