from datetime import timedelta

from odoo import fields, models
from odoo.tools import SQL, Query, format_date
from odoo.tools.misc import format_datetime

from .contact_segment_rank import EPOCH
from .segment_problem import SegmentProblem


class ContactSegment(models.Model):
    """Why somebody stands behind the limit, and how many do."""

    _inherit = "contact.segment"

    def _limit_counts(self, at=None):
        """(people in the segment, people who fit), of those the reader may see."""
        self.ensure_one()
        Profile = self.env["contact.profile"]
        inside = Profile.search_count(self._get_domain(at))
        if not self.max_members:
            return inside, inside
        if self.kind != "live":
            return inside, Profile.search_count(self._domain_of_members(with_cut=True))
        try:
            return inside, Profile.search_count(self._compile_fits(at))
        except SegmentProblem:
            return inside, inside

    def _say_limit(self, at=None):
        """How many of how many are in, as a sentence."""
        inside, fitting = self._limit_counts(at)
        if not self.max_members:
            return self.env._("%s people", f"{inside:,}")
        return self.env._(
            "%(inside)s of %(fitting)s people",
            inside=f"{inside:,}",
            fitting=f"{fitting:,}",
        )

    def _explain_limit(self, profiles=None, limit=10, at=None):
        """Where people stand in the line, and what the last who is in has.

        :param profiles: contact.profile; default: the first ones behind the limit
        :param int limit: so many of those
        :param datetime at: naive UTC; default: now
        :return: list of dicts, in the order of the line: ``profile_id``, ``place``,
            ``value`` and ``last_value`` (of number N; False: no value), ``is_in`` and
            ``reason``, a sentence; only of people whom the reader may see
        :raise SegmentProblem: the segment is broken
        """
        self.ensure_one()
        at = at or fields.Datetime.now()
        if not self.max_members:
            return []
        kind = self._rank_type()
        rows = self._places(profiles, limit, at)
        seen = self.env["contact.profile"].search(
            [("id", "in", [row[0] for row in rows])]
        )
        return [
            self._explain_place(kind, *row) for row in rows if row[0] in set(seen.ids)
        ]

    def _places(self, profiles, limit, at):
        """SQL, because only the database can number everybody.

        :return: rows (profile, place, value, value of number N, people in the line)
        """
        line = self.sudo()._sql_line(at)
        first = self.max_members
        wanted = SQL("place > %s AND place <= %s", first, first + limit)
        if profiles is not None:
            wanted = SQL("id = ANY(%s)", profiles.ids)
        return self.env.execute_query(
            SQL(
                "WITH line AS MATERIALIZED (%s)"
                " SELECT id, place, value,"
                " (SELECT value FROM line WHERE place = %s), total"
                " FROM line WHERE %s ORDER BY place",
                line,
                first,
                wanted,
            )
        )

    def _sql_line(self, at):
        """Rows (id, value, place, total) of all who stand in line: people, or the rows
        of a segment that keeps its members."""
        if self.kind == "live":
            query, value = self._ranked_query(self._compile_fits(at), at)
            person_id = SQL.identifier(query.table, "id")
        else:
            self.env["contact.segment.member"].flush_model()
            query = Query(self.env, "contact_segment_member")
            query.add_where("segment_id = %s AND until IS NULL", [self.id])
            value, person_id = self._sql_kept_rank(), SQL("profile_id")
        return query.select(
            SQL("%s AS id", person_id),
            SQL("%s AS value", value),
            SQL(
                "row_number() OVER (ORDER BY %s) AS place",
                self._sql_order(value, person_id),
            ),
            SQL("count(*) OVER () AS total"),
        )

    def _explain_place(self, kind, profile_id, place, value, last_value, total):
        said = {
            "place": f"{place:,}",
            "total": f"{total:,}",
            "first": f"{self.max_members:,}",
            "value": self._say_rank(kind, value),
            "last": self._say_rank(kind, last_value),
        }
        is_in = place <= self.max_members
        if is_in:
            reason = self.env._("Number %(place)s of %(total)s: %(value)s.", **said)
        elif value == last_value:
            reason = self.env._(
                "Number %(place)s of %(total)s: %(value)s, as number %(first)s has, "
                "who is known for longer.",
                **said,
            )
        else:
            reason = self.env._(
                "Number %(place)s of %(total)s: %(value)s. Number %(first)s, the last "
                "who is in, has %(last)s.",
                **said,
            )
        return {
            "profile_id": profile_id,
            "place": place,
            "value": said["value"],
            "last_value": said["last"],
            "is_in": is_in,
            "reason": reason,
        }

    def _say_rank(self, kind, value):
        """A value as the reader writes numbers and dates."""
        if value is None:
            return self.env._("nothing known")
        if self.rank_by == "share":
            return self.env._("drawn by chance")
        if kind == "date":
            moment = EPOCH + timedelta(seconds=value)
            if self.rank_by == "field" and self._rank_field().type == "date":
                return format_date(self.env, moment.date())
            return format_datetime(self.env, moment, dt_format="d MMM y HH:mm")
        if kind == "number":
            return f"{value:,.2f}".removesuffix(".00")
        return value
