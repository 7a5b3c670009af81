from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .segment_problem import SegmentProblem

PATH = "contact_segment_path"
"""Context: the segments that are being asked for each other, the first first."""


class ContactSegment(models.Model):
    """Who is in: the conditions, without those whom an earlier segment takes, up to the
    limit. Of segments that keep their members, the members.

    A segment that cannot be asked has nobody in it; and as "nobody" turns into
    "everybody" where it is taken away from others, those who do that must ask
    ``_audience`` or ``_outside``, which raise, and not ``_get_domain``.
    """

    _inherit = "contact.segment"

    @api.depends("kind", "condition_ids", "waterfall_id", "waterfall_sequence")
    def _compute_problem(self):
        """Why nobody is in it, in words."""
        for segment in self:
            segment.problem = segment._find_problem()

    def _find_problem(self):
        try:
            self._audience()
        except SegmentProblem as problem:
            return str(problem)
        return False

    def _get_domain(self, at=None) -> Domain:
        """Who is in the segment: what everybody uses.

        Of a live segment what its conditions say; else its members. Nobody where the
        segment has a problem.

        :param datetime at: naive UTC; default: now
        """
        try:
            return self._audience(at)
        except SegmentProblem:
            return Domain.FALSE

    def _audience(self, at=None) -> Domain:
        """As ``_get_domain``, but says when the segment cannot be asked.

        :param datetime at: naive UTC; default: now
        :raise SegmentProblem: the segment is broken
        """
        self.ensure_one()
        at = at or fields.Datetime.now()
        if self.kind == "live":
            return self._compile(at)
        segment = self._follow()
        if self.kind == "refreshed":
            segment._compile_conditions(at)  # broken ones have nobody
        return segment._join_steps(segment._domain_of_members(), False, at)

    def _outside(self, at=None) -> Domain:
        """Everybody who is not in the segment: what takes people away uses this.

        :param datetime at: naive UTC; default: now
        :raise SegmentProblem: the segment is broken: nobody can say who is outside
        """
        self.ensure_one()
        audience = self._audience(at)
        if self.kind != "live" and not self.waterfall_id:
            return self._domain_of_members(is_outside=True)
        return ~audience

    def _compile(self, at=None) -> Domain:
        """Whom conditions, waterfall and limit choose, whatever the kind.

        :param datetime at: naive UTC; default: now
        :raise SegmentProblem: it cannot be asked
        """
        self.ensure_one()
        at = at or fields.Datetime.now()
        segment = self._follow()
        own = segment._compile_of_unit(at)
        return segment._join_steps(own, bool(segment.max_members), at)

    def _compile_fits(self, at=None) -> Domain:
        """As ``_compile``, without the segment's own limit: who stands in line for it.

        :param datetime at: naive UTC; default: now
        :raise SegmentProblem: it cannot be asked
        """
        self.ensure_one()
        at = at or fields.Datetime.now()
        segment = self._follow()
        return segment._join_steps(segment._compile_of_unit(at), False, at)

    def _compile_of_unit(self, at=None):
        """Whom the conditions choose: a unit has no business with others' people, and
        no seats for them."""
        return self._compile_conditions(at) & self._unit_domain()

    def _unit_domain(self):
        """The people whom the segment is about at all."""
        if not self.company_id:
            return Domain.TRUE
        return Domain("company_id", "in", [self.company_id.id, False])

    # ------------------------------------------------------------
    # One segment asks for another
    # ------------------------------------------------------------

    def _follow(self):
        """The segment, elevated, knowing which segments led to it.

        Elevated: who is in a segment does not depend on who may read how it is made.

        :raise SegmentProblem: one of those is the segment itself
        """
        own_id = self._origin.id or self.id
        path = self.env.context.get(PATH, ())
        if own_id in path:
            circle = [*path[path.index(own_id) :], own_id]
            names = self.sudo().browse(circle).mapped(lambda segment: segment.name)
            raise SegmentProblem(
                self.env._("The segment needs itself: %s", " > ".join(names))
            )
        return self.sudo().with_context(**{PATH: (*path, own_id)})

    # ------------------------------------------------------------
    # The waterfall
    # ------------------------------------------------------------

    def _earlier(self):
        """The segments that take people before this one, in their order.

        Elevated: those of other business units take people, too.
        """
        self.ensure_one()
        if not self.waterfall_id:
            return self.browse()
        others = self.sudo().search(
            [
                ("waterfall_id", "=", self.waterfall_id._origin.id),
                ("id", "!=", self._origin.id or 0),
                ("active", "=", True),  # whatever the context says
                ("waterfall_sequence", "<=", self.waterfall_sequence),
            ],
            order="waterfall_sequence, id",
        )
        own_id = self._origin.id or float("inf")
        place = (self.waterfall_sequence, own_id)
        return others.filtered(
            lambda other: (other.waterfall_sequence, other.id) < place
        )

    def _join_steps(self, own, is_limited, at):
        """Take away whom earlier segments take, and cut at the limit.

        Whom an earlier segment without a limit takes, is said by its conditions alone:
        whoever fits them is in it or in one before it. Those with a limit are asked one
        after the other, in one statement: see ``_sql_limited``.

        :param own: the people who fit this segment
        :param bool is_limited: by this segment's own limit
        """
        plain, limited = [], []
        for earlier in self._earlier():
            fits, is_cut = earlier._step(at, self.env.context.get(PATH))
            if is_cut:
                limited.append((earlier, fits & ~Domain.OR(plain)))
            else:
                plain.append(fits)
        own &= ~Domain.OR(plain)
        if is_limited:
            return self._domain_of_limited([*limited, (self, own)], at)
        if limited:
            own &= self._domain_of_limited(limited, at, is_outside=True)
        return own

    def _step(self, at, path):
        """(people who fit, whether its limit is still to be applied), as an earlier
        segment of a waterfall.

        :raise SegmentProblem: it cannot be asked, and so the later ones cannot
        """
        segment = self.with_context(**{PATH: path})._follow()
        try:
            fits = Domain.TRUE
            if self.kind != "frozen":
                fits = segment._compile_of_unit(at)
        except SegmentProblem as problem:
            raise SegmentProblem(
                self.env._(
                    "“%(name)s” comes before it, and cannot be asked: %(problem)s",
                    name=self.name,
                    problem=problem,
                )
            ) from problem
        if self.kind == "live":
            return fits, bool(self.max_members)
        return self._domain_of_members(), False

    @api.model
    def _domain_of_limited(self, steps, at, is_outside=False):
        """People whom the last of some limited segments takes, or, outside, whom none
        of them takes.

        A statement of its own, because a domain cannot count.

        :param steps: pairs (segment, people who fit), each without those whom segments
            without a limit take before
        """

        def to_sql(_model, alias, _query):
            column = SQL.identifier(alias, "id")
            taken = self._sql_limited(steps, at, all_of_them=is_outside)
            if is_outside:
                return SQL(
                    "NOT EXISTS (SELECT FROM (%s) taken WHERE taken.id = %s)",
                    taken,
                    column,
                )
            return SQL("%s IN (%s)", column, taken)

        return Domain.custom(to_sql=to_sql)

    @api.model
    def _sql_limited(self, steps, at, all_of_them):
        """Rows (id) of those whom limited segments take, one after the other."""
        names = [
            SQL.identifier(f"step_{number}") for number in range(1, len(steps) + 1)
        ]
        parts = []
        for number, (segment, fits) in enumerate(steps):
            query, rank = segment._ranked_query(fits, at)
            for earlier in names[:number]:
                query.add_where(
                    SQL(
                        "NOT EXISTS (SELECT FROM %s earlier WHERE earlier.id = %s)",
                        earlier,
                        SQL.identifier(query.table, "id"),
                    )
                )
            parts.append(
                SQL(
                    "%s AS MATERIALIZED (%s ORDER BY %s LIMIT %s)",
                    names[number],
                    query.select(),
                    segment._sql_order(rank, SQL.identifier(query.table, "id")),
                    segment.max_members,
                )
            )
        wanted = names if all_of_them else names[-1:]
        return SQL(
            "WITH %s %s",
            SQL(", ").join(parts),
            SQL(" UNION ALL ").join(SQL("SELECT id FROM %s", name) for name in wanted),
        )
