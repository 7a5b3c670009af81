from odoo.fields import Command

from .common import NOW, StrategyCase
from .insight_common import InsightMixin


class MembersCase(InsightMixin, StrategyCase):
    """Segments by what people are called and by their grade."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._prepare_insight()
        cls.env["contact.segment"].search([]).action_archive()
        # A grade is what the test says, whatever else is edited.
        cls.classPatch(type(cls.Profile), "_refresh_engagement", lambda *_ids: None)

    @classmethod
    def _segment(cls, name="Some", domain="[]", at=NOW, **vals):
        """A segment with one line about fields."""
        lines = [Command.create({"kind": "domain", "domain": str(domain)})]
        return cls.env["contact.segment"].create(
            {"name": name, "condition_ids": lines, **vals}
        )

    @classmethod
    def _line(cls, segment, kind, **vals):
        """One more line."""
        return cls.env["contact.segment.condition"].create(
            {"segment_id": segment.id, "kind": kind, "sequence": 99, **vals}
        )

    @classmethod
    def _opened(cls, segment, **vals):
        """A line: opened at least so often."""
        return cls._line(
            segment,
            "behaviour",
            **{
                "model_id": cls.env["ir.model"]._get_id("contact.touch"),
                "domain": "[('opened', '=', True)]",
                "person_path": "profile_id",
                "date_path": "date",
                "window_value": 30,
                **vals,
            },
        )

    @classmethod
    def _score(cls, people, *scores):
        """Give people a grade."""
        for person, score in zip(people, scores, strict=True):
            person.engagement_score = score
        people.flush_recordset()

    @classmethod
    def _of(cls, people):
        return [("id", "in", people.ids)]

    def _in(self, segment, at=NOW):
        """Who is in, found by SQL, and the same one by one."""
        self.env.invalidate_all()
        domain = segment._get_domain(at)
        found = self.Profile.search(domain, order="id")
        everybody = self.Profile.search([], order="id")
        self.assertEqual(everybody.filtered_domain(domain), found)
        return found

    def _rows(self, segment):
        """{person: (in since, out since, is cut)} of all periods, oldest first."""
        self.env.invalidate_all()
        rows = {}
        for row in self.env["contact.segment.member"].search(
            [("segment_id", "=", segment.id)], order="since, id"
        ):
            rows.setdefault(row.profile_id, []).append(
                (row.since, row.until, row.is_cut)
            )
        return rows
