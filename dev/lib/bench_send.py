"""Send one mailing into the mail queue (runs inside Odoo, see ``bench_script.py``)."""

import json
import time
from pathlib import Path

from .bench_memory import forget_peak, peak_mb

LIST = "Benchmark"
BATCH = 2000
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
    audience = _audience(env, contacts)
    if "contact.policy" in env.registry and not env["contact.policy"].search([]):
        _govern(env)
    mailing = env["mailing.mailing"].create(
        {
            "subject": "Benchmark",
            "mailing_model_id": env["ir.model"]._get_id("mailing.list"),
            "contact_list_ids": audience.ids,
            "body_html": BODY,
        }
    )
    env.cr.commit()
    env.invalidate_all()
    forget_peak()
    start = time.perf_counter()
    mailing.action_send_mail()
    env.flush_all()
    env.cr.commit()
    figures = {"seconds": time.perf_counter() - start, "peak_mb": peak_mb()}
    made = env["mail.mail"].search_count([("mailing_id", "=", mailing.id)])
    assert made == contacts, f"{made} messages for {contacts} people"
    _tidy(env, mailing)
    Path(target).write_text(json.dumps(figures), encoding="utf-8")


def _audience(env, contacts):
    """A mailing list with so many people, made by the first round."""
    audience = env["mailing.list"].search([("name", "=", LIST)])
    if audience:
        return audience
    audience = env["mailing.list"].create({"name": LIST})
    for start in range(0, contacts, BATCH):
        env["mailing.contact"].create(
            [
                {
                    "name": f"Customer {number}",
                    "email": f"customer{number}@example.com",
                    "list_ids": audience.ids,
                }
                for number in range(start, min(start + BATCH, contacts))
            ]
        )
        env.cr.commit()
        env.invalidate_all()
    return audience


def _govern(env):
    """One policy, as wide as all rounds together need."""
    policy = env["contact.policy"].create({"name": "Everybody"})
    env["contact.policy.rule"].create(
        {"policy_id": policy.id, "max_touches": 100, "window_value": 7}
    )


def _tidy(env, mailing):
    """Empty the mail queue, so that every round finds it as the first one did."""
    env.cr.execute("DELETE FROM mail_mail WHERE mailing_id = %s", (mailing.id,))
    env.cr.commit()
