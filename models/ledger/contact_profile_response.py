import operator

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

COMPARISONS = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}

SILENCE = """
    (SELECT CASE %(reached)s END
       FROM (SELECT count(*) AS touches, min(unanswered.date) AS first
               FROM (SELECT %(moment)s AS moment OFFSET 0) answer
              CROSS JOIN LATERAL (
                   (SELECT touch.date
                      FROM contact_touch touch
                     WHERE touch.profile_id = %(profile)s
                       AND touch.counts AND touch.state IN ('reserved', 'sent')
                       AND touch.date > answer.moment AND touch.date <= %(at)s
                     ORDER BY touch.date LIMIT %(most)s)
                     UNION ALL
                    SELECT folded.date
                      FROM contact_touch_year year
                     CROSS JOIN unnest(year.counted_dates) AS folded (date)
                     WHERE year.profile_id = %(profile)s
                       AND folded.date > answer.moment) unanswered) silence)
"""

# The same for everybody: reads the ledger once, in the order of its index.
SILENCES = """
    WITH answer AS MATERIALIZED (
        SELECT COALESCE(kept.profile_id, folded.profile_id) AS profile_id,
               GREATEST(kept.moment, folded.moment) AS moment
          FROM (SELECT answered.profile_id, max(%(moment)s) AS moment
                  FROM contact_touch answered
                 WHERE %(is_positive)s
                 GROUP BY 1) kept
          FULL JOIN (
               SELECT year.profile_id, max(%(folded)s) AS moment
                 FROM contact_touch_year year
                GROUP BY 1) folded ON folded.profile_id = kept.profile_id)
    SELECT profile_id, CASE %(reached)s END AS step
      FROM (SELECT COALESCE(kept.profile_id, folded.profile_id) AS profile_id,
                   COALESCE(kept.touches, 0) + COALESCE(folded.touches, 0) AS touches,
                   LEAST(kept.first, folded.first) AS first
              FROM (SELECT touch.profile_id, count(*) AS touches,
                           min(touch.date) AS first
                      FROM contact_touch touch
                      LEFT JOIN answer ON answer.profile_id = touch.profile_id
                     WHERE touch.counts AND touch.state IN ('reserved', 'sent')
                       AND touch.date > COALESCE(answer.moment, '-infinity')
                       AND touch.date <= %(at)s
                     GROUP BY 1) kept
              FULL JOIN (
                   SELECT year.profile_id, count(*) AS touches,
                          min(folded.date) AS first
                     FROM contact_touch_year year
                     CROSS JOIN unnest(year.counted_dates) AS folded (date)
                     LEFT JOIN answer ON answer.profile_id = year.profile_id
                    WHERE folded.date > COALESCE(answer.moment, '-infinity')
                    GROUP BY 1) folded ON folded.profile_id = kept.profile_id) silence
"""


