from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from odoo.addons.mass_mailing_contact_strategy.core import outline

from .contact_segment_condition import GROUPS
from .segment_problem import SegmentProblem

STRUCTURE = {"level", "kind", "sequence", "segment_id", "other_segment_ids"}
WHOLE = "contact_segment_whole"
"""Context: the lines of a segment are written together."""


class ContactSegment(models.Model):
    """The lines of a segment are an outline, and the outline is one domain."""

    _inherit = "contact.segment"

    # ------------------------------------------------------------
    # One domain
    # ------------------------------------------------------------

    def _compile_conditions(self, at=None) -> Domain:
        """Whom the conditions alone choose.

        Nobody who is archived, unless a line about fields names that.

        :param datetime at: naive UTC; default: now
        :raise SegmentProblem: it cannot be asked
        """
        self.ensure_one()
        return self._compile_lines(self._lines(), at)

    def _compile_lines(self, lines, at=None) -> Domain:
        """Whom some of the lines choose, as if there were no others: those until a line
        say how many it leaves.

        :param lines: contact.segment.condition, in their order
        :param datetime at: naive UTC; default: now
        :raise SegmentProblem: they cannot be asked
        """
        self.ensure_one()
        at = at or fields.Datetime.now()
        # Elevated: what a segment means does not depend on who asks.
        nodes = self.sudo()._parse(lines.sudo())
        domain = Domain.AND(_compile_node(node, at, False) for node in nodes)
        if not any(line._names_archived() for line in lines):
            domain &= Domain("active", "=", True)
        return domain

    def _compile_line(self, line, at=None) -> Domain:
        """Whom one line chooses, with what belongs to it.

        :param line: contact.segment.condition of this segment
        :param datetime at: naive UTC; default: now
        :raise SegmentProblem: it cannot be asked
        """
        at = at or fields.Datetime.now()
        nodes = outline.walk(self.sudo()._parse())
        node = next(node for _level, node in nodes if node.item == line)
        return _compile_node(node, at, False)

    # ------------------------------------------------------------
    # The tree
    # ------------------------------------------------------------

    def _lines(self):
        """The lines in their order, also while they are edited."""
        return self.condition_ids.sorted("sequence")

    def _parse(self, lines=None):
        """The tree of the lines.

        :param lines: contact.segment.condition; default: all
        :return: list of ``core.outline.Node``
        :raise SegmentProblem: they make no tree
        """
        lines = self._lines() if lines is None else lines
        try:
            return outline.parse(
                outline.Line(line.level, line.kind in GROUPS, line) for line in lines
            )
        except outline.OutlineError as error:
            reason = {
                outline.TOO_DEEP: self.env._("there is no group above it to belong to"),
                outline.EMPTY: self.env._("there is nothing in this group"),
            }[error.code]
            raise error.item._problem(reason) from error

    @api.constrains("condition_ids")
    def _check_outline(self):
        """A bad structure is refused, never guessed; and so is a segment that needs
        itself, by whatever way."""
        for segment in self:
            segment._refuse_broken()

    def _refuse_broken(self):
        try:
            self._parse()
            if "segment" in self.condition_ids.mapped("kind"):
                self._compile()
        except SegmentProblem as problem:
            raise ValidationError(str(problem)) from problem

    @api.model_create_multi
    def create(self, vals_list):
        """Lines are checked when all of them are there."""
        segments = super(ContactSegment, self.with_context(**{WHOLE: True})).create(
            vals_list
        )
        return segments.with_env(self.env)

    def write(self, vals):
        """Lines are checked when all of them are there."""
        return super(ContactSegment, self.with_context(**{WHOLE: True})).write(vals)


class ContactSegmentCondition(models.Model):
    """Lines that are written one by one must make a tree, too."""

    _inherit = "contact.segment.condition"

    @api.model_create_multi
    def create(self, vals_list):
        """See ``contact.segment._check_outline``."""
        lines = super().create(vals_list)
        lines._check_whole(lines.segment_id)
        return lines

    def write(self, vals):
        """See ``contact.segment._check_outline``."""
        segments = self.segment_id
        res = super().write(vals)
        if not STRUCTURE.isdisjoint(vals):
            self._check_whole(segments | self.segment_id)
        return res

    def unlink(self):
        """See ``contact.segment._check_outline``."""
        segments = self.segment_id
        res = super().unlink()
        self._check_whole(segments)
        return res

    @api.model
    def _check_whole(self, segments):
        if not self.env.context.get(WHOLE):
            segments._check_outline()

    def _names_archived(self):
        """Does the line ask about archived people itself?"""
        return self.kind == "domain" and "'active'" in (self.domain or "").replace(
            '"', "'"
        )


def _compile_node(node, at, is_outside):
    """The domain of a node, or of all people outside.

    "Not" goes down to the leaves, where the database can join it.
    """
    line = node.item
    if not node.is_group:
        return line._compile_leaf(at, is_outside)
    is_outside = is_outside != line.is_negated
    is_each_outside = is_outside != (line.kind == "none")
    parts = [_compile_node(child, at, is_each_outside) for child in node.children]
    # none: outside all of them; not all: outside at least one
    is_any = (line.kind == "any") != is_outside
    return Domain.OR(parts) if is_any else Domain.AND(parts)
