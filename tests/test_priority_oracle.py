from datetime import timedelta
from decimal import Decimal

from hypothesis import seed

from odoo.tests import tagged

from . import oracle, test_check_contact_kinds, test_check_contact_oracle

HOURS = 3600


@tagged("post_install", "-at_install")
class TestPriorityOracle(test_check_contact_kinds.TestCheckContactKinds):
    """Random strategies with mailings in the queue: a message that goes first counts as
    if it had been sent, for those whom no rule keeps from it."""

    @seed(21)
    @test_check_contact_oracle.HYPOTHESIS
    def test_as_the_oracle_says(self, number):
        self._as_the_oracle_says(number)

    def _prepare_people(self, rnd, moment):
        res = super()._prepare_people(rnd, moment)
        self.plans = []
        for _index in range(rnd.randint(1, 3)):
            people = rnd.sample(self.people, rnd.randint(1, len(self.people)))
            category = rnd.choice(
                (None, self.newsletter, self.promotion, self.transactional)
            )
            schedule = moment + timedelta(
                seconds=rnd.choice((-1, 1, 1)) * rnd.randint(0, 23 * HOURS),
                days=rnd.choice((0, 0, 0, 1, 5, 25)),
            )
            mailing = self._create_mailing(
                self.profiles.browse(person.key for person in people).partner_id,
                schedule_type="scheduled",
                schedule_date=schedule,
                state="in_queue",
                category_id=category and category.id,
                company_id=rnd.choice((self.env.company, self.other)).id,
                policy_priority=rnd.choice((-1, 0, 1, 1)),
            )
            self.plans.append((mailing, people))
        return res

    def _compare(self, policies, letter, touches, moment):
        ahead = [
            touch
            for mailing, people in self.plans
            for touch in self._planned(mailing, people, policies, touches, moment)
        ]
        return super()._compare(policies, letter, touches + ahead, moment)

    def _planned(self, mailing, people, policies, touches, moment):
        """What a mailing will have sent, if it goes before a message of no priority
        that is asked for at ``moment``."""
        category = mailing.category_id
        first = mailing.policy_priority > 0 or (
            mailing.policy_priority == 0 and mailing.schedule_date <= moment
        )
        if not first or (category and not category.counts):
            return
        message = oracle.Letter(
            self.email.id,
            category.id or None,
            mailing.company_id.id,
            category.obeys_caps if category else True,
            Decimal("0.1"),
        )
        date = max(mailing.schedule_date, moment)
        for person in people:
            decision, _free, _rules = oracle.decide(
                policies, person, message, touches, date
            )
            if decision == "send":
                yield oracle.Touch(
                    person.key,
                    person.address,
                    message.channel,
                    message.category,
                    date,
                    cost=message.cost,
                    planned_at=moment,
                    company=mailing.company_id.id,
                )

    def _assert_minimal(self, _letter, _answers, _moment):
        """Nobody knows what will be planned by then."""
