from dataclasses import dataclass, field

from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.mass_mailing_contact_strategy.models.insight import signal_records
from odoo.addons.mass_mailing_contact_strategy.models.sql_arrays import int_array

from . import segment_delta
from .segment_leaves import NARROW, ONLY, SCOPE

MANY = 50_000
"""So many people are not looked at one by one: then all are."""

QUICK = ("domain", "persona", "stage", "tag", "share")
"""Lines that are answered without counting what people did."""

_OPEN = "member.segment_id = %(id)s AND member.until IS NULL %(scope)s"
_GONE = """
    NOT EXISTS (SELECT FROM contact_segment_found found
                 WHERE found.profile_id = member.profile_id)
"""
_LEAVE = f"""
    UPDATE contact_segment_member member SET until = %(at)s
     WHERE {_OPEN} AND member.is_cut IS NOT TRUE AND {_GONE}
 RETURNING id
"""
_FORGET = f"""
    DELETE FROM contact_segment_member member
     WHERE {_OPEN} AND member.is_cut AND {_GONE}
"""
_RANK = """
    UPDATE contact_segment_member member
       SET rank_number = found.rank_number, rank_text = found.rank_text
      FROM contact_segment_found found
     WHERE found.profile_id = member.profile_id
       AND member.segment_id = %(id)s AND member.until IS NULL
       AND (member.rank_number, member.rank_text)
           IS DISTINCT FROM (found.rank_number, found.rank_text)
"""
_ENTER = """
    INSERT INTO contact_segment_member (
           segment_id, profile_id, since, is_cut, rank_number, rank_text)
    SELECT %(id)s, found.profile_id, %(at)s, %(is_limited)s,
           found.rank_number, found.rank_text
      FROM contact_segment_found found
     WHERE NOT EXISTS (
            SELECT FROM contact_segment_member member
             WHERE member.segment_id = %(id)s AND member.until IS NULL
               AND member.profile_id = found.profile_id)
     ORDER BY found.profile_id
 RETURNING id
"""
_CUT = """
    UPDATE contact_segment_member member SET until = %(at)s
     WHERE member.segment_id = %(id)s AND member.until IS NULL
       AND member.is_cut IS NOT TRUE
       AND NOT EXISTS (SELECT FROM contact_segment_first first
                        WHERE first.id = member.id)
 RETURNING id
"""
_KEEP_CUT = """
    INSERT INTO contact_segment_member (
           segment_id, profile_id, since, is_cut, rank_number, rank_text)
    SELECT segment_id, profile_id, %(at)s, TRUE, rank_number, rank_text
      FROM contact_segment_member
     WHERE id = ANY(%(members)s)
"""
_UNCUT = """
    UPDATE contact_segment_member member SET is_cut = FALSE, since = %(at)s
     WHERE member.segment_id = %(id)s AND member.until IS NULL AND member.is_cut
       AND %(which)s
 RETURNING id
"""


@dataclass
class Changes:
    """Ids of the rows of those who entered and of those who left."""

    entered: list[int] = field(default_factory=list)
    left: list[int] = field(default_factory=list)


