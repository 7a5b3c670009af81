"""The demo's own counting finds what is wrong."""

from collections import Counter
from datetime import datetime, timedelta

from lib import demo_check, demo_facts, demo_plan, demo_sample

START = datetime(2026, 5, 4, 9)
CUSTOMERS = demo_sample.load()


def plain_customer(**wanted):
    """The first customer with these attributes, outside the made-up history."""
    return next(
        customer
        for customer in CUSTOMERS
        if not demo_plan.history(customer)
        and all(getattr(customer, name) == value for name, value in wanted.items())
    )


def checks(facts, smtp=None):
    """Checks of a demo whose mailings have the ids 1 to 4 and empty screens."""
    screens = {plan.key: {"id": i} for i, plan in enumerate(demo_plan.MAILINGS, 1)}
    end = START + demo_plan.LENGTH
    return demo_check.Checks(facts, CUSTOMERS, screens, Counter(smtp or {}), end)


def ledger(customer, *hours, channel="email", mailing_id=1):
    """Facts with sent touches of one customer at these hours."""
    touches = [
        demo_facts.Touch(
            number,
            customer.email,
            channel,
            mailing_id,
            START + timedelta(hours=hour),
            "sent",
            True,
            customer.index,
        )
        for number, hour in enumerate(hours, 1)
    ]
    return demo_facts.Facts(touches=touches)


def wrong_windows(facts):
    """What the brute force over the windows complains about."""
    judge = checks(facts)
    judge.windows()
    return judge.wrong


def test_the_sample_is_whole_and_fixed():
    assert len(CUSTOMERS) == len({c.email for c in CUSTOMERS}) == 1000
    assert CUSTOMERS[0].email == "customer51@example.com"
    assert sum(c.is_loyal for c in CUSTOMERS) == 141


def test_history_itself_exceeds_nothing():
    for customer in CUSTOMERS:
        hours = [hour for hour, _channel, _note in demo_plan.history(customer)]
        channels = {channel for _hour, channel, _note in demo_plan.history(customer)}
        assert len(hours) <= (2 if "email" in channels else 8)


def test_a_third_email_in_seven_days_is_found():
    customer = plain_customer(is_loyal=False)
    assert not wrong_windows(ledger(customer, 0, 30, 168))
    assert len(wrong_windows(ledger(customer, 0, 30, 167))) == 1


def test_two_emails_on_one_day_are_found():
    customer = plain_customer(is_loyal=False)
    assert not wrong_windows(ledger(customer, 0, 24))
    assert len(wrong_windows(ledger(customer, 0, 23))) == 1


def test_loyal_customers_may_have_three_at_once_and_not_four():
    customer = plain_customer(is_loyal=True)
    assert not wrong_windows(ledger(customer, 0, 1, 2))
    assert len(wrong_windows(ledger(customer, 0, 1, 2, 3))) == 1


def test_the_guard_counts_every_channel():
    customer = plain_customer(is_loyal=False)
    hours = [24 * day for day in range(9)]
    assert not wrong_windows(ledger(customer, *hours[:8], channel="call"))
    assert len(wrong_windows(ledger(customer, *hours, channel="call"))) == 1


def test_three_countings_must_agree_person_by_person():
    customer = plain_customer(is_loyal=False)
    facts = ledger(customer, 0)
    facts.traces[1][customer.index] = (customer.email, "open")
    subject = demo_plan.MAILINGS[0].subject
    for smtp, complaints in (
        ({(customer.email, subject): 1}, 0),
        ({}, 2),
        ({(customer.email, subject): 2}, 3),
        ({("customer110@example.com", subject): 1}, 4),
    ):
        judge = checks(facts, smtp)
        judge.three_countings()
        assert len(judge.wrong) == complaints, judge.wrong


def test_nobody_may_wait_for_a_moment_that_has_passed():
    facts = demo_facts.Facts()
    past = START + demo_plan.LENGTH
    facts.holds[1][5] = demo_facts.Hold("deferred", past, "Everybody", "cap", START)
    judge = checks(facts)
    judge.waiting()
    assert len(judge.wrong) == 1


def test_a_recipient_in_two_places_is_contradictory():
    facts = demo_facts.Facts()
    facts.traces[1][5] = ("customer51@example.com", "sent")
    facts.holds[1][5] = demo_facts.Hold("held", None, "Everybody", "cap", START)
    assert demo_facts.outcome(facts, 1) == Counter({"contradictory": 1})
