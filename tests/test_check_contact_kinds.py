from datetime import timedelta
from decimal import Decimal

from hypothesis import seed

from odoo.fields import Command
from odoo.tests import tagged

from . import oracle, test_check_contact_oracle

CLASSES = ("silent", "cold", "warm", "hot")
KINDS = (
    "cap",
    "gap",
    "adaptive",
    "apart",
    "cost",
    "quiet",
    "block",
    "holdout",
    "sunset",
)
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MINUTES = (0, 1, 30, 120, 150, 480, 510, 1260, 1439)


@tagged("post_install", "-at_install")
class TestCheckContactKinds(test_check_contact_oracle.TestCheckContactOracle):
    """Rules of all kinds together: the engine answers as the oracle."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.config_parameter"].set_param(
            "mass_mailing_contact_strategy.positive_responses", "clicked"
        )
        cls.env["contact.channel"].search([]).cost = 0
        cls.email.cost = 0.1
        cls.tag = cls.env["contact.tag"].create(
            {
                "name": "Complaint",
                "dimension_id": cls.env["contact.tag.dimension"]
                .create({"name": "Trouble", "is_exclusive": False})
                .id,
            }
        )
        cls.angry = cls.env["contact.segment"].create(
            {
                "name": "Angry",
                "condition_ids": [
                    Command.create(
                        {"kind": "domain", "domain": "[('name', '=', 'bea')]"}
                    )
                ],
            }
        )
        people = zip(cls.people, cls.profiles, CLASSES[1:] + CLASSES, strict=False)
        for number, (person, profile, name) in enumerate(people):
            cls.env.flush_all()
            cls.env.cr.execute(
                "UPDATE contact_profile SET engagement_class = %s WHERE id = %s",
                [name, profile.id],
            )
            cls.people[number] = oracle.replace(person, engagement=name)
        cls.env.invalidate_all()

    @seed(20)
    @test_check_contact_oracle.HYPOTHESIS
    def test_as_the_oracle_says(self, number):
        self._as_the_oracle_says(number)

    def _random_letter(self, rnd):
        letter = super()._random_letter(rnd)
        cost = "0.1" if letter.channel == self.email.id else "0"
        return oracle.replace(letter, cost=Decimal(cost))

    def _random_touch(self, rnd, moment):
        touch = super()._random_touch(rnd, moment)
        answered = None
        if rnd.random() < 0.1:
            answered = touch.date + timedelta(seconds=rnd.choice((0, 60, 3600)))
        cost = Decimal(rnd.choice(("0", "0.1", "0.1", "0.2", "1.5")))
        return oracle.replace(touch, cost=cost, answered=answered)

    def _random_rule(self, rnd):
        vals = super()._random_rule(rnd)
        kind = rnd.choice(KINDS)
        return getattr(self, f"_random_{kind}", lambda _rnd, same: same)(rnd, vals)

    def _random_adaptive(self, rnd, vals):
        floor = rnd.choice((0, 1, 2))
        most = floor + rnd.choice((0, 1, 2, 3, 5))
        return {
            **vals,
            "rule_type": "adaptive",
            "min_touches": floor,
            "max_touches": most,
        }

    def _random_apart(self, rnd, vals):
        others = rnd.choice(((self.promotion,), (self.service,), (self.newsletter,)))
        return {
            **vals,
            "rule_type": "apart",
            "window_kind": "rolling",
            "other_category_ids": [Command.set([other.id for other in others])],
            "is_mutual": rnd.random() < 0.5,
        }

    def _random_cost(self, rnd, vals):
        return {
            **vals,
            "rule_type": "cost",
            "max_cost": rnd.choice((0, 0.1, 0.3, 0.4, 1.7, 5)),
        }

    def _random_quiet(self, rnd, vals):
        days = rnd.choice((DAYS, DAYS, DAYS[:5], DAYS[6:], ()))
        start, end = rnd.sample(MINUTES, 2)
        if days != DAYS and rnd.random() < 0.3:
            end = start
        dates = []
        if not days or rnd.random() < 0.3:
            first = self.moment.date() + timedelta(days=rnd.randint(-2, 3))
            last = first + timedelta(days=rnd.choice((0, 0, 2)))
            dates = [Command.create({"date_from": first, "date_to": last})]
        return {
            **vals,
            "rule_type": "quiet",
            "quiet_from": start / 60,
            "quiet_to": end / 60,
            "date_ids": dates,
            **{f"on_{day}": day in days for day in DAYS},
        }

    def _random_block(self, rnd, vals):
        vals = {**vals, "rule_type": "block"}
        if rnd.random() < 0.3:
            return {**vals, "segment_ids": self.angry.ids}
        if vals["window_unit"] == "hour":
            vals["window_unit"] = "day"
        return {
            **vals,
            "tag_ids": self.tag.ids,
            "is_for_a_time": rnd.random() < 0.7,
            "window_kind": "rolling",
        }

    def _random_holdout(self, rnd, vals):
        return {
            **vals,
            "rule_type": "holdout",
            "holdout_share": rnd.choice((10, 50, 90)),
            "holdout_key": str(rnd.randint(0, 9)),
        }

    def _random_sunset(self, rnd, vals):
        number, days, steps = 0, 0, []
        for effect in rnd.choice((("slow",), ("slow", "pause", "stop"), ("stop",))):
            number += rnd.randint(1, 4)
            days += rnd.choice((1, 7, 30))
            steps.append(
                {
                    "after_touches": number if rnd.random() < 0.8 else 0,
                    "after_days": days,
                    "effect": effect,
                    "window_value": rnd.choice((1, 3, 14)),
                    "window_unit": rnd.choice(("day", "week")),
                }
            )
        return {
            **vals,
            "rule_type": "sunset",
            "step_ids": [Command.create(step) for step in steps],
            "spared_segment_ids": rnd.choice(((), (), self.angry.ids)),
        }

    # ------------------------------------------------------------
    # The same, for the oracle
    # ------------------------------------------------------------

    def _rule_for_oracle(self, record):
        rule = super()._rule_for_oracle(record)
        kind = record.rule_type
        say = getattr(self, f"_{kind}_for_oracle", lambda _record: {})
        return oracle.replace(rule, kind_of=kind, **say(record))

    def _adaptive_for_oracle(self, record):
        low, high = record.min_touches, record.max_touches
        steps = [low, low + (high - low) // 3, low + (high - low) * 2 // 3, high]
        return {"classes": tuple(zip(CLASSES, steps, strict=True))}

    def _apart_for_oracle(self, record):
        return {
            "others": frozenset(record.other_category_ids.ids),
            "mutual": record.is_mutual,
        }

    def _cost_for_oracle(self, record):
        return {"budget": Decimal(str(record.max_cost)), "maximum": None}

    def _quiet_for_oracle(self, record):
        return {
            "on_exceed": "defer",
            "quiet": oracle.Quiet(
                round(record.quiet_from * 60),
                round(record.quiet_to * 60),
                frozenset(n for n, d in enumerate(DAYS, 1) if record[f"on_{d}"]),
                tuple((d.date_from, d.date_to) for d in record.date_ids),
            ),
        }

    def _block_for_oracle(self, record):
        if record.segment_ids:
            bea = self.profiles.filtered(lambda profile: profile.name == "bea")
            return {"closed": ((bea.id, None),), "on_exceed": "hold"}
        closed = []
        for profile_id, seen in self.complaints.items():
            until = None
            if record.is_for_a_time:
                until = oracle.first_free(record, seen, self.moment)
            closed.append((profile_id, until))
        return {"closed": tuple(closed)}

    def _holdout_for_oracle(self, record):
        closed = tuple(
            (person.key, None)
            for person in self.people
            if oracle.place_in_draw(record.holdout_key, person.key) * 100
            < record.holdout_share
        )
        return {"closed": closed, "on_exceed": "hold"}

    def _sunset_for_oracle(self, record):
        steps = tuple(
            oracle.Step(
                step.after_touches,
                step.after_days,
                0 if step.effect == "stop" else step.window_value,
                step.window_unit,
            )
            for step in record.step_ids
        )
        spared = self.profiles.filtered(lambda profile: profile.name == "bea").ids
        return {
            "steps": steps,
            "kind": "rolling",
            "per": "person",
            "spared": frozenset(spared if record.spared_segment_ids else ()),
        }

    def _prepare_people(self, rnd, moment):
        """Some complained lately."""
        self.moment = moment
        self.complaints = {}
        for profile in self.profiles:
            if rnd.random() < 0.4:
                back = rnd.choice((0, 3600, 86400, 5 * 86400, 31 * 86400))
                seen = moment - timedelta(seconds=back)
                self.complaints[profile.id] = seen
                self.env["contact.tag.assignment"].create(
                    {
                        "profile_id": profile.id,
                        "tag_id": self.tag.id,
                        "kind": "explicit",
                        "first_seen": seen,
                        "last_seen": seen,
                    }
                )
