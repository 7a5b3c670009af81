"""Set the world of torture up inside Odoo: people, lists, policies, queues, a key.

The people overlap in every way that counts: a contact and a mailing contact with one
address (one person), two contacts with one address (one inbox), two contacts that turn
out to be one person later (twins, merged on the way), mailing contacts on two lists.
"""

import json
from datetime import date, timedelta

from odoo import Command

from . import torture_insight, torture_kinds, torture_segments
from .torture_rules import LOYAL_NUMBERS

ADDON = "mass_mailing_contact_strategy"
GROUPS = 6
LISTS = 4
USEFUL_DAYS = 2


def main(env, people, workers, smtp_port, sms_port, parallel_from, result):
    """Make everything, and write down what the actors must know."""
    env["ir.config_parameter"].set_param(f"{ADDON}.parallel_from", parallel_from)
    count = int(people)
    _ways_out(env, int(smtp_port), int(sms_port))
    partners = _contacts(env, count)
    lists = _lists(env, count)
    rules = _policies(env)
    torture_kinds.prepare(env)
    known = torture_insight.prepare(env)
    known |= torture_segments.prepare(env, known)
    _queues(env, int(workers))
    admin = env.ref("base.user_admin")
    key = (
        env["res.users.apikeys"]
        .with_user(admin)
        .sudo()
        ._generate("rpc", "torture", date.today() + timedelta(days=30))
    )
    Category = env["contact.category"]
    Category.search([]).useful_days = USEFUL_DAYS
    facts = {
        "key": key,
        "models": {
            name: env["ir.model"]._get_id(name)
            for name in ("res.partner", "mailing.list")
        },
        "lists": lists.ids,
        "categories": {c.code: c.id for c in Category.search([])},
        "edited_rules": rules.ids,
        "twins": partners,
        **known,
    }
    env.cr.commit()
    with open(result, "w", encoding="utf-8") as stream:
        json.dump(facts, stream)


def _ways_out(env, smtp_port, sms_port):
    """Who takes e-mails, and text messages."""
    params = env["ir.config_parameter"]
    params.set_param("web.base.url.freeze", "True")
    params.set_param("sms.endpoint", f"http://127.0.0.1:{sms_port}")
    env["ir.mail_server"].create(
        {"name": "Torture", "smtp_host": "127.0.0.1", "smtp_port": smtp_port}
    )
    env.company.email = env.ref("base.user_admin").email = "sender@torture.test"


def _address(index, more=""):
    kind = "loyal" if index % 3 == 0 else "person"
    return f"{kind}{more}.{index}@torture.test"


def _number(address):
    """A mobile number for each address: it tells, too, who is loyal."""
    kind, index = address.partition("@")[0].split(".", 1)
    start = LOYAL_NUMBERS if kind == "loyal" else "+32486"
    twin = index.startswith("twin.")
    return f"{start}{twin:d}{index.removeprefix('twin.'):0>5}"


def _contacts(env, count):
    """Contacts; returns the pairs of twins (the first of each is kept)."""
    Partner = env["res.partner"].with_context(tracking_disable=True)

    def contact(index, name, email):
        return {
            "name": f"{name} {index}",
            "email": email,
            "phone": _number(email),
            "ref": f"g{index % GROUPS}",
            "street": f"{name} Way {index}",
            "zip": "1010",
            "city": "Vienna",
        }

    partners = Partner.create(
        [contact(index, "Person", _address(index)) for index in range(count)]
    )
    every = range(0, count, 10)
    shared = [contact(i + 1, "Same inbox", _address(i)) for i in every]
    twins = [contact(i, "Twin", _address(i, ".twin")) for i in every]
    Partner.create(shared)
    others = Partner.create(twins)
    return [[partners[i].id, o.id] for i, o in zip(every, others, strict=True)]


def _lists(env, count):
    """Mailing lists: half of their contacts are people who are contacts, too."""
    lists = env["mailing.list"].create(
        [{"name": f"Torture {index}"} for index in range(LISTS)]
    )
    addresses = [_address(index + count // 2) for index in range(count)]
    # The twins read, too: merging must not lose them on the lists.
    twins = env["res.partner"].search([("name", "=like", "Twin %")])
    addresses += twins.mapped("email")
    env["mailing.contact"].create(
        [
            {
                "name": f"Reader {index}",
                "email": address,
                "mobile": _number(address),
                "list_ids": [
                    Command.link(lists[index % LISTS].id),
                    Command.link(lists[(index + 1) % LISTS].id),
                ],
            }
            for index, address in enumerate(addresses)
        ]
    )
    return lists


def _policy(env, name, sequence, *rules, **values):
    return env["contact.policy"].create(
        {
            "name": name,
            "sequence": sequence,
            "rule_ids": [Command.create(rule) for rule in rules],
            **values,
        }
    )


def _cap(maximum, value, unit="hour", **values):
    return {
        "rule_type": "cap",
        "max_touches": maximum,
        "window_value": value,
        "window_unit": unit,
        **values,
    }


def _policies(env):
    """Caps of every kind; returns the rules that are edited on the way.

    No window but one is a multiple of a day, as days pass in an instant: ages of
    touches are close to whole days.
    """
    _policy(env, "Inbox", 1, _cap(4, 60, count_per="inbox"), is_guard=True)
    sms = env.ref(f"{ADDON}.contact_channel_sms")
    texts = _cap(2, 70, channel_ids=[Command.link(sms.id)])
    _policy(env, "Text messages", 2, texts, is_guard=True)
    _policy(env, "Week", 2, _cap(9, 150, on_exceed="hold"), is_guard=True)
    loyal = _policy(
        env,
        "Loyal",
        10,
        _cap(2, 1, "day", window_kind="calendar"),
        domain='[("email_normalized", "=like", "loyal.%")]',
    )
    promotion = env.ref(f"{ADDON}.contact_category_promotion")
    everybody = _policy(
        env,
        "Everybody",
        20,
        {"rule_type": "gap", "window_value": 20, "window_unit": "hour"},
        _cap(2, 2, "day"),
        _cap(1, 50, category_ids=[Command.link(promotion.id)], on_exceed="hold"),
    )
    return loyal.rule_ids + everybody.rule_ids[1]


def _queues(env, workers):
    """The queues' scheduled actions, several times: Odoo runs each in one worker only.

    Workers then meet as they do when somebody launches while the queue runs.
    """
    queues = (
        env.ref("mass_mailing.ir_cron_mass_mailing_queue"),
        env.ref("mail.ir_cron_mail_scheduler_action"),
        env.ref("sms.ir_cron_sms_scheduler_action"),
        env.ref(f"{ADDON}.ir_cron_sweep"),
        *(env.ref(f"{ADDON}.ir_cron_{name}") for name in torture_insight.CRONS),
        *(env.ref(f"{ADDON}.ir_cron_{name}") for name in torture_segments.CRONS),
    )
    ours = env["ir.cron"].browse([cron.id for cron in queues])
    (env["ir.cron"].search([]) - ours).active = False
    for cron in ours[:3]:
        for number in range(1, max(workers // 2, 1)):
            cron.copy({"name": f"{cron.cron_name} {number + 1}", "active": True})