class ContactProfile(models.Model):
    """How often we have written since the person last answered."""

    _inherit = "contact.profile"

    sends_since_response = fields.Integer(
        string="Sends Since the Last Answer",
        compute="_compute_sends_since_response",
        search="_search_sends_since_response",
        help="Messages sent since the person last clicked, replied or bought; what "
        "counts as an answer is a setting.",
    )

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_sends_since_response(self):
        self._flush_touches()
        rows = self.env.execute_query(
            SQL(
                "SELECT profile.id, %s FROM contact_profile profile"
                " WHERE profile.id = ANY(%s)",
                self._sql_sends_since_response("profile"),
                self._origin.ids,
            )
        )
        counts = dict(rows)
        for profile in self:
            profile.sends_since_response = counts.get(profile._origin.id, 0)

    def _search_sends_since_response(self, comparison, value):
        """The same number, asked by the database: nobody is read."""
        if comparison == "in":
            numbers = [int(number) for number in value]
            test = SQL("= ANY(%s)", numbers)
        elif comparison in COMPARISONS:
            test = SQL(f"{comparison} %s", value)
        else:
            return NotImplemented
        self._flush_touches()
        return Domain.custom(
            to_sql=lambda _model, alias, _query: SQL(
                "%s %s", self._sql_sends_since_response(alias), test
            ),
            predicate=lambda profile: (
                profile.sends_since_response in numbers
                if comparison == "in"
                else COMPARISONS[comparison](profile.sends_since_response, value)
            ),
        )

    @api.model
    def _flush_touches(self):
        for name in ("contact.touch", "contact.touch.year"):
            self.env[name].flush_model()

    @api.model
    def _sql_sends_since_response(self, alias):
        """The number, for the profile called ``alias``.

        SQL: it is asked about everybody, and compares touches with touches. Counted
        are messages that use up allowance, by the index that rules use, and what of
        them was folded into years; messages of other business units as far as the
        reader may know of them.

        :rtype: SQL
        """
        return SQL(
            """
            (SELECT (SELECT count(*)
                       FROM contact_touch touch
                      WHERE touch.profile_id = %(profile)s
                        AND touch.counts AND touch.state = 'sent'
                        AND %(seen)s
                        AND touch.date > answer.moment)
                  + (SELECT count(*)
                       FROM contact_touch_year year
                      CROSS JOIN unnest(year.counted_dates) AS folded (date)
                      WHERE year.profile_id = %(profile)s
                        AND %(seen_year)s
                        AND folded.date > answer.moment)
               FROM (SELECT %(moment)s AS moment OFFSET 0) answer)
            """,
            profile=SQL.identifier(alias, "id"),
            seen=self._sql_seen_touch("touch"),
            seen_year=self._sql_seen_touch("year"),
            moment=self._sql_last_response(SQL.identifier(alias, "id")),
        )

    @api.model
    def _sql_silence(self, alias, steps, at):
        """How long somebody has not answered, as the last of some steps.

        SQL, for the same reason; counted is what uses up allowance, reserved or sent,
        of all business units: it is for rules. Nobody's touches are read further than
        the steps go.

        :param str alias: of ``contact_profile``
        :param list steps: (touches, since), each for a longer silence than the one
            before it: at least so many (0: however many), or the first that was not
            answered is at least so old (SQL, naive UTC; nothing: however old)
        :param SQL at: later touches do not matter (naive UTC)
        :return: SQL giving the place in ``steps``, from 0 on; NULL: not even the first
        """
        self._flush_touches()
        profile = SQL.identifier(alias, "id")
        return SQL(
            SILENCE,
            reached=self._sql_reached(steps),
            moment=self._sql_last_response(profile),
            profile=profile,
            at=at,
            most=max(1, *(touches for touches, _since in steps)),
        )

    @api.model
    def _sql_silences(self, steps, at):
        """The same of everybody whom we have written to, for a large part of them.

        :param steps: as for `_sql_silence`
        :param SQL at: as for `_sql_silence`
        :return: SQL giving (profile id, place in ``steps``, or NULL)
        """
        self._flush_touches()
        Touch = self.env["contact.touch"]
        return SQL(
            SILENCES,
            reached=self._sql_reached(steps),
            at=at,
            moment=Touch._positive_response_date("answered"),
            is_positive=Touch._positive_response("answered"),
            folded=Touch._positive_response_of_year("year"),
        )

    @api.model
    def _sql_reached(self, steps):
        """Cases of ``silence``: the last step comes first."""
        reached = [
            SQL("WHEN %s THEN %s", SQL(" OR ").join(self._sql_silent(*step)), place)
            for place, step in reversed(list(enumerate(steps)))
        ]
        return SQL(" ").join(reached)

    @api.model
    def _sql_silent(self, touches, since):
        if touches:
            yield SQL("silence.touches >= %s", touches)
        if since:
            yield SQL("silence.first <= %s", since)

    @api.model
    def _sql_seen_touch(self, alias):
        """May the reader know of this touch, or of this sum of touches?"""
        if self.env.su:
            return SQL("TRUE")
        return SQL(
            "(%(company)s IS NULL OR %(company)s = ANY(%(ids)s))",
            company=SQL.identifier(alias, "company_id"),
            ids=self.env.companies.ids,
        )

    @api.model
    def _sql_last_response(self, profile_id):
        """When did this person answer last? Before all times where it never did."""
        Touch = self.env["contact.touch"]
        return SQL(
            """
            COALESCE(
                GREATEST(
                    (SELECT max(%(moment)s)
                       FROM contact_touch answered
                      WHERE answered.profile_id = %(profile)s
                        AND %(is_positive)s),
                    (SELECT max(%(folded)s)
                       FROM contact_touch_year year
                      WHERE year.profile_id = %(profile)s)),
                '-infinity')
            """,
            profile=profile_id,
            moment=Touch._positive_response_date("answered"),
            is_positive=Touch._positive_response("answered"),
            folded=Touch._positive_response_of_year("year"),
        )
