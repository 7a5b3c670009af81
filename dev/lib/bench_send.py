"""Send one mailing into the mail queue (runs inside Odoo, see ``bench_script.py``)."""

import json
import time
from datetime import datetime
from pathlib import Path

from .bench_data import sql
from .bench_memory import forget_peak, peak_mb

LIST = "Benchmark"
PARAGRAPH = (
    "<p>Dear <t t-out=\"object.name or 'reader'\"/>: "
    + "this is what a newsletter has to say about many things. " * 30
    + "</p>"
)
LINK = '<p><a href="https://www.example.com/offer/{}">Look at this</a></p>'
BODY = (
    "<div>"
    + "".join(PARAGRAPH + LINK.format(number) for number in range(5))
    + '<p><a href="/unsubscribe_from_list">Unsubscribe</a>'
    + ' <a href="/view">Read online</a></p></div>'
)


def main(env, target, contacts):
    """Write the seconds it took to make the messages, as JSON, to ``target``."""
    contacts = int(contacts)
    mailing = create_mailing(env, prepare(env, contacts))
    forget_peak()
    start = time.perf_counter()
    mailing.action_send_mail()
    env.flush_all()
    env.cr.commit()
    figures = {"seconds": time.perf_counter() - start, "peak_mb": peak_mb()}
    assert (made := tidy(env, mailing)) == contacts, f"{made} messages"
    Path(target).write_text(json.dumps(figures), encoding="utf-8")


def prepare(env, contacts):
    """Return a mailing list with so many people, and a rule; made by the first round.

    By set-based SQL, and with the statistics that a database in use has of its tables.
    """
    audience = env["mailing.list"].search([("name", "=", LIST)])
    if audience:
        return audience
    audience = env["mailing.list"].create({"name": LIST})
    env.flush_all()
    values = {"contacts": contacts, "list": audience.id, "now": datetime.now()}
    env.cr.execute(sql("audience"), values)
    if "contact.policy" in env.registry:
        env["contact.profile"]._install_profiles()
        _govern(env)
    env.cr.commit()
    env.cr.execute("ANALYZE")
    env.cr.commit()
    env.invalidate_all()
    return audience


def create_mailing(env, audience, subject="Benchmark"):
    """A mailing to the list, ready to be sent."""
    mailing = env["mailing.mailing"].create(
        {
            "subject": subject,
            "mailing_model_id": env["ir.model"]._get_id("mailing.list"),
            "contact_list_ids": audience.ids,
            "body_html": BODY,
        }
    )
    env.cr.commit()
    env.invalidate_all()
    return mailing


def _govern(env):
    """One policy, as wide as all rounds together need."""
    policy = env["contact.policy"].create({"name": "Everybody"})
    env["contact.policy.rule"].create(
        {"policy_id": policy.id, "max_touches": 100, "window_value": 7}
    )


def tidy(env, mailing):
    """Empty the mail queue, so that every round finds it as the first one did.

    :return: how many messages the mailing had in it
    """
    env.cr.execute("DELETE FROM mail_mail WHERE mailing_id = %s", (mailing.id,))
    made = env.cr.rowcount
    env.cr.commit()
    return made
