"""Send parts of a large mailing: at its beginning, in its middle and at its end.

Runs inside Odoo, see ``bench_script.py``. What the earlier parts have left behind is
made by SQL: traces, and touches where there is a ledger. A round sends the next few
recipients at each position, as the mailing itself would: with the whole list of those
who remain, gate included.
"""

import json
import time
from datetime import datetime
from pathlib import Path

from .bench_data import sql
from .bench_memory import forget_peak, peak_mb
from .bench_send import create_mailing, prepare, tidy

WARM_UP = 200
LAST = 2000  # recipients left at the last position


def main(env, target, contacts, part):
    """Write, as JSON, for each position what a recipient takes and a start takes."""
    contacts, part = int(contacts), int(part)
    audience = prepare(env, contacts)
    positions = (0, contacts // 2, contacts - LAST)
    mailings = [_mailing_at(env, audience, position) for position in positions]
    _warm_up(env, audience)
    forget_peak()
    found = [_send_part(env, mailing, part) for mailing in mailings]
    figures = {
        "seconds": _whole(found, contacts),
        "peak_mb": peak_mb(),
        "positions": dict(zip(positions, found, strict=True)),
    }
    Path(target).write_text(json.dumps(figures), encoding="utf-8")


def _whole(found, contacts):
    """Seconds for everybody: between the positions the cost grows evenly."""
    first, middle, last = (part["per_recipient_s"] for part in found)
    start = sum(part["start_s"] for part in found) / len(found)
    return start + contacts * (first + 2 * middle + last) / 4


def _mailing_at(env, audience, position):
    """The mailing that has reached so many recipients; made by the first round."""
    name = f"Position {position}"
    mailing = env["mailing.mailing"].search([("subject", "=", name)])
    if mailing:
        return mailing
    mailing = create_mailing(env, audience, name)
    reached = mailing._get_remaining_recipients()[:position]
    values = {"mailing": mailing.id, "res_ids": reached, "now": datetime.now()}
    env.cr.execute(sql("sent_before"), values)
    if "contact.policy" in env.registry:
        env["contact.touch"]._install_history()
    env.cr.commit()
    for table in ("mailing_trace", "contact_touch"):
        if table != "contact_touch" or "contact.policy" in env.registry:
            env.cr.execute(f"ANALYZE {table}")
    env.cr.commit()
    return mailing


def _warm_up(env, audience):
    """Fill the caches, as the first batches of a mailing do."""
    mailing = create_mailing(env, audience, "Warm-up")
    mailing.action_send_mail(mailing._get_remaining_recipients()[:WARM_UP])
    tidy(env, mailing)


def _send_part(env, mailing, part):
    """Send to the next ``part`` recipients."""
    env.invalidate_all()
    start = time.perf_counter()
    remaining = mailing._get_remaining_recipients()
    composer = (
        env["mail.compose.message"]
        .with_context(active_ids=remaining, **mailing._get_mass_mailing_context())
        .create(_composer_values(mailing))
    )
    env.cr.commit()
    begun = time.perf_counter()
    composer._action_send_mail_mass_mail(remaining[:part], auto_commit=True)
    env.flush_all()
    env.cr.commit()
    seconds = time.perf_counter() - begun
    made = tidy(env, mailing)
    assert made == part, f"{made} messages for {part} recipients"
    return {"start_s": begun - start, "per_recipient_s": seconds / part}


def _composer_values(mailing):
    """What Odoo's ``_action_send_mail`` gives its composer."""
    return {
        "auto_delete": True,
        "auto_delete_keep_log": False,
        "body": mailing._prepend_preview(mailing.body_html or "", mailing.preview),
        "composition_mode": "mass_mail",
        "email_from": mailing.email_from,
        "mailing_list_ids": mailing.contact_list_ids.ids,
        "mass_mailing_id": mailing.id,
        "model": mailing.mailing_model_real,
        "reply_to_force_new": mailing.reply_to_mode == "new",
        "reply_to": mailing.reply_to,
        "subject": mailing.subject,
        "template_id": False,
        "use_exclusion_list": mailing.use_exclusion_list,
    }
