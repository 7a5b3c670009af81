"""The demo's segments, as plain values; and how they come into Odoo.

Eight questions about the same people, with real overlaps; three of them in a waterfall,
one with a ranked limit.
"""

from dataclasses import dataclass, field

from . import demo_people, demo_signals
from .demo_load import ADDON

WATERFALL = "Spring campaign"
MOST_RECENT = 200
OPENED = "[('is_test_trace', '=', False), ('open_datetime', '!=', False)]"


@dataclass(frozen=True)
class Line:
    """A line: how deep, of which kind, and what it asks.

    ``tags``: pairs (code of the dimension, name); ``personas`` and ``stages``: codes.
    """

    kind: str
    level: int = 0
    tags: tuple = ()
    personas: tuple = ()
    stages: tuple = ()
    records: dict = field(default_factory=dict)
    values: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Segment:
    """A segment with its lines; ``place`` in the waterfall, ``most`` of the ranking."""

    name: str
    description: str
    lines: tuple
    kind: str = "live"
    place: int = 0
    most: int = 0


def _behaviour(records, days=0, level=0, **values):
    return Line(
        "behaviour",
        level,
        records=records,
        values={"window_value": days, "window_unit": "day", **values},
    )


def _tag(*tags, level=0, **values):
    return Line("tag", level, tags=tags, values=values)


BOUGHT = demo_signals.PURCHASE
CLICKS = {
    "model": "contact.touch",
    "domain": "[('clicked', '=', True)]",
    "person": "profile_id",
    "date": "clicked_date",
}
OPENS = {**demo_signals.OPEN, "domain": OPENED}
NEVER = {"comparison": "<", "threshold": 1}

SEGMENTS = (
    Segment(
        "Buys for much",
        "They get the offers first.",
        (_tag(("observed", "Buys for much")),),
        place=1,
    ),
    Segment(
        "Women's clothing",
        "Said so, or bought some.",
        (_tag(("wardrobe", "Women's clothing")),),
        place=2,
    ),
    Segment(
        "Men's clothing",
        "Said so, or bought some.",
        (_tag(("wardrobe", "Men's clothing")),),
        place=3,
    ),
    Segment(
        "Loyal, and quiet lately",
        "Regular customers who opened nothing for 30 days.",
        (
            Line("persona", personas=("regular",)),
            _behaviour(OPENS, 30, **NEVER),
        ),
        kind="refreshed",
    ),
    Segment(
        "Clicked within a week",
        "What they looked at is on their mind.",
        (_behaviour(CLICKS, 7, comparison=">=", threshold=1),),
    ),
    Segment(
        "New, or about to order",
        "A word at the right time.",
        (
            Line("any"),
            _tag(("observed", "New customer"), level=1),
            _tag(("observed", "Due to order again"), level=1),
        ),
        kind="refreshed",
    ),
    Segment(
        "Win back",
        "Gone, but they read us; not those who leave our mails unread.",
        (
            Line("stage", stages=("lapsed",)),
            Line("none"),
            _tag(("observed", "Leaves our mails unread"), level=1),
        ),
    ),
    Segment(
        f"The {MOST_RECENT} latest buyers",
        "The first to hear of what is new.",
        (_behaviour(BOUGHT, 0, aggregate="latest", comparison="<=", threshold=365),),
        most=MOST_RECENT,
    ),
)


def create(env, with_sales):
    """Make the segments, as a marketer would by hand."""
    waterfall = env["contact.segment.waterfall"].create({"name": WATERFALL})
    for segment in SEGMENTS:
        values = {
            "name": segment.name,
            "description": segment.description,
            "kind": segment.kind,
            "condition_ids": [
                (0, 0, {"sequence": place, **_line_values(env, line, with_sales)})
                for place, line in enumerate(segment.lines, 1)
            ],
        }
        if segment.place:
            values |= {
                "waterfall_id": waterfall.id,
                "waterfall_sequence": segment.place,
            }
        record = env["contact.segment"].create(values)
        if segment.most:
            record.write(
                {
                    "max_members": segment.most,
                    "rank_by": "behaviour",
                    "rank_condition_id": record.condition_ids[:1].id,
                    "rank_order": "desc",
                }
            )


def _line_values(env, line, with_sales):
    values = {"kind": line.kind, "level": line.level, **line.values}
    if line.tags:
        values["tag_ids"] = [(6, 0, [_tag_id(env, *tag) for tag in line.tags])]
    if line.personas:
        names = [p.name for p in demo_people.PERSONAS if p.key in line.personas]
        personas = env["contact.persona"].search([("name", "in", names)])
        values["persona_ids"] = [(6, 0, personas.ids)]
    if line.stages:
        xmlids = [f"{ADDON}.contact_journey_stage_{code}" for code in line.stages]
        values["stage_ids"] = [(6, 0, [env.ref(xmlid).id for xmlid in xmlids])]
    if line.records:
        records = line.records
        if with_sales and records == BOUGHT:
            records = demo_signals.ORDER
        values |= {
            "model_id": env["ir.model"]._get_id(records["model"]),
            "domain": records["domain"],
            "person_path": records["person"],
            "date_path": records["date"],
        }
    return values


def _tag_id(env, dimension, name):
    tag = env["contact.tag"].search(
        [("dimension_id.code", "=", dimension), ("name", "=", name)]
    )
    return tag.ensure_one().id
