from datetime import timedelta

from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.mass_mailing_contact_strategy.models.sql_arrays import int_array

_GROWTH = """
    SELECT segment_id, day::date,
           sum(entered)::int, sum("left")::int,
           sum(sum(entered) - sum("left")) OVER (
               PARTITION BY segment_id ORDER BY day)::int
      FROM (
             SELECT segment_id, %(since)s AS day, 1 AS entered, 0 AS "left"
               FROM contact_segment_member member
              WHERE %(which)s
          UNION ALL
             SELECT segment_id, %(until)s, 0, 1
               FROM contact_segment_member member
              WHERE %(which)s AND member.until IS NOT NULL
          UNION ALL
             SELECT segment.id, day, 0, 0
               FROM unnest(%(ids)s) AS segment (id),
                    generate_series(%(first)s::date, %(last)s::date, '1 day') AS day
           ) change
     GROUP BY segment_id, day
"""


class ContactSegment(models.Model):
    """What the rows of members say."""

    _inherit = "contact.segment"

    def _domain_of_members(self, is_outside=False, with_cut=False) -> Domain:
        """The people who are members of this segment, or who are not.

        SQL, because access rules on the rows are about their reader, and who is in a
        segment is not; the rules on people themselves apply.

        :param bool with_cut: also those behind the limit
        """
        Member = self.env["contact.segment.member"]
        segment_id = self._origin.id or 0

        def to_sql(_model, alias, _query):
            names = ("segment_id", "profile_id", "until", "is_cut")
            columns = {
                name: SQL.identifier("member", name, to_flush=Member._fields[name])
                for name in names
            }
            rows = SQL(
                "EXISTS (SELECT FROM contact_segment_member member"
                " WHERE %(segment_id)s = %(id)s AND %(profile_id)s = %(person)s"
                " AND %(until)s IS NULL AND (%(with_cut)s OR %(is_cut)s IS NOT TRUE))",
                id=segment_id,
                with_cut=SQL("TRUE" if with_cut else "FALSE"),
                person=SQL.identifier(alias, "id"),
                **columns,
            )
            return SQL("NOT %s", rows) if is_outside else rows

        return Domain.custom(to_sql=to_sql)

    def _growth(self, days=90, today=None):
        """How these segments grew, from the periods of their members.

        Counted of the people whom the reader may see. SQL, because a day's size is the
        sum of all that happened before it.

        :param int days: so many days until today
        :param date today: default: the reader's
        :return: {segment id: list of dicts ``day``, ``entered``, ``left``, ``size``}
        """
        today = today or fields.Date.context_today(self)
        first = today - timedelta(days=days - 1)
        growth = {segment_id: [] for segment_id in self.ids}
        for segment_id, day, entered, left, size in sorted(
            self.env.execute_query(self._sql_growth(first, today))
        ):
            if day >= first:
                growth[segment_id].append(
                    {"day": day, "entered": entered, "left": left, "size": size}
                )
        return growth

    def _sql_growth(self, first, last):
        """Rows (segment, day, entered, left, size), of all earlier days as one."""

        def local_day(name):
            moment = SQL(
                "(member.%s AT TIME ZONE 'UTC') AT TIME ZONE %s",
                SQL.identifier(name),
                str(self.env.tz),
            )
            return SQL("GREATEST((%s)::date, %s::date - 1)", moment, first)

        Member = self.env["contact.segment.member"]
        Member.flush_model()
        seen = Member._search([("segment_id", "in", self.ids), ("is_cut", "=", False)])
        return SQL(
            _GROWTH,
            since=local_day("since"),
            until=local_day("until"),
            which=SQL("member.id IN %s", seen.subselect()),
            ids=int_array(self.ids),
            first=first,
            last=last,
        )
