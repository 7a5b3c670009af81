import logging

from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

_logger = logging.getLogger(__name__)
CONCLUDE = """
       WITH points AS (%(points)s),
            total AS (
               SELECT profile_id, persona_id, round(sum(points), 2) AS score
                 FROM points
                GROUP BY profile_id, persona_id
               HAVING round(sum(points), 2) > 0
            ),
            wanted AS MATERIALIZED (
               SELECT profile_id, persona_id, score,
                      round(score / sum(score) OVER (PARTITION BY profile_id), 2)
                          AS confidence
                 FROM total
            ),
            gone AS (%(gone)s),
            written AS (%(written)s),
            best AS (
               SELECT DISTINCT ON (profile_id) profile_id, persona_id, confidence
                 FROM wanted
                 JOIN contact_persona persona ON persona.id = persona_id
                WHERE score >= round(persona.threshold, 2)
                ORDER BY profile_id, score DESC, persona.sequence, persona.id
            )
       SELECT profile.id, best.persona_id, best.confidence
         FROM contact_profile profile
    LEFT JOIN best ON best.profile_id = profile.id
        WHERE profile.id = ANY(%(ids)s)
          AND (%(back)s OR NOT %(said)s)
          AND (profile.persona_id, profile.persona_kind,
               profile.persona_confidence)
              IS DISTINCT FROM
              (best.persona_id,
               CASE WHEN best.persona_id IS NOT NULL THEN 'implicit' END,
               best.confidence)
        ORDER BY profile.id
"""


class ContactPersona(models.Model):
    """Who is which persona, concluded from points for many people at once.

    - Whoever fits a persona's domain gets its ``weight``; each signal that is true of
      the person adds its ``points``.
    - Every persona with points is a candidate; its confidence is its share of all the
      points of the person.
    - The candidate with most points, of those that have as many as their
      ``threshold``, is concluded; of several the first in order.
    - What was said stands, whatever is concluded.

    SQL, because it is asked about everybody: only differences are written.
    """

    _inherit = "contact.persona"

    @api.model
    def _cron_conclude(self):
        """Conclude for everybody."""
        self.env["contact.profile"]._walk("persona", self._conclude)

    @api.model
    def _conclude(self, profile_ids, source="rule", is_taken_back=False):
        """Find the candidates of these people, and conclude.

        :param list profile_ids: people
        :param str source: why now, for the history
        :param bool is_taken_back: what was said about them counts no more
        :return: profiles whose persona has changed
        """
        self.env.flush_all()
        Profile = self.env["contact.profile"]
        rows = self.env.execute_query(
            self._sql_conclude(list(profile_ids), is_taken_back)
        )
        Profile.browse(profile_ids).invalidate_recordset(
            ["persona_candidate_ids"], flush=False
        )
        self.env["contact.persona.candidate"].invalidate_model(flush=False)
        self.invalidate_model(["candidate_ids"], flush=False)
        return Profile._set_personas(
            rows, "implicit", source=source, is_taken_back=is_taken_back
        )

    def _sql_conclude(self, profile_ids, is_taken_back):
        """Write the candidates that differ: rows (profile, persona, confidence) of
        those whose persona is not what follows from it.
        """
        return SQL(
            CONCLUDE,
            points=self._sql_points(profile_ids),
            gone=self._sql_gone(profile_ids),
            written=self._sql_written(),
            ids=profile_ids,
            back=is_taken_back,
            said=self.env["contact.profile"]._sql_persona_is_said(),
        )

    def _sql_points(self, profile_ids):
        """Rows (profile, persona, points) of all that speaks for a persona."""
        parts = [
            SQL(
                """
                SELECT hit.profile_id, signal.persona_id, signal.points::numeric
                       AS points
                  FROM contact_signal_hit hit
                  JOIN contact_signal signal ON signal.id = hit.signal_id
                  JOIN contact_persona persona ON persona.id = signal.persona_id
                 WHERE hit.profile_id = ANY(%s)
                   AND signal.active AND signal.effect = 'persona'
                   AND persona.active
                """,
                profile_ids,
            )
        ]
        unreadable = []
        for persona in self.sudo().with_context(active_test=True).search([]):
            try:
                query = persona._query_people(profile_ids, active_test=False)
            except ValidationError as error:
                _logger.warning("Persona %s: %s", persona.id, error)
                unreadable.append(persona.id)
                continue
            if query is not None:
                points = SQL("%s::numeric", persona.weight)
                parts.append(_select(query, SQL("%s::int", persona.id), points))
        if not unreadable:
            return SQL(" UNION ALL ").join(parts)
        # Nobody loses a persona because nobody can read its rule at the moment.
        parts[0] = SQL("%s AND persona.id != ALL(%s)", parts[0], unreadable)
        stays = SQL(
            "SELECT profile_id, persona_id, score FROM contact_persona_candidate"
            " WHERE profile_id = ANY(%s) AND persona_id = ANY(%s)",
            profile_ids,
            unreadable,
        )
        return SQL(" UNION ALL ").join([*parts, stays])

    def _sql_gone(self, profile_ids):
        return SQL(
            """
            DELETE FROM contact_persona_candidate old
                  WHERE old.profile_id = ANY(%s)
                    AND NOT EXISTS (
                            SELECT FROM wanted
                             WHERE wanted.profile_id = old.profile_id
                               AND wanted.persona_id = old.persona_id)
            """,
            profile_ids,
        )

    def _sql_written(self):
        return SQL(
            """
            INSERT INTO contact_persona_candidate (
                        profile_id, persona_id, score, confidence,
                        create_uid, create_date, write_uid, write_date)
                 SELECT wanted.profile_id, wanted.persona_id, wanted.score,
                        wanted.confidence,
                        %(uid)s, now() AT TIME ZONE 'UTC',
                        %(uid)s, now() AT TIME ZONE 'UTC'
                   FROM wanted
              LEFT JOIN contact_persona_candidate old
                     ON old.profile_id = wanted.profile_id
                    AND old.persona_id = wanted.persona_id
                  WHERE (old.score, old.confidence)
                        IS DISTINCT FROM (wanted.score, wanted.confidence)
            ON CONFLICT (profile_id, persona_id)
          DO UPDATE SET score = EXCLUDED.score,
                        confidence = EXCLUDED.confidence,
                        write_uid = EXCLUDED.write_uid,
                        write_date = EXCLUDED.write_date
            """,
            uid=self.env.uid,
        )


def _select(query, *more):
    """The people of a query, with more columns."""
    return query.select(SQL.identifier(query.table, "id"), *more)
