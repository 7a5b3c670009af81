"""Segments in the world of torture: of what happens to people all the time.

``prepare`` runs inside Odoo; the rest outside, and knows nothing of Odoo.
"""

import contextlib
import time

from .torture_api import Refused

ADDON = "mass_mailing_contact_strategy"
CRONS = ("segment_refresh", "segment_refresh_all")
PATIENCE = 60  # seconds until each segment must have been refreshed at the end
EXACT = ("Torture loyal", "Torture kept")
"""Segments whose people are always the same: those of loyal addresses."""
LOYAL = {"kind": "domain", "domain": "[('email_normalized', '=like', 'loyal.%')]"}
NOTE = """
env.cr.execute(
    "INSERT INTO torture_told (segment_id, profile_id, what, transaction)"
    " SELECT %s, unnest(%s), %s, pg_current_xact_id()::xid",
    (segment.id, records.ids, {what!r}),
)
env["contact.tag.assignment"].create(
    [{{"profile_id": person.id, "tag_id": {tag}}} for person in records]
)
"""
HOUR = """
    UPDATE contact_segment
       SET refreshed_date = refreshed_date - interval '1 hour',
           full_date = full_date - %s * interval '13 hours'
     WHERE id IN (SELECT id FROM contact_segment WHERE kind = 'refreshed'
                   FOR NO KEY UPDATE SKIP LOCKED)
"""
OLD = """
    UPDATE contact_segment SET refreshed_date = refreshed_date - interval '1 hour'
     WHERE kind = 'refreshed' AND active AND refreshed_date < %s
 RETURNING id
"""


def prepare(env, known):
    """Segments of every kind, some of which need others; two guards for some.

    :param dict known: see ``torture_insight.prepare``
    :return: what the actors must know, by name
    """
    make = _Maker(env)
    stage_ids, tag_ids = known["stages"], known["tags"]
    reader, shopper = known["personas"]
    loyal, kept = make("loyal", LOYAL, kind="live"), make("kept", LOYAL)
    sent = make.touches("state", "sent", threshold=2, window_value=6)
    busy = make("busy", sent)
    tagged = make("tagged", _chosen("tag", tag_ids[:2], tag_kind="either"))
    opened = make.touches("opened", True, window_value=4, is_negated=True)
    said = _chosen("tag", tag_ids[1:3], tag_kind="explicit")
    quiet = make("quiet", opened, said)
    others = make("others", *_none_of(shopper, busy, tagged))
    first = make("first", *_any_of(stage_ids[1:], reader), **_limit(25))
    steps = make.waterfall(_chosen("stage", stage_ids[1:]), _chosen("tag", tag_ids[:3]))
    make.guard(loyal, 3, 3)
    make.guard(busy, 4, 3)
    make.act(tagged + first, _other_tag(env, tag_ids))
    refreshed = kept + busy + tagged + quiet + others + first + steps
    return {
        "exact_segments": (loyal + kept).ids,
        "moving_segments": (refreshed - kept).ids,
        "refreshed_segments": refreshed.ids,
        "limited_segments": (first + steps[0]).ids,
        "steps": steps.ids,
        "behaviours": [busy.condition_ids.id, quiet.condition_ids[0].id],
        "tag_lines": [[tagged.id, tagged.condition_ids.id]],
        "segment_crons": [env.ref(f"{ADDON}.ir_cron_{name}").id for name in CRONS],
    }


def _chosen(name, ids, kind=None, **values):
    return {"kind": kind or name, f"{name}_ids": [(6, 0, ids)], **values}


def _none_of(persona_id, *segments):
    return (
        {"kind": "none"},
        _chosen("persona", [persona_id], level=1),
        *(_chosen("other_segment", one.ids, "segment", level=1) for one in segments),
    )


def _any_of(stage_ids, persona_id):
    return (
        {"kind": "any"},
        _chosen("stage", stage_ids, level=1),
        _chosen("persona", [persona_id], level=1),
    )


def _limit(number):
    return {"max_members": number, "rank_path": "engagement_score"}


def _other_tag(env, tag_ids):
    """A tag that changes nothing of what is asked."""
    asked = env["contact.tag"].browse(tag_ids).dimension_id
    return env["contact.tag"].search([("dimension_id", "not in", asked.ids)], limit=1)


