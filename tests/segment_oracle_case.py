from hashlib import md5

from dateutil.relativedelta import relativedelta
from hypothesis import HealthCheck, settings

from odoo.fields import Command

from .common import DAY, NOW, SECOND
from .segment_common import SegmentCase
from .segment_oracle import Line, Person
from .signal_oracle import Rule

HYPOTHESIS = settings(
    max_examples=12,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
CITIES = (None, None, "Álesund", "Oslo", "Malmö", "oslo")
WORDS = ("ale", "OSLO", "malmo", "ö", "s")
RESPONSES = ("sent", "opened", "clicked", "replied", "bounced")
GROUPS = ("all", "any", "none")
ZONE, OFFSET = "Pacific/Auckland", 12  # in May
DAYS = (0, 1, 2, 3, 7, 30)
PATHS = ("profile_id", "profile_id.partner_id", "profile_id.email_normalized")
"""From a touch to the person, in each way that there is."""


class OracleCase(SegmentCase):
    """Random trees over random people, beside the same as plain values."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["contact.touch"].search([]).unlink()
        cls.env.company.partner_id.tz = ZONE
        cls.env.user.tz = "Pacific/Honolulu"
        cls.personas = [cls._create_persona(name) for name in ("Helen", "Thor")]
        cls.stages = cls.env["contact.journey.stage"].search([], limit=3)
        cls.tags = [cls._create_tag(name) for name in ("Boats", "Tents")]
        cls.lists = cls.env["mailing.list"].create(
            [{"name": name} for name in ("News", "Offers")]
        )
        cls.touch_model = cls.env["ir.model"]._get_id("contact.touch")
        cls.mailings = [
            cls._create_mailing(cls.env.user.partner_id, subject) for subject in "XY"
        ]

    # ------------------------------------------------------------
    # People
    # ------------------------------------------------------------

    def _random_person(self, rnd, number):
        persona = rnd.choice((None, *self.personas))
        stage = rnd.choice((None, *self.stages))
        return Person(
            name=f"p{number}",
            city=rnd.choice(CITIES),
            has_contact=rnd.random() < 0.8,
            persona=persona and persona.id,
            stage=stage and stage.id,
            tags=[
                (tag.id, kind, rnd.choice((0.4, 0.5, 0.8)), self._moment(rnd))
                for tag in self.tags
                for kind in ("explicit", "implicit")
                if rnd.random() < 0.3
            ],
            lists=[
                (rnd.choice(self.lists.ids), rnd.random() < 0.4)
                for _number in range(rnd.choice((0, 0, 1, 2)))
            ],
            touches=[
                self._random_touch(rnd)
                for _number in range(rnd.choice((0, 0, 1, 2, 4)))
            ],
        )

    def _moment(self, rnd):
        """Often at the very edge of some window, or of a day of the unit."""
        moment = NOW - rnd.choice(DAYS) * DAY
        if rnd.random() < 0.4:
            moment = moment.replace(hour=12, minute=0) - DAY
        return min(NOW, moment + rnd.choice((-1, 0, 1)) * SECOND)

    def _make(self, person):
        """The profile of a person, as described."""
        if person.has_contact:
            profile = self._create_person(person.name, city=person.city)
        else:
            profile = self.Profile.create(
                {"email_normalized": f"{person.name}@strategy.test"}
            )
        profile.persona_id = person.persona
        profile.flush_recordset()
        self.env.cr.execute(
            "UPDATE contact_profile SET journey_stage_id = %s WHERE id = %s",
            [person.stage, profile.id],
        )
        profile.invalidate_recordset()
        for tag, kind, confidence, seen in person.tags:
            self._tag(
                profile,
                self.env["contact.tag"].browse(tag),
                kind,
                confidence=confidence,
                first_seen=seen,
                last_seen=seen,
            )
        for name, opted_out in person.lists:
            subscription = {"list_id": name, "opt_out": opted_out}
            self.env["mailing.contact"].create(
                {
                    "email": f"{person.name}@strategy.test",
                    "subscription_ids": [Command.create(subscription)],
                }
            )
        for touch in person.touches:
            self._make_touch(profile, *touch)
        place = int(md5(f"1:{profile.id}".encode()).hexdigest()[:8], 16)
        person.place = 100 * place / 2**32
        return profile

    def _make_touch(self, profile, date, value, fits, mailing, answers):
        self._create_touch(
            profile,
            date,
            cost=value,
            note="fits" if fits else False,
            mailing_id=mailing,
            **dict.fromkeys(answers, True),
        )

    def _random_touch(self, rnd):
        return (
            self._moment(rnd),
            rnd.choice((0, 5, 10)),
            rnd.random() < 0.5,
            rnd.choice((None, *(mailing.id for mailing in self.mailings))),
            [name for name in RESPONSES[1:] if rnd.random() < 0.3],
        )

    # ------------------------------------------------------------
    # Lines: (as the oracle reads it, as it is written)
    # ------------------------------------------------------------

    def _random_line(self, rnd, others, depth=0):
        is_negated = rnd.random() < 0.3
        if depth < 3 and rnd.random() < 0.35:
            kind = rnd.choice(GROUPS)
            children = [
                self._random_line(rnd, others, depth + 1)
                for _number in range(rnd.choice((1, 2, 2, 3)))
            ]
            line = Line(kind, {}, is_negated, tuple(child for child, _vals in children))
            group = {"kind": kind, "is_negated": is_negated}
            return line, (group, *(written for _child, written in children))
        makers = [
            *(self._city, self._one, self._one, self._tagged, self._subscribed),
            *(self._responded, self._share, self._did, self._did),
        ]
        if others:
            makers.append(lambda rnd: self._inside(rnd, others))
        kind, asks, vals = rnd.choice(makers)(rnd)
        written = {"kind": kind, "is_negated": is_negated, **vals}
        return Line(kind, asks, is_negated), written

    def _city(self, rnd):
        operator = rnd.choice(("=", "!=", "ilike", "not ilike"))
        is_text = "like" in operator
        value = rnd.choice(WORDS) if is_text else rnd.choice((False, "Oslo", "Malmö"))
        domain = repr([("partner_id.city", operator, value)])
        return "domain", {"operator": operator, "value": value}, {"domain": domain}

    def _some(self, rnd, records, name):
        ids = [record.id for record in records if rnd.random() < 0.6]
        return ids, {name: [Command.set(ids)], "is_empty": not ids}

    def _one(self, rnd):
        kind = rnd.choice(("persona", "stage"))
        records = self.personas if kind == "persona" else self.stages
        ids, vals = self._some(rnd, records, f"{kind}_ids")
        return kind, {"names": ids}, vals

    def _tagged(self, rnd):
        ids, vals = self._some(rnd, self.tags, "tag_ids")
        kind = rnd.choice(("either", "explicit", "implicit"))
        confidence, days = rnd.choice((0, 0, 0.5, 0.8)), rnd.choice((0, 0, *DAYS))
        return (
            "tag",
            {"names": ids, "kind": kind, "confidence": confidence, "days": days},
            {
                **vals,
                "tag_kind": kind,
                "min_confidence": confidence,
                "seen_days": days,
            },
        )

    def _subscribed(self, rnd):
        ids, vals = self._some(rnd, self.lists, "list_ids")
        state = rnd.choice(("in", "out"))
        return "list", {"names": ids, "state": state}, {**vals, "list_state": state}

    def _responded(self, rnd):
        ids = [rnd.choice(self.mailings).id]
        response = rnd.choice(RESPONSES)
        vals = {"mailing_ids": [Command.set(ids)], "response": response}
        return "response", {"names": ids, "response": response}, vals

    def _share(self, rnd):
        first, last = sorted(rnd.sample((0, 12.5, 40, 60, 100), 2))
        vals = {"share_from": first, "share_to": last}
        return "share", {"first": first, "last": last}, vals

    def _inside(self, rnd, others):
        chosen = rnd.sample(others, rnd.randint(1, len(others)))
        ids = [segment.id for segment, _lines in chosen]
        asks = {"segments": [lines for _segment, lines in chosen]}
        return "segment", asks, {"other_segment_ids": [Command.set(ids)]}

    def _did(self, rnd):
        aggregate = rnd.choice(
            ("count", "count", "count", "sum", "distinct", "average", "latest")
        )
        comparison = rnd.choice((">=", ">", "<=", "<", "between"))
        first, second = sorted(rnd.sample((0, 1, 2, 3, 7, 10, 15), 2))
        window = rnd.choice((0, 0, 1, 7))
        needs_fit = rnd.random() < 0.4
        days = rnd.choice(
            ((None, None), (None, None), (NOW.date() - 2 * DAY, NOW.date() - DAY))
        )
        last = rnd.choice((0, 0, 1, 2))
        path = rnd.choice(PATHS)
        rule = Rule(
            aggregate,
            comparison,
            first,
            second,
            relativedelta(days=window) if window else None,
            needs_fit,
        )
        asks = {"rule": rule, "days": days, "offset": OFFSET, "last": last}
        asks["needs_contact"] = path.endswith("partner_id")
        return (
            "behaviour",
            asks,
            {
                "model_id": self.touch_model,
                "person_path": path,
                "date_path": "date",
                "aggregate": aggregate,
                "value_path": False if aggregate in ("count", "latest") else "cost",
                "comparison": comparison,
                "threshold": first,
                "threshold_to": second,
                "window_value": window,
                "date_from": days[0],
                "date_to": days[1],
                "last_records": last,
                "domain": "[('note', '=', 'fits')]" if needs_fit else "[]",
            },
        )
