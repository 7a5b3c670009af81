import random
from datetime import datetime, timedelta
from unittest.mock import patch

from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from odoo.fields import Command
from odoo.tests import tagged

from . import oracle
from .common import SECOND
from .oracle_common import OracleCase

ANCHORS = (
    datetime(2026, 3, 29, 1),  # Oslo's clock goes forward
    datetime(2026, 10, 25, 1),  # and back
    datetime(2026, 9, 6, 4),  # Santiago has no midnight
    datetime(2026, 4, 5, 3),
    datetime(2026, 10, 3, 15, 30),  # Lord Howe moves half an hour
    datetime(2026, 3, 1),
    datetime(2026, 3, 31, 9),
    datetime(2024, 2, 29, 22),
    datetime(2026, 5, 12, 9),
)


def HYPOTHESIS(test):
    """Many random numbers."""
    test = given(st.integers(0, 2**32))(test)
    return settings(
        max_examples=150,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )(test)


@tagged("post_install", "-at_install")
class TestCheckContactOracle(OracleCase):
    """Random strategies, histories and moments: the engine answers as the oracle."""

    # ------------------------------------------------------------
    # Something random, for both
    # ------------------------------------------------------------

    def _random_rule(self, rnd):
        kind = rnd.choice(("rolling", "rolling", "calendar"))
        unit = rnd.choice(("hour", "day", "day", "week", "month", "month"))
        if kind == "calendar" and unit == "hour":
            unit = "week"  # hours of half-hour zones: see test_core_windows
        vals = {
            "rule_type": "cap" if kind == "calendar" else rnd.choice(("cap", "gap")),
            "max_touches": rnd.choice((0, 1, 1, 2, 2, 3, False)),
            "window_value": rnd.randint(1, 30 if unit in ("hour", "day") else 3),
            "window_unit": unit,
            "window_kind": kind,
            "count_per": rnd.choice(
                ("person", "person", "inbox", "company", "household")
            ),
            "count_what": rnd.choice(("touches", "people")),
            "on_exceed": rnd.choice(("defer", "defer", "defer", "hold")),
        }
        channels = rnd.choice(((), (), (self.email,), (self.email, self.sms)))
        categories = rnd.choice(((), (), (self.newsletter,), (self.promotion,)))
        vals["channel_ids"] = [Command.set([c.id for c in channels])]
        vals["category_ids"] = [Command.set([c.id for c in categories])]
        vals["quota_ids"] = self._random_quotas(rnd, vals["max_touches"] or 0)
        return vals

    def _random_quotas(self, rnd, most):
        units = rnd.sample((self.other, self.env.company), 2)
        if not most or rnd.random() < 0.6:
            return []
        first = rnd.randint(1, most)
        kept = zip(units, (first, rnd.randint(0, most - first)), strict=True)
        return [
            Command.create({"company_id": unit.id, "touches": touches})
            for unit, touches in kept
            if touches
        ]

    def _random_policy(self, rnd, sequence):
        members = rnd.choice((None, None, rnd.sample(self.profiles.ids, 3)))
        domain = [("id", "in", members)] if members is not None else []
        rules = [
            self._random_rule(rnd) for _index in range(rnd.choice((0, 1, 2, 2, 2)))
        ]
        if rules and rules[0] == {**rules[-1], **self._number(rules[0])}:
            rules = rules[:1]
        return self._create_policy(
            *rules,
            name=f"Policy {sequence}",
            sequence=sequence,
            domain=repr(domain),
            is_guard=rnd.random() < 0.25,
            active=rnd.random() < 0.9,
            company_id=rnd.choice(
                (False, False, False, self.env.company.id, self.other.id)
            ),
        )

    @staticmethod
    def _number(vals):
        """What two rules about the same thing may differ in."""
        return {n: vals[n] for n in ("max_touches", "on_exceed", "quota_ids")}

    def _rule_for_oracle(self, record):
        if record.rule_type == "gap":
            maximum = 1
        else:
            maximum = record.max_touches if record.has_maximum else None
        return oracle.Rule(
            record.id,
            maximum,
            record.window_value,
            record.window_unit,
            record.window_kind,
            frozenset(record.channel_ids.ids),
            frozenset(record.category_ids.ids),
            record.count_per,
            record.on_exceed,
            measure=record._measure(),
            kept=tuple(
                (quota.company_id.id, quota.touches)
                for quota in record._has_quotas() or ()
            ),
        )

    def _for_oracle(self, policy):
        domain = policy._get_domain()
        return oracle.Policy(
            None
            if domain.is_true()
            else frozenset(self.profiles.filtered_domain(domain).ids),
            tuple(map(self._rule_for_oracle, policy.rule_ids)),
            policy.is_guard,
            policy.active,
            policy.company_id.id or None,
        )

    def _random_touch(self, rnd, moment):
        person = rnd.choice(self.people)
        back = rnd.choice((2, 30, 24 * 4, 24 * 8, 24 * 34, 24 * 65)) * 3600
        category = rnd.choice((None, self.newsletter, self.promotion, self.service))
        return oracle.Touch(
            person.key,
            rnd.choice((person.address, person.number, "old@oracle.test", None)),
            rnd.choice((self.email, self.email, self.sms, self.letter)).id,
            category and category.id,
            moment - timedelta(seconds=rnd.randint(0, back)),
            rnd.choice(("sent", "sent", "sent", "reserved", "failed", "released")),
            person.is_seed is False and rnd.random() < 0.9,
            company=rnd.choice((self.other, self.env.company)).id,
        )

    def _write_touches(self, touches):
        self.env["contact.touch"].create(
            [
                {
                    "profile_id": touch.person,
                    "address": touch.address,
                    "channel_id": touch.channel,
                    "category_id": touch.category,
                    "date": touch.date,
                    "state": touch.state,
                    "counts": touch.counts,
                    "company_id": touch.company,
                    "cost": float(touch.cost),
                    "clicked": bool(touch.answered),
                    "clicked_date": touch.answered,
                }
                for touch in touches
            ]
        )

    def _ask(self, letter, moment):
        """One by one and, as for a large part of all people, all at once."""
        question = (letter.channel, letter.category, moment, None, letter.company)
        answers = self.profiles.check_contact(*question)
        Engine = type(self.env["contact.policy.engine"])
        with patch.object(Engine, "_is_large_part", lambda *_: True):
            self.assertEqual(self.profiles.check_contact(*question), answers)
        return answers

    def _compare(self, policies, letter, touches, moment):
        answers = self._ask(letter, moment)
        self.assertEqual([a["profile_id"] for a in answers], self.profiles.ids)
        for person, answer in zip(self.people, answers, strict=True):
            decision, free, rules = oracle.decide(
                policies, person, letter, touches, moment
            )
            self.assertEqual(
                (
                    answer["decision"],
                    answer["next_allowed"] or None,
                    {reason["rule_id"] for reason in answer["reasons"]},
                ),
                (decision, free, rules),
                f"{person} at {moment}: {policies}",
            )
        return answers

    @seed(19)
    @HYPOTHESIS
    def test_as_the_oracle_says(self, number):
        self._as_the_oracle_says(number)

    def _random_letter(self, rnd):
        category = rnd.choice(
            (None, self.newsletter, self.promotion, self.transactional)
        )
        channel = rnd.choice((self.email, self.sms))
        return oracle.Letter(
            channel.id,
            category and category.id,
            self.env.company.id,
            category.obeys_caps if category else True,
            inbox="number" if channel == self.sms else "address",
        )

    def _prepare_people(self, rnd, moment):
        """What is known of them besides."""

    def _as_the_oracle_says(self, number):
        rnd = random.Random(number)
        with self.env.cr.savepoint() as savepoint:
            anchor = rnd.choice(ANCHORS)
            moment = anchor + timedelta(seconds=rnd.randint(-40 * 3600, 40 * 3600))
            self._prepare_people(rnd, moment)
            records = [
                self._random_policy(rnd, number + 1)
                for number in range(rnd.randint(1, 4))
            ]
            policies = [self._for_oracle(policy) for policy in records]
            touches = [
                self._random_touch(rnd, moment) for _index in range(rnd.randint(5, 45))
            ]
            self._write_touches(touches)
            letter = self._random_letter(rnd)
            answers = self._compare(policies, letter, touches, moment)
            if "sunset" in {
                rule.rule_type for record in records for rule in record.rule_ids
            }:
                moments = set()  # a later step may have begun by then
            else:
                moments = {a["next_allowed"] for a in answers if a["next_allowed"]}
            for moment in moments:
                # whoever is free then is free, and was not a second before
                self._assert_minimal(letter, answers, moment)
            savepoint.rollback()
        self.env.invalidate_all()

    def _assert_minimal(self, letter, answers, moment):
        before, then = self._ask(letter, moment - SECOND), self._ask(letter, moment)
        for answer, earlier, later in zip(answers, before, then, strict=True):
            if answer["next_allowed"] == moment:
                self.assertNotEqual(earlier["decision"], "send")
                self.assertEqual(later["decision"], "send")
