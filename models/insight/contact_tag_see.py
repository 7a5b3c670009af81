from odoo import api, fields, models
from odoo.tools import SQL

from . import contact_tag_facts as tag_facts

BATCH = 5000


class ContactTagAssignment(models.Model):
    """How things become known, are seen again and are forgotten."""

    _inherit = "contact.tag.assignment"

    @api.model
    def _see(self, facts, columns=()):
        """The one door for what is known of people: seen for the first time or again.

        What is known already is strengthened and prolonged, whatever comes first. A
        live row that has expired is known no more: the fact begins anew.

        For elevated callers: nobody's rights are asked here.

        :param facts: dicts, or a query (SQL). A fact has ``profile_id``, ``tag_id``,
            and what else is known: ``kind`` (explicit), ``source`` (user),
            ``res_model``, ``res_id``, ``user_id``, ``note``, ``confidence`` (1),
            ``times`` (1), ``first_seen``, ``last_seen`` (now) and ``expires``
            (``LASTS``: never; nothing: as the dimension says).
            With ``signal_id`` it is what a signal knows now, not an event: ``times``
            is all that signals count, and what only signals know is replaced.
        :param columns: what the columns of the query are called
        :return: the people of whom something else is known now
        """
        now = fields.Datetime.now()
        if isinstance(facts, SQL):
            self._archive_expired(now)
            names = SQL(", ").join(map(SQL.identifier, columns))
            tables = SQL("(%s) AS given (%s)", facts, names)
        else:
            facts = list(facts)
            if not facts:
                return self.env["contact.profile"]
            self._archive_expired(now, {fact["profile_id"] for fact in facts})
            tables, columns = tag_facts.given_rows(facts)
        self.flush_model()
        self.env["contact.tag"].flush_model()
        self.env["contact.tag.dimension"].flush_model()
        rows = self.env.execute_query(self._sql_see(tables, columns, now))
        self.invalidate_model(flush=False)
        profiles = self.env["contact.profile"].browse({row[0] for row in rows})
        profiles._after_tags_changed()
        return profiles

    def _sql_see(self, tables, columns, now):
        """SQL: one statement for any number of people, and for two at a time."""
        names = list(tag_facts.MERGED)
        merged = SQL(", ").join(SQL(value) for value in tag_facts.MERGED.values())
        return SQL(
            """
            INSERT INTO contact_tag_assignment AS own (
                   profile_id, tag_id, dimension_id, kind, active, source, res_model,
                   res_id, signal_id, user_id, note, confidence, times_told,
                   times_seen, first_seen, last_seen, expires,
                   create_uid, create_date, write_uid, write_date)
            SELECT profile_id, tag_id, dimension_id, kind, active, source, res_model,
                   res_id, main_signal_id, user_id, note, most_confidence, times_told,
                   times_seen, first, last_seen, NULLIF(until, 'infinity'),
                   %(uid)s, now() AT TIME ZONE 'UTC', %(uid)s, now() AT TIME ZONE 'UTC'
              FROM (%(facts)s) fact
             ORDER BY profile_id, tag_id, kind, active
                ON CONFLICT (profile_id, tag_id, kind) WHERE active IS TRUE
                DO UPDATE SET (%(names)s, write_uid, write_date)
                            = ROW(%(merged)s, excluded.write_uid, excluded.write_date)
             WHERE (%(own)s) IS DISTINCT FROM (%(merged)s)
         RETURNING profile_id
            """,
            uid=self.env.uid,
            facts=tag_facts.summed(tag_facts.complete(tables, columns, now), now),
            names=SQL(", ").join(map(SQL.identifier, names)),
            own=SQL(", ").join(SQL.identifier("own", name) for name in names),
            merged=merged,
        )

    @api.model
    def _archive_expired(self, now, profile_ids=None):
        """What has expired is kept as history, and is known no more.

        :param datetime now: naive UTC
        :param profile_ids: of these people only
        """
        domain = [("expires", "<=", now)]
        if profile_ids is not None:
            domain.append(("profile_id", "in", list(profile_ids)))
        self.sudo().search(domain, order="id").write({"active": False})

    def _sum_up(self):
        """What these rows about one thing come to, as values of one row."""
        latest = max(
            self,
            key=lambda row: (
                row.last_seen,
                row.source,
                row.res_model or "",
                row.res_id,
            ),
        )
        expiries = self.mapped("expires")
        return {
            **{
                name: latest[name]
                for name in ("source", "res_model", "res_id", "note", "last_seen")
            },
            "user_id": latest.user_id.id,
            "signal_id": (latest.signal_id or self.signal_id[:1]).id,
            "confidence": max(self.mapped("confidence")),
            "first_seen": min(self.mapped("first_seen")),
            "expires": all(expiries) and max(expiries),
            "times_told": sum(self.mapped("times_told")),
            "times_seen": sum(self.mapped("times_seen")),
        }

    @api.model
    def _cron_archive_expired(self):
        """Expired rows count for nothing already; this puts them away."""
        domain = [("expires", "<=", fields.Datetime.now())]
        commit = self.env["ir.cron"]._commit_progress
        commit(remaining=self.search_count(domain))
        while expired := self.search(domain, order="expires, id", limit=BATCH):
            expired.write({"active": False})
            if not commit(len(expired)):
                break
