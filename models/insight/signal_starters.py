"""Signals to begin with, for each app that may be there: numbers to be changed."""

from dataclasses import dataclass, field

from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

DIMENSION = ("observed", _lt("Observed"))
"""Code and name of the dimension of the starters' tags."""


@dataclass(frozen=True)
class Starter:
    """A signal as it is offered once.

    ``code`` must never change: it says what was offered before. ``tag``, ``stage`` or
    ``points`` (of engagement) is what follows.
    """

    code: str
    name: str
    model: str
    person: str
    date: str = "create_date"
    domain: str = "[]"
    aggregate: str = "count"
    value: str | None = None
    comparison: str = ">="
    threshold: float = 1
    days: int = 0
    tag: str | None = None
    stage: str | None = None
    points: float = 0
    source: str = "rule"
    confidence: float = 0.5
    active: bool = field(default=False)


OPENED = "[('is_test_trace', '=', False), ('open_datetime', '!=', False)]"
REPLIED = "[('is_test_trace', '=', False), ('reply_datetime', '!=', False)]"
CLICKED = "[('mailing_trace_id', '!=', False)]"
SOLD = "[('state', '=', 'sale')]"
SOLD_LINE = "[('state', '=', 'sale'), ('display_type', '=', False)]"
INVOICED = "[('state', '=', 'posted'), ('move_type', '=', 'out_invoice')]"
UNPAID = (
    "[('state', '=', 'posted'), ('move_type', '=', 'out_invoice'),"
    " ('payment_state', 'in', ('not_paid', 'partial'))]"
)
COMING = "[('state', 'in', ('open', 'done'))]"
ANSWERED = "[('state', '=', 'done'), ('test_entry', '=', False)]"
YEAR = 365

TRACE = {"model": "mailing.trace", "person": "email"}
CLICK = {
    "model": "link.tracker.click",
    "person": "mailing_trace_id.email",
    "domain": CLICKED,
}
ORDER = {
    "model": "sale.order",
    "person": "partner_id",
    "date": "date_order",
    "domain": SOLD,
    "source": "purchase",
}
LEAD = {"model": "crm.lead", "person": "email_normalized", "source": "sales"}
INVOICE = {
    "model": "account.move",
    "person": "partner_id",
    "date": "invoice_date",
    "domain": INVOICED,
    "source": "purchase",
}
ATTENDEE = {"model": "event.registration", "person": "email", "domain": COMING}
VISIT = {
    "model": "website.track",
    "person": "visitor_id.partner_id",
    "date": "visit_datetime",
    "source": "visit",
}
ANSWER = {
    "model": "survey.user_input",
    "person": "email",
    "date": "end_datetime",
    "domain": ANSWERED,
    "source": "survey",
}

JOURNEY = (
    Starter(
        "journey_subscriber",
        _lt("Subscribed to a list"),
        "mailing.subscription",
        "contact_id",
        # Odoo notes no date of a subscription that is made by the list of lists.
        date="contact_id.create_date",
        domain="[('opt_out', '=', False)]",
        stage="subscriber",
        active=True,
    ),
    Starter(
        "journey_lead",
        _lt("Became a lead"),
        domain="[('type', '=', 'lead')]",
        stage="lead",
        active=True,
        **LEAD,
    ),
    Starter(
        "journey_opportunity",
        _lt("Became an opportunity"),
        domain="[('type', '=', 'opportunity')]",
        stage="opportunity",
        active=True,
        **LEAD,
    ),
    Starter(
        "journey_customer",
        _lt("Ordered for the first time"),
        stage="customer",
        active=True,
        **ORDER,
    ),
    Starter(
        "journey_customer_invoiced",
        _lt("Was invoiced for the first time"),
        stage="customer",
        active=True,
        **INVOICE,
    ),
    Starter(
        "journey_repeat",
        _lt("Ordered again"),
        threshold=2,
        stage="repeat",
        active=True,
        **ORDER,
    ),
    Starter(
        "journey_lapsed",
        _lt("Ordered nothing for a year"),
        aggregate="latest",
        threshold=YEAR,
        stage="lapsed",
        active=True,
        **ORDER,
    ),
)
ENGAGEMENT = (
    # mail programs open by themselves
    Starter(
        "engagement_open",
        _lt("Opened a mail"),
        date="open_datetime",
        domain=OPENED,
        points=0.5,
        **TRACE,
    ),
    Starter("engagement_click", _lt("Clicked in a mail"), points=3, **CLICK),
    Starter(
        "engagement_reply",
        _lt("Answered a mail"),
        date="reply_datetime",
        domain=REPLIED,
        points=8,
        **TRACE,
    ),
    Starter("engagement_order", _lt("Ordered"), points=20, **ORDER),
    Starter("engagement_visit", _lt("Visited the website"), points=1, **VISIT),
    Starter("engagement_event", _lt("Registered for an event"), points=10, **ATTENDEE),
    Starter("engagement_survey", _lt("Answered a survey"), points=6, **ANSWER),
)
MAILS = (
    Starter(
        "reads_mails",
        _lt("Opened three mails in 90 days"),
        date="open_datetime",
        domain=OPENED,
        threshold=3,
        days=90,
        tag=_lt("Reads our mails"),
        confidence=0.4,
        **TRACE,
    ),
    Starter(
        "clicks_mails",
        _lt("Clicked twice in 30 days"),
        threshold=2,
        days=30,
        tag=_lt("Clicks in our mails"),
        source="click",
        confidence=0.7,
        **CLICK,
    ),
    Starter(
        "answers_mails",
        _lt("Answered a mail within a year"),
        date="reply_datetime",
        domain=REPLIED,
        days=YEAR,
        tag=_lt("Answers our mails"),
        confidence=0.9,
        **TRACE,
    ),
    Starter(
        "many_lists",
        _lt("Is on three lists or more"),
        "mailing.subscription",
        "contact_id",
        date="contact_id.create_date",
        domain="[('opt_out', '=', False)]",
        aggregate="distinct",
        value="list_id",
        threshold=3,
        tag=_lt("Has many interests"),
    ),
    Starter(
        "left_list",
        _lt("Left a list within 90 days"),
        "mailing.subscription",
        "contact_id",
        date="opt_out_datetime",
        domain="[('opt_out', '=', True)]",
        days=90,
        tag=_lt("Left a list"),
        confidence=1,
    ),
)
