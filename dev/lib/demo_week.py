"""Run the week inside Odoo: the real way, with the clock of another day.

Each step puts the clock forward to the next moment at which something is due (a
launch, or what Odoo's scheduler was asked to wake up for) and does what a running
Odoo does then: the queue of mailings, and after it the queue of messages, by Odoo's
own scheduled actions, with real commits and real SMTP. The clock stands still within a
step, so that the same input gives the same moments.
"""

import contextlib
from datetime import datetime, timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo.sql_db import Cursor

from . import console, demo_plan

QUEUE = "mass_mailing.ir_cron_mass_mailing_queue"
MESSAGES = "mail.ir_cron_mail_scheduler_action"
BODY = """\
<div style="max-width:600px;margin:0 auto;font-family:sans-serif">
<h1>{plan.subject}</h1><p>{plan.text}</p>
<p><a href="http://www.example.com/shop">To the shop</a></p>
<p><a href="/unsubscribe_from_list">Unsubscribe</a></p></div>
"""


@contextlib.contextmanager
def clock(moment):
    """Let Odoo live at ``moment``: Python's clock, and the one a cursor tells."""
    with (
        freeze_time(moment),
        patch.object(Cursor, "now", lambda _cursor: datetime.utcnow()),
    ):
        yield


class Week:
    """The simulated week, from ``start``."""

    def __init__(self, env, people, start):
        self.env = env
        self.people = people
        self.start = start
        self.end = start + demo_plan.LENGTH
        self.mailings = {}
        self.user = env["res.users"].search([("login", "=", "marketing")])

    def run(self):
        """Everything, in order of time."""
        events = [
            (self.start + timedelta(hours=plan.hour), plan.subject, self._launch, plan)
            for plan in demo_plan.MAILINGS
        ]
        closing = self.start + timedelta(hours=demo_plan.CLOSING_HOUR)
        events.append((closing, "people leave", self._people_leave, None))
        for moment, title, action, plan in sorted(events, key=lambda e: e[0]):
            self._run_until(moment)
            with console.progress(f"{self._when(moment)}: {title}"), clock(moment):
                action(plan)
                self.queues()
        self._run_until(self.end)

    def _when(self, moment):
        hours = int((moment - self.start).total_seconds() // 3600)
        return f"day {hours // 24 + 1}, hour {hours % 24:02}"

    def _run_until(self, moment):
        """Whatever the scheduler was asked to wake up for, before ``moment``."""
        last = self.start - timedelta(days=1)
        while due := self._next_due(last, moment):
            with console.progress(f"{self._when(due)}: try again"), clock(due):
                self.queues()
            last = due

    def _next_due(self, last, limit):
        trigger = self.env["ir.cron.trigger"].search(
            [
                ("cron_id", "=", self.env.ref(QUEUE).id),
                ("call_at", ">", last),
                ("call_at", "<", limit),
            ],
            order="call_at",
            limit=1,
        )
        return trigger.call_at

    def queues(self):
        """What Odoo's scheduler does: mailings to messages, messages to SMTP."""
        self.env.cr.commit()
        self._trigger(QUEUE)
        for _round in range(20):
            self._trigger(MESSAGES)
            if not self.env["mail.mail"].search_count([("state", "=", "outgoing")]):
                return
        raise RuntimeError("messages stay in the queue: see Odoo's log")

    def _trigger(self, cron):
        problem = self.env.ref(cron).method_direct_trigger()
        self.env.cr.commit()
        self.env.invalidate_all()
        if problem is not True:
            raise RuntimeError(problem["params"]["data"]["debug"])

    def draft(self, plan):
        """A mailing that a marketing user has written and not sent."""
        env = self.env(user=self.user)
        body = BODY.format(plan=plan)
        useful = plan.useful_hours and timedelta(hours=plan.useful_hours)
        return env["mailing.mailing"].create(
            {
                "subject": plan.subject,
                "mailing_model_id": env["ir.model"]._get_id("res.partner"),
                "mailing_domain": plan.domain,
                "category_id": env["contact.category"]
                .search([("code", "=", plan.category)])
                .id,
                "user_id": self.user.id,
                "body_arch": body,
                "body_html": body,
                # deleting each message after sending takes a third of the time
                "keep_archives": True,
                "useful_until": useful and datetime.utcnow() + useful,
            }
        )

    def _launch(self, plan):
        """... and one on which the button Send is pressed."""
        mailing = self.draft(plan)
        self.mailings[plan.key] = mailing.id
        mailing.action_launch()

    def _people_leave(self, _plan):
        """Some who wait for the men's offer close their account or unsubscribe."""
        holds = self.env["contact.hold"].search(
            [("mailing_id", "=", self.mailings["mens"]), ("state", "=", "deferred")],
            order="res_id",
            limit=demo_plan.CLOSED + demo_plan.UNSUBSCRIBED,
        )
        partners = self.env["res.partner"].browse(holds.mapped("res_id"))
        partners[: demo_plan.CLOSED].action_archive()
        self.env["mail.blacklist"].create(
            [{"email": partner.email} for partner in partners[demo_plan.CLOSED :]]
        )


def respond(env, people, start):
    """What came back, as the data set says it: visits are clicks, four bounces."""
    visitors = [partner.id for customer, partner in people if customer.visited]
    openers = [
        partner.id
        for customer, partner in people
        if customer.visited or customer.index % 3 == 0
    ]
    Trace = env["mailing.trace"]
    sent = [("trace_status", "=", "sent"), ("model", "=", "res.partner")]
    bounced = Trace.search([*sent, ("res_id", "not in", openers)], order="id", limit=4)
    for mailing in env["mailing.mailing"].search([]):
        of_mailing = [*sent, ("mass_mailing_id", "=", mailing.id)]
        opened = Trace.search([*of_mailing, ("res_id", "in", openers)])
        if not opened:
            continue
        moment = max(opened.mapped("sent_datetime")) + timedelta(hours=3)
        with clock(min(moment, start + demo_plan.LENGTH)):
            opened.set_opened()
            opened.filtered(lambda t: t.res_id in visitors).set_clicked()
            env.flush_all()
    with clock(start + timedelta(hours=1)):
        bounced.set_bounced()
        env.flush_all()
