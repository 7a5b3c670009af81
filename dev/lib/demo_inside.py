"""The steps of the demo inside Odoo, in order."""

import json
from datetime import datetime

from . import console, demo_insight, demo_load, demo_plan, demo_units, demo_week

COUNTERS = ("sent", "failed", "canceled", "deferred_count", "held_count")
COUNTERS = (*COUNTERS, "expired_count", "state", "is_waiting")


def run(env, start, smtp_port, result, _error):
    """Set up, live through the week, write down what Odoo's screens say."""
    start = datetime.fromisoformat(start)
    # An Odoo of today that serves this database, too, must not interfere with a week
    # of the past: it would clean up what looks old.
    scheduled = env["ir.cron"].search([])
    scheduled.active = False
    env.cr.commit()
    with console.progress("set up the company, its users and its policies"):
        demo_load.company(env, int(smtp_port))
        with demo_week.clock(demo_insight.begin(start)):
            demo_load.policies(env)
            env.cr.commit()
    with (
        console.progress("make 1,000 customers into contacts"),
        demo_week.clock(demo_insight.begin(start)),
    ):
        people = demo_load.customers(env)
        env.cr.commit()
    with console.progress("write earlier touches into the ledger"):
        demo_load.history(env, people, start)
        env.cr.commit()
    demo_insight.Year(env, people, start).run()
    week = _live(env, people, start)
    scheduled.active = True
    env.cr.commit()
    with open(result, "w", encoding="utf-8") as stream:
        json.dump(_screens(env, week), stream)


def _live(env, people, start):
    """The week, what came back, what is concluded, and what two units do at its end."""
    week = demo_week.Week(env, people, start)
    week.run()
    with console.progress("write down what came back"):
        demo_week.respond(env, people, start)
        week.draft(demo_plan.DRAFT)
        env.cr.commit()
    with (
        console.progress("find out who they are and where"),
        demo_week.clock(week.end),
    ):
        demo_insight.work(env)
    with (
        console.progress("let two business units share ten guests"),
        demo_week.clock(week.end),
    ):
        demo_units.Units(env, week).run()
    return week


def _screens(env, week):
    """The counters on the mailings' forms, as the marketing user sees them."""
    shown = {}
    for plan in demo_plan.MAILINGS:
        mailing = env["mailing.mailing"].with_user(week.user)
        mailing = mailing.browse(week.mailings[plan.key])
        shown[plan.key] = {
            "id": mailing.id,
            **{name: mailing[name] for name in COUNTERS},
        }
    return shown
