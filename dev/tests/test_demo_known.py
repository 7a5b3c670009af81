"""What the demo says it knows of its people is counted again, and found when wrong."""

from datetime import datetime, timedelta

from lib import demo_known, demo_people, demo_plan, demo_purchases, demo_sample

END = datetime(2026, 5, 12, 9)
START = END - demo_plan.LENGTH
CUSTOMERS = demo_sample.load()
PROSPECTS = demo_purchases.load_prospects()
BOUGHT = demo_purchases.load()


def moments(customer):
    """When the customer bought."""
    return sorted(demo_purchases.moments(BOUGHT[customer.row], START))


def known(**values):
    """What would be read if all were right, with some of it replaced."""
    rows = {
        "personas": [("A", 50), ("B", 50), ("C", 50)],
        "stages": [(str(number), 50) for number in range(6)],
        "tags": [(str(number), 0, 50) for number in range(10)],
        "concluded": {
            (tag, c.email)
            for tag, fits in demo_known.TAG_RULES.items()
            for c in CUSTOMERS
            if fits(c, moments(c), END)
        },
        "where": {c.email: demo_known.stage_of(c, moments(c), END) for c in CUSTOMERS}
        | {p.email: p.interest.capitalize() for p in PROSPECTS},
        "people": 1240,
    }
    return demo_known.Known(**{**rows, **values})


def wrong(closed=(), **values):
    """What the checks complain about."""
    judge = demo_known.Checks(known(**values), CUSTOMERS, set(closed), END)
    judge.run()
    return judge.wrong


def test_the_sample_of_purchases_is_whole_and_fixed():
    assert len(BOUGHT) == 1000
    assert sum(map(len, BOUGHT.values())) == 5207
    assert len({prospect.email for prospect in PROSPECTS}) == 240
    assert {p.interest for p in PROSPECTS} == {
        *("stranger", "subscriber", "lead", "opportunity")
    }


def test_nobody_buys_in_or_after_the_week():
    for customer in CUSTOMERS:
        assert moments(customer)[-1] < START
        assert moments(customer)[0] > START - timedelta(days=12 * 31)


def test_the_last_purchase_is_as_long_ago_as_the_customer_says():
    near = [
        abs(min(BOUGHT[c.row]) / demo_purchases.MONTH - c.recency) < 2
        for c in CUSTOMERS
    ]
    assert all(near)


def test_what_is_right_is_not_complained_about():
    assert not wrong()


def test_too_few_personas_stages_and_tags_are_found():
    for name in ("personas", "stages", "tags"):
        rows = getattr(known(), name)
        assert len(wrong(**{name: rows[1:]})) == 1
        everybodys = [(*rows[0][:-1], 1240), *rows[1:]]
        assert len(wrong(**{name: everybodys})) == 1
        nobodys = [(*rows[0][:-1], 0), *rows[1:]]
        assert len(wrong(**{name: nobodys})) == 1


def test_a_tag_too_many_or_too_few_is_found():
    concluded = known().concluded
    one = next(pair for pair in sorted(concluded) if pair[0] == "Orders often")
    assert len(wrong(concluded=concluded - {one})) == 1
    stranger = ("Orders often", "nobody@example.com")
    assert len(wrong(concluded=concluded | {stranger})) == 1


def test_a_person_in_another_stage_is_found():
    where = known().where
    email = next(email for email, stage in where.items() if stage == "Lapsed")
    assert len(wrong(where=where | {email: "Customer"})) == 2


def test_closed_accounts_are_expected_nowhere():
    one = CUSTOMERS[0].email
    right = known()
    left = {
        "where": {email: place for email, place in right.where.items() if email != one},
        "concluded": {pair for pair in right.concluded if pair[1] != one},
    }
    assert not wrong(closed=[one], **left)
    assert not wrong(closed=[one])
    assert len(wrong(**left)) > 1


def test_tags_and_answers_that_are_said_are_among_those_there_are():
    names = {name for _code, name in demo_people.TAGS}
    for customer in CUSTOMERS:
        for code, tag, _source, _note in demo_people.registered(customer):
            assert code != "region" or tag in names
