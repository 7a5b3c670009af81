import random
from collections import Counter
from datetime import timedelta

from odoo.tests import tagged

from . import oracle
from .common import DAY, HOUR, NOW, GateCase

PEOPLE = 12
DAYS = 24


@tagged("post_install", "-at_install")
class TestGateInvariants(GateCase):
    """Weeks of overlapping mailings; afterwards everything is counted by hand."""

    def _random_strategy(self, rnd):
        """Loyal customers, everybody, and a guard."""
        loyal = rnd.sample(self.partners.profile_id.ids, PEOPLE // 3)
        policies = self._create_policy(
            self._cap(rnd.randint(2, 4), rnd.choice((3, 7))),
            name="Loyal",
            sequence=1,
            domain=repr([("id", "in", loyal)]),
        )
        policies += self._create_policy(
            self._cap(rnd.randint(1, 2), 7),
            self._cap(1, 1, "day", window_kind="calendar"),
            self._gap(rnd.choice((24, 36))),
            sequence=2,
        )
        policies += self._create_policy(
            self._cap(
                rnd.randint(4, 6),
                1,
                "month",
                on_exceed=rnd.choice(("defer", "hold")),
                count_per=rnd.choice(("person", "inbox")),
            ),
            name="Guard",
            sequence=3,
            is_guard=True,
        )
        return policies

    def _live(self, rnd):
        """Mailings and calls at random hours; the queue runs a few times a day."""
        mailings = self.env["mailing.mailing"]
        audiences = {}
        for step in range(DAYS * 2):
            self._go_to(NOW + step * 12 * HOUR + timedelta(seconds=rnd.randint(0, 9)))
            if step < DAYS and rnd.random() < 0.5:
                audience = self.partners.browse(
                    rnd.sample(self.partners.ids, rnd.randint(3, PEOPLE))
                )
                mailing = self._create_mailing(
                    audience,
                    subject=f"Mailing {step}",
                    category_id=rnd.choice(
                        (self.newsletter, self.newsletter, self.service)
                    ).id,
                )
                mailing.action_launch()
                mailings += mailing
                audiences[mailing] = audience
            if rnd.random() < 0.2:
                person = rnd.choice(self.partners).profile_id
                self._create_touch(person, self._now, channel_id=self.call.id)
            self._run_queue()
            self._remember_mails()
        return mailings, audiences

    def _remember_mails(self):
        for mail in self._new_mails.filtered("mailing_id"):
            self.messages[mail.mailing_id.id, mail.res_id] += 1

    def _for_oracle(self, policies):
        return [
            oracle.Policy(
                None
                if policy._get_domain().is_true()
                else frozenset(
                    self.partners.profile_id.filtered_domain(policy._get_domain()).ids
                ),
                tuple(
                    oracle.Rule(
                        rule.id,
                        1 if rule.rule_type == "gap" else rule.max_touches,
                        rule.window_value,
                        rule.window_unit,
                        rule.window_kind,
                        per=rule.count_per,
                    )
                    for rule in policy.rule_ids
                ),
                policy.is_guard,
            )
            for policy in policies
        ]

    def assertNoLeak(self, policies):
        """In no window of any rule are there more touches than the maximum."""
        policies = self._for_oracle(policies)
        tight = Counter()
        for profile in self.partners.profile_id:
            person = oracle.Person(profile.id, profile.email_normalized, "UTC", 1)
            ledger = self.env["contact.touch"].search(
                [
                    "|",
                    ("profile_id", "=", profile.id),
                    ("address", "=", person.address),
                ],
                order="date, id",
            )
            touches = [
                oracle.Touch(
                    t.profile_id.id, t.address, 1, None, t.date, t.state, t.counts
                )
                for t in ledger
            ]
            for at, record in enumerate(ledger):
                if record.profile_id != profile or not (
                    record.mailing_id and record.category_id.obeys_caps
                ):
                    continue
                letter = oracle.Letter(1, None, 1)
                for rule in oracle.binding(policies, person, letter):
                    count = 1 + sum(
                        oracle.counted(rule, person, touch, record.date)
                        for touch in touches[:at]
                    )
                    self.assertLessEqual(count, rule.maximum, (rule, record))
                    tight[count == rule.maximum] += 1
        self.assertTrue(
            tight[True], "no rule was ever used up: the test proves nothing"
        )

    def _live_and_count(self, seed):
        rnd = random.Random(seed)
        self.messages = Counter()
        self.partners = self._create_partners(PEOPLE, prefix=f"person{seed}", tz="UTC")
        policies = self._random_strategy(rnd)
        mailings, audiences = self._live(rnd)
        self._go_to(NOW + (DAYS + 30) * DAY)
        self._run_queue()
        self._remember_mails()
        self.assertNoLeak(policies)
        self.assertTrue(mailings)
        totals = Counter()
        for mailing, audience in audiences.items():
            outcomes = self._outcomes(mailing)
            self.assertEqual(set(outcomes), set(audience.ids))
            self.assertEqual(mailing.state, "done")
            totals.update(outcomes.values())
            self.assertEqual(
                mailing.sent
                + mailing.canceled
                + mailing.failed
                + mailing.deferred_count
                + mailing.held_count
                + mailing.expired_count,
                len(audience),
            )
            reached = {r for r, outcome in outcomes.items() if outcome == "sent"}
            self.assertEqual(
                set(self._touches(mailing, "sent").mapped("res_id")), reached
            )
        self.assertEqual(set(self.messages.values()), {1}, "somebody got it twice")
        self.assertEqual(sum(self.messages.values()), totals["sent"])
        self.assertFalse(totals["deferred"])
        self.assertFalse(self.env["contact.touch"].search([("state", "=", "reserved")]))
        self._run_queue()
        self.assertFalse(self._new_mails)
        return totals

    def test_weeks_of_mailings(self):
        totals = Counter()
        for seed in (1, 2, 3):
            with self.subTest(seed=seed):
                totals += self._live_and_count(seed)
            self.env["contact.policy"].search([]).action_archive()
        self.assertTrue(totals["sent"])
        self.assertTrue(totals["held"] + totals["expired"])
