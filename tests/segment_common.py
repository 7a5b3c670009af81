from odoo.fields import Command

from odoo.addons.mass_mailing_contact_strategy.models.audience.segment_problem import (
    SegmentProblem,
)

from .common import NOW, StrategyCase
from .insight_common import InsightMixin


class SegmentMixin(InsightMixin):
    """Segments from nested lists, and who is in them."""

    @classmethod
    def _prepare_segments(cls):
        cls._prepare_insight()
        cls.Segment = cls.env["contact.segment"]

    @classmethod
    def _create_segment(cls, *lines, **vals):
        """A segment with these lines: dicts (a leaf), or tuples (kind of a group, or
        dict, and what belongs to it)."""
        flat = list(cls._flat(lines))
        return cls.env["contact.segment"].create(
            {
                "name": "Segment",
                "condition_ids": [
                    Command.create({"sequence": number, **line})
                    for number, line in enumerate(flat)
                ],
                **vals,
            }
        )

    @classmethod
    def _flat(cls, lines, level=0):
        for line in lines:
            if isinstance(line, dict):
                yield {"level": level, **line}
                continue
            group, *children = line
            group = group if isinstance(group, dict) else {"kind": group}
            yield {"level": level, **group}
            yield from cls._flat(children, level + 1)

    def _members(self, segment, among=None, at=NOW):
        """Who is in, by the database and in memory: both must agree."""
        among = self.people if among is None else among
        domain = segment._compile_conditions(at)
        return self._who(domain, among)

    def _who(self, domain, among):
        self.env.invalidate_all()
        found = among.search(domain) & among
        kept = among.filtered_domain(domain)
        self.assertEqual(found, found & kept, "in memory somebody is missing")
        self.assertEqual(kept, found & kept, "in memory somebody is too many")
        return found

    def assertMembers(self, segment, expected, at=NOW):
        found = self._members(segment, at=at)
        self.assertEqual(set(found.mapped("name")), set(expected.mapped("name")))

    def assertProblem(self, segment, *words):
        with self.assertRaises(SegmentProblem) as problem:
            segment._compile_conditions(NOW)
        for word in words:
            self.assertIn(word, str(problem.exception))


class SegmentCase(SegmentMixin, StrategyCase):
    """Segments of a few people."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._prepare_segments()
