from datetime import datetime

from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from odoo.addons.mass_mailing_contact_strategy.models.insight import signal_path

from .segment_problem import SegmentProblem

NUMBERS = ("integer", "float", "monetary", "boolean")
TEXTS = ("char", "text", "selection")
EPOCH = datetime(1970, 1, 1)
DRAWN = ("latest", "earliest", "next")
"""What a behaviour measures in days from now, and is ranked by as a date."""


class ContactSegment(models.Model):
    """The first N: in which order people stand.

    Everybody has one value, a number (of a date its seconds) or a text. Whoever has
    none stands last, and of equals whoever is known for longer (the lower id) first.
    The value is the same here and in the rows of members, so both draw one line.
    """

    _inherit = "contact.segment"

    _max_members_positive = models.Constraint(
        "CHECK (max_members IS NULL OR max_members >= 0)",
        "A segment cannot have less than no people.",
    )

    @api.constrains("max_members", "rank_by", "rank_path", "rank_condition_id")
    def _check_rank(self):
        """Who is first must be clear before anybody is cut."""
        try:
            for segment in self.filtered("max_members"):
                segment._rank_type()
        except SegmentProblem as problem:
            raise ValidationError(str(problem)) from problem

    # ------------------------------------------------------------
    # By what
    # ------------------------------------------------------------

    def _rank_type(self):
        """What people are ranked by: ``number``, ``date`` or ``text``.

        :raise SegmentProblem: nobody said by what, or it is gone
        """
        if self.rank_by == "share":
            return "number"
        if self.rank_by == "behaviour":
            line = self.rank_condition_id
            if not line or line.kind != "behaviour" or line.segment_id != self:
                raise SegmentProblem(
                    self.env._("Say by which line about behaviour the first are found.")
                )
            return "date" if line.aggregate in DRAWN else "number"
        field = self._rank_field()
        if field.type in NUMBERS:
            return "number"
        return "text" if field.type in TEXTS else "date"

    def _rank_field(self):
        Profile = self.env["contact.profile"]
        known = (*NUMBERS, *TEXTS, *signal_path.DATES)
        try:
            field = signal_path.walk(Profile, self.rank_path)[-1]
        except signal_path.PathError:
            field = None
        if field is None or field.type not in known:
            raise SegmentProblem(
                self.env._(
                    "Say by which field the first are found: “%s” is no number, "
                    "date or text of a person.",
                    self.rank_path or "",
                )
            )
        return field

    def _sql_rank(self, query, at):
        """The value of each person of a query, to which it adds the joins it needs.

        :raise SegmentProblem: there is none
        """
        kind = self._rank_type()
        if self.rank_by == "share":
            return self._sql_chance(query)
        if self.rank_by == "behaviour":
            return self._sql_rank_of_behaviour(query, at)
        # Elevated: the line is the same for every reader. Not in the reader's language.
        Profile = self.env["contact.profile"].sudo().with_context(lang=None)
        value = signal_path.to_sql(Profile, query.table, self.rank_path, query)
        if kind == "text":
            return SQL("NULLIF(%s, '')", value)
        if kind == "date":
            return SQL("EXTRACT(EPOCH FROM %s)::float8", value)
        if self._rank_field().type == "boolean":
            return SQL("COALESCE(%s, FALSE)::int::float8", value)
        return SQL("%s::float8", value)

    def _sql_chance(self, query):
        """Of each segment another draw, for one person always the same."""
        return SQL(
            "('x' || substr(md5(%s || ':' || %s::text), 1, 8))::bit(32)::bigint"
            "::float8",
            f"segment {self._origin.id or 0}",
            SQL.identifier(query.table, "id"),
        )

    def _sql_rank_of_behaviour(self, query, at):
        line = self.rank_condition_id
        # Read once, and not again for each person.
        query.add_join(
            "LEFT JOIN",
            "measured",
            SQL("(%s OFFSET 0)", line._sql_numbers(at)),
            SQL("measured.profile_id = %s", SQL.identifier(query.table, "id")),
        )
        number = SQL("measured.number::float8")
        if line.aggregate not in DRAWN:
            return number
        sign = SQL("+" if line.aggregate == "next" else "-")
        return SQL(
            "round((%s %s %s * 86400)::numeric, 3)::float8",
            (at - EPOCH).total_seconds(),
            sign,
            number,
        )

    def _sql_order(self, value, person_id):
        """Who is first: ORDER BY."""
        direction = SQL("ASC" if self.rank_order == "asc" else "DESC")
        return SQL("%s %s NULLS LAST, %s", value, direction, person_id)

    def _ranked_query(self, fits, at):
        """(query of all who fit, SQL of their value).

        Elevated: who is among the first does not depend on whom the reader may see.

        :param fits: domain
        """
        query = self._query_of(fits)
        return query, self._sql_rank(query, at)

    @api.model
    def _query_of(self, domain):
        """All people of a domain; who is archived is in it only where it says so."""
        Profile = self.env["contact.profile"].sudo().with_context(active_test=False)
        query = Profile._search(domain)
        query.order = None
        return query

    def _sql_kept_rank(self):
        """The column of members that holds the value."""
        is_text = self._rank_type() == "text"
        return SQL.identifier("rank_text" if is_text else "rank_number")
