from odoo.fields import Command

from .common import StrategyCase
from .insight_common import InsightMixin


class PreviewCase(InsightMixin, StrategyCase):
    """Six people whose tags and touches are known, and nobody else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._prepare_insight()
        cls.Profile.search([]).active = False
        cls.people = cls._people(6, "seen")
        cls.ann, cls.bea, cls.cy, cls.dan, cls.eve, cls.flo = cls.people
        cls.likes = cls._create_tag("Likes")
        cls.buys = cls._create_tag("Buys")
        for person in cls.people[:4]:
            cls._tag(person, cls.likes)
        for person in cls.people[3:5]:
            cls._tag(person, cls.buys, kind="implicit")

    @classmethod
    def _segment(cls, *lines, **vals):
        return cls.env["contact.segment"].create(
            {
                "name": "Segment",
                "condition_ids": [
                    Command.create({"sequence": place, **line})
                    for place, line in enumerate(lines, 1)
                ],
                **vals,
            }
        )

    @classmethod
    def _tagged(cls, tag, **vals):
        return {"kind": "tag", "tag_ids": [Command.set(tag.ids)], **vals}

    @classmethod
    def _group(cls, kind, **vals):
        return {"kind": kind, **vals}

    def _lefts(self, preview, segment):
        return [
            preview["lines"][str(line.id)]["left"]
            for line in segment.condition_ids.sorted("sequence")
        ]