class _Maker:
    """Makes segments inside Odoo."""

    def __init__(self, env):
        self.env = env

    def __call__(self, name, *lines, kind="refreshed", **values):
        numbered = [{"sequence": n, **line} for n, line in enumerate(lines)]
        return self.env["contact.segment"].create(
            {
                "name": f"Torture {name}",
                "kind": kind,
                "condition_ids": [(0, 0, line) for line in numbered],
                **values,
            }
        )

    def waterfall(self, *lines):
        """Two segments, of which the first takes only some."""
        fall = self.env["contact.segment.waterfall"].create({"name": "Torture"})
        before, after = (
            self(f"step {n}", line, waterfall_id=fall.id, waterfall_sequence=n)
            for n, line in enumerate(lines, 1)
        )
        before.write(_limit(30))
        return before + after

    def touches(self, name, value, **values):
        """A line about touches."""
        return {
            "kind": "behaviour",
            "model_id": self.env["ir.model"]._get_id("contact.touch"),
            "person_path": "profile_id",
            "date_path": "date",
            "domain": repr([(name, "=", value)]),
            **values,
        }

    def guard(self, segment, sequence, maximum):
        """A guard for the people of a segment alone."""
        rule = {
            "rule_type": "cap",
            "max_touches": maximum,
            "window_value": 70,
            "window_unit": "hour",
        }
        self.env["contact.policy"].create(
            {
                "name": segment.name,
                "sequence": sequence,
                "is_guard": True,
                "segment_ids": [(6, 0, segment.ids)],
                "rule_ids": [(0, 0, rule)],
            }
        )

    def act(self, segments, tag):
        """From now on something happens when somebody enters or leaves."""
        actions = [
            self.env["ir.actions.server"].create(
                {
                    "name": f"Torture {what}",
                    "model_id": self.env["ir.model"]._get_id("contact.profile"),
                    "state": "code",
                    "code": NOTE.format(what=what, tag=tag.id),
                }
            )
            for what in ("entered", "left")
        ]
        segments.write(
            {
                "enter_action_ids": [(6, 0, actions[0].ids)],
                "exit_action_ids": [(6, 0, actions[1].ids)],
            }
        )


class Choosing:
    """Whoever works on segments: a part of the actors."""

    def _jobs_about_segments(self):
        return (
            (self.refresh, 3),
            (self.edit_line, 6),
            (self.edit_segment, 8),
            (self.look_at_segments, 4),
            (self.pass_an_hour, 4),
        )

    def _segments_of_mailing(self):
        """Sometimes only the people of a segment, or not those of one.

        Of which people always are, and of which they come and go.
        """
        values = {}
        for name, share in (("segment_ids", 0.35), ("exclude_segment_ids", 0.25)):
            if self.random.random() < share:
                kind = self.random.choice(("exact_segments", "moving_segments"))
                values[name] = [[6, 0, self._some(kind, 1)]]
        return values

    def refresh(self):
        """Somebody does not wait for the cron, for some at once."""
        chosen = self._some("refreshed_segments", self.random.randint(1, 3))
        self.api.call("contact.segment", "action_refresh", chosen)

    def edit_line(self):
        """Somebody changes one line alone."""
        if self.random.random() < 0.6:
            values = {
                "threshold": self.random.randint(1, 3),
                "window_value": self.random.randint(4, 8),
                "is_negated": self.random.random() < 0.5,
            }
            lines = self._some("behaviours", 1)
        else:
            values = self._tags()
            lines = [self.random.choice(self.facts["tag_lines"])[1]]
        self.api.call("contact.segment.condition", "write", lines, vals=values)

    def _tags(self):
        return {"tag_ids": [[6, 0, self._some("tags", 2)]]}

    def edit_segment(self):
        """Somebody saves the form of a segment, which is refreshed at once."""
        chance = self.random.random()
        if chance < 0.4:
            chosen = self._some("limited_segments", 1)
            values = {"max_members": self.random.randint(10, 40)}
        elif chance < 0.7:
            chosen = self._some("steps", 1)
            values = {"waterfall_sequence": self.random.randint(1, 3)}
        else:
            segment, line = self.random.choice(self.facts["tag_lines"])
            chosen = [segment]
            values = {"condition_ids": [[1, line, self._tags()]]}
        self.api.call("contact.segment", "write", chosen, vals=values)

    def look_at_segments(self):
        """Somebody lists the people of a segment, and reads some of its form."""
        (segment,) = self._some("refreshed_segments", 1)
        domain = [("segment_ids", "in", [segment])]
        self.api.call("contact.profile", "search_count", domain=domain)
        names = ["sentence", "problem", "use_count"]
        self.api.call("contact.segment", "read", [segment], fields=names)

    def pass_an_hour(self):
        """For the segments that nobody is refreshing: their crons are due again.

        Now and then it is the night.
        """
        self.world.query(HOUR, (int(self.random.random() < 0.2),))

    def settle(self):
        """At the end, and after all else: members as by the cron of one hour."""
        super().settle()
        time.sleep(1)
        sql = "SELECT date_trunc('second', now() AT TIME ZONE 'UTC')"
        ((now,),) = self.world.query(sql)
        cron = self.facts["segment_crons"][:1]
        deadline = time.monotonic() + PATIENCE
        # Whoever is still at one of them has perhaps not seen the last change.
        while self.world.query(OLD, (now,)) and time.monotonic() < deadline:
            with contextlib.suppress(Refused):  # it is running already
                self.api.call("ir.cron", "method_direct_trigger", cron, timeout=300)
            time.sleep(0.5)