class ContactSegment(models.Model):
    """Members in line with what the segment says now: only differences are written.

    SQL, because it is about all people at once. The rows of everybody who fits hold the
    value that people are ranked by, so that a limit is drawn from the rows alone,
    whoever was looked at.
    """

    _inherit = "contact.segment"

    def _take_members(self, at, full):
        """Write who is in now.

        :param datetime at: naive UTC
        :param bool full: look at all people
        :rtype: Changes
        :raise SegmentProblem: the segment is broken
        """
        self.ensure_one()
        self.env.flush_all()
        self.env.cr.execute("SET LOCAL jit = off; SET LOCAL work_mem = '256MB'")
        people = None if full else self._changed_people(at)
        self._find_people(at, people)
        changes = self._write_members(at, people)
        values = {"refreshed_date": at, "error": False}
        if people is None:
            values["full_date"] = at
        self.write(values)
        for name in ("scope", "narrow", "found", "first"):
            self._drop_table(name)
        self.env["contact.segment.member"].invalidate_model(flush=False)
        self.invalidate_recordset(["member_ids"], flush=False)
        return changes

    # ------------------------------------------------------------
    # Who fits
    # ------------------------------------------------------------

    def _changed_people(self, at):
        """Ids of the people of whom the segment may say something else than the last
        time, also kept as ``SCOPE``; None: anybody."""
        if not self.full_date or not self.refreshed_date:
            return None
        sources = segment_delta.sources(self, self.refreshed_date, at)
        if sources is None:
            return None
        self._create_table(
            "scope",
            SQL(
                "SELECT DISTINCT profile_id FROM (%s) changed"
                " WHERE profile_id IS NOT NULL LIMIT %s",
                SQL(" UNION ALL ").join(_distinct(sources)),
                MANY + 1,
            ),
        )
        rows = self.env.execute_query(SCOPE)
        return None if len(rows) > MANY else sorted(row[0] for row in rows)

    def _find_people(self, at, people):
        """Fill ``contact_segment_found`` with those who fit, whoever the limit cuts."""
        segment = self
        if people is not None:
            self._narrow_scope(at)
            segment = self.with_context(**{ONLY: True})
        fits = segment._compile_fits(at)
        if people is not None:
            fits = _among(NARROW) & fits
        if self.max_members:
            query, value = segment._ranked_query(fits, at)
        else:
            query, value = segment._query_of(fits), SQL("NULL")
        is_text = self.max_members and self._rank_type() == "text"
        number, text = (SQL("NULL"), value) if is_text else (value, SQL("NULL"))
        self._create_table(
            "found",
            query.select(
                SQL("%s AS profile_id", SQL.identifier(query.table, "id")),
                SQL("%s::float8 AS rank_number", number),
                SQL("%s::varchar AS rank_text", text),
            ),
        )

    def _narrow_scope(self, at):
        """Keep as ``NARROW`` whom the quick lines leave of ``SCOPE``: what all others
        did need not be counted. Only lines that must all be true can say so."""
        quick = Domain.AND(
            line._compile_leaf(at)
            for line in self.condition_ids
            if not line.level and line.kind in QUICK
        )
        People = self.env["contact.profile"].with_context(active_test=False)
        query = People._search(_among(SCOPE) & quick)
        own = SQL.identifier(query.table, "id")
        self._create_table("narrow", query.select(SQL("%s AS profile_id", own)))

    # ------------------------------------------------------------
    # Who is in
    # ------------------------------------------------------------

    def _write_members(self, at, people):
        scope = SQL()
        if people is not None:
            scope = SQL("AND member.profile_id IN (%s)", SCOPE)
        terms = {
            "id": self.id,
            "at": at,
            "scope": scope,
            "is_limited": bool(self.max_members),
        }
        changes = Changes(left=self._run(_LEAVE, **terms))
        self.env.cr.execute(SQL(_FORGET, **terms))
        if self.max_members:
            self.env.cr.execute(SQL(_RANK, **terms))
            self._run(_ENTER, **terms)
            self._draw_line(changes, terms)
        else:
            changes.entered += self._run(_UNCUT, which=SQL("TRUE"), **terms)
            changes.entered += self._run(_ENTER, **terms)
        return changes

    def _draw_line(self, changes, terms):
        """The first N of all who fit are in; who was in before and is not, is cut."""
        self._create_table(
            "first",
            SQL(
                "SELECT id FROM contact_segment_member"
                " WHERE segment_id = %s AND until IS NULL ORDER BY %s LIMIT %s",
                self.id,
                self._sql_order(self._sql_kept_rank(), SQL("profile_id")),
                self.max_members,
            ),
        )
        cut = self._run(_CUT, **terms)
        if cut:
            self.env.cr.execute(SQL(_KEEP_CUT, members=int_array(cut), **terms))
        changes.left += cut
        is_first = SQL("member.id IN (SELECT id FROM contact_segment_first)")
        changes.entered += self._run(_UNCUT, which=is_first, **terms)

    def _run(self, statement, **terms):
        return [row[0] for row in self.env.execute_query(SQL(statement, **terms))]

    def _create_table(self, name, query):
        """A table of this connection, which is known to the planner."""
        self._drop_table(name)
        table = SQL.identifier(f"contact_segment_{name}")
        self.env.cr.execute(SQL("CREATE TEMP TABLE %s AS %s", table, query))
        self.env.cr.execute(SQL("ANALYZE %s", table))

    def _drop_table(self, name):
        table = SQL.identifier(f"contact_segment_{name}")
        self.env.cr.execute(SQL("DROP TABLE IF EXISTS %s", table))


def _distinct(sources):
    """Lines that read the same are read once."""
    return {
        signal_records.shape(source): SQL("(%s)", source) for source in sources
    }.values()


def _among(people):
    return Domain.custom(
        to_sql=lambda _model, alias, _query: SQL(
            "%s IN (%s)", SQL.identifier(alias, "id"), people
        )
    )
