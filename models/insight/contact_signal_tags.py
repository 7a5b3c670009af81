from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.mass_mailing_contact_strategy.models.sql_arrays import int_array

FACT = (
    *("profile_id", "tag_id", "kind", "source", "signal_id", "confidence"),
    *("times", "first_seen", "last_seen", "expires"),
)
"""What a hit says about a tag, as ``contact.tag.assignment._see`` takes it."""

# Nobody has been seen in the future: the next appointment is known today.
_FACTS = """
    SELECT hit.profile_id, signal.tag_id, signal.tag_kind AS kind, signal.source,
           signal.id AS signal_id, signal.confidence, hit.fact_count AS times,
           LEAST(hit.first_date, %(now)s) AS first_seen,
           LEAST(hit.last_date, %(now)s) AS last_seen,
           CASE WHEN signal.life_days > 0
                THEN LEAST(hit.last_date, %(now)s)
                     + make_interval(days => signal.life_days)
                ELSE 'infinity'::timestamp
           END AS expires
      FROM contact_signal_hit hit
      JOIN contact_signal signal ON signal.id = hit.signal_id
     WHERE signal.effect = 'tag' AND signal.active AND %(which)s
"""
_NEWS = """
    SELECT %(columns)s
      FROM (
             SELECT fact.*,
                    sum(times) OVER same AS all_times,
                    max(confidence) OVER same AS most_confidence,
                    min(first_seen) OVER same AS first,
                    max(last_seen) OVER same AS last,
                    max(expires) OVER same AS until
               FROM (%(facts)s) fact
              WHERE expires > %(now)s
             WINDOW same AS (PARTITION BY profile_id, tag_id, kind)
           ) fact
     WHERE NOT EXISTS (
            SELECT FROM contact_tag_assignment own
             WHERE own.active
               AND own.profile_id = fact.profile_id
               AND own.tag_id = fact.tag_id
               AND own.kind = fact.kind
               AND own.signal_id IS NOT NULL
               AND own.times_seen = own.times_told + fact.all_times
               AND CASE WHEN own.times_told = 0
                        THEN own.confidence = round(fact.most_confidence, 2)
                             AND own.first_seen = fact.first
                             AND own.last_seen = fact.last
                             AND COALESCE(own.expires, 'infinity') = fact.until
                        ELSE own.confidence >= round(fact.most_confidence, 2)
                             AND own.first_seen <= fact.first
                             AND own.last_seen >= fact.last
                             AND COALESCE(own.expires, 'infinity') >= fact.until
                   END)
"""
_DROP = """
    UPDATE contact_tag_assignment own
       SET active = own.times_told > 0,
           times_seen = CASE WHEN own.times_told > 0 THEN own.times_told
                             ELSE own.times_seen END,
           signal_id = CASE WHEN own.times_told = 0 THEN own.signal_id END,
           write_uid = %(uid)s,
           write_date = now() AT TIME ZONE 'UTC'
     WHERE own.active
       AND (own.signal_id IS NOT NULL OR own.times_told = 0)
       AND %(which)s
       AND NOT EXISTS (
            SELECT FROM contact_signal_hit hit
              JOIN contact_signal signal ON signal.id = hit.signal_id
             WHERE hit.profile_id = own.profile_id
               AND signal.effect = 'tag' AND signal.active
               AND signal.tag_id = own.tag_id AND signal.tag_kind = own.kind)
       AND NOT EXISTS (
            SELECT FROM contact_signal signal
             WHERE signal.id = own.signal_id
               AND signal.life_days > 0
               AND signal.effect = 'tag'
               AND signal.tag_id = own.tag_id AND signal.tag_kind = own.kind)
 RETURNING own.profile_id
"""


class ContactSignal(models.Model):
    """Tags that follow from signals, for any number of people in two statements."""

    _inherit = "contact.signal"

    @api.model
    def _derive_tags(self, profile_ids=None):
        """Bring the tags of signals in line with the hits, through the door of tags.

        A tag that only signals kept is archived when none says it any more, unless its
        signal's tags last for a time: then it lives until it expires.

        SQL, because it is about all hits; only differences are written.

        :param profile_ids: of these people only
        """
        # Elevated: what follows from a signal does not depend on who asks.
        Assignment = self.env["contact.tag.assignment"].sudo()
        for model in (Assignment, self, self.env["contact.signal.hit"]):
            model.flush_model()
        self._drop_lost_tags(Assignment, profile_ids)
        now = fields.Datetime.now()
        facts = SQL(_FACTS, now=now, which=_of("hit", profile_ids))
        columns = SQL(", ").join(map(SQL.identifier, FACT))
        news = SQL(_NEWS, columns=columns, facts=facts, now=now)
        Assignment._see(news, FACT)

    @api.model
    def _drop_lost_tags(self, Assignment, profile_ids):
        rows = self.env.execute_query(
            SQL(_DROP, uid=self.env.uid, which=_of("own", profile_ids))
        )
        if rows:
            Assignment.invalidate_model(flush=False)
            profiles = self.env["contact.profile"].browse({row[0] for row in rows})
            profiles._after_tags_changed()


def _of(alias, profile_ids):
    if profile_ids is None:
        return SQL("TRUE")
    column = SQL.identifier(alias, "profile_id")
    return SQL("%s = ANY(%s)", column, int_array(profile_ids))
