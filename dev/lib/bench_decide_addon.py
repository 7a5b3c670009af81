"""What the addon does, and what stock Odoo does before it."""

import contextlib
import importlib

import psycopg2

from odoo.tools import split_every

from . import bench_data, paths

RULES = (
    # name, policy, values: in the order of the bits in ``bench_sql``
    ("loyal", {"max_touches": 4, "window_value": 7, "email": True}),
    ("everybody", {"max_touches": 2, "window_value": 7, "email": True}),
    ("guard", {"max_touches": 6, "window_value": 30, "email": True}),
    ("guard", {"max_touches": 3, "window_value": 7}),
    ("guard", {"rule_type": "gap", "window_value": 24, "window_unit": "hour"}),
)
POLICIES = {
    "loyal": {"sequence": 1, "domain": "[('tz', '=', 'Europe/Lisbon')]"},
    "everybody": {"sequence": 2},
    "guard": {"sequence": 3, "is_guard": True},
}


SUBJECT = "Benchmark"
WRITTEN = (
    "contact_touch",
    "contact_hold",
    "contact_hold_contact_touch_rel",
    "mailing_trace",
)


def _addon(module):
    return importlib.import_module(f"odoo.addons.{paths.ADDON}.models.{module}")


def make_rules(env):
    """The strategy of the benchmark, and no other."""
    return make_strategy(env, POLICIES, RULES)


def make_strategy(env, policies, rules):
    """Some policies and rules, and no others.

    :param dict policies: {name: values}
    :param rules: (name of the policy, values; ``email``: only that channel)
    :return: the rules, in this order
    """
    env["contact.policy"].with_context(active_test=False).search([]).unlink()
    made = {
        name: env["contact.policy"].create({"name": name, **values})
        for name, values in policies.items()
    }
    email = env["contact.channel"].search([("code", "=", "email")])
    created = env["contact.policy.rule"]
    for policy, given in rules:
        values = {"policy_id": made[policy].id, **given}
        if values.pop("email", False):
            values["channel_ids"] = email.ids
        created += created.create(values)
    env.cr.commit()
    return created


class Addon:
    """One mailing to ``count`` people under three policies with five rules."""

    def __init__(self, env, rules, count):
        env.cr.execute("SELECT moment, partner FROM bench.facts")
        self.moment, self.partner = env.cr.fetchone()
        self.env = env
        self.email = env["contact.channel"].search([("code", "=", "email")])
        self.rules = rules
        self.mailing = self.make_mailing(count)
        self.res_ids = self.mailing._get_remaining_recipients()
        self.count = len(self.res_ids)
        assert self.count == count, f"{self.count} recipients instead of {count}"
        self.refused = {}
        self.peak_mb = 0

    def make_mailing(self, count):
        """A mailing to so many people, not sent."""
        mailing = self.env["mailing.mailing"].create(
            {
                "subject": SUBJECT,
                "mailing_model_id": self.env["ir.model"]._get_id("res.partner"),
                "mailing_domain": [("id", ">", self.partner), ("color", "<", count)],
                "body_html": "<p>Hello</p>",
            }
        )
        self.env.cr.commit()
        return mailing

    def decide(self):
        """Who is behind the records, and what do the rules say."""
        self.refused = {}
        for _plan, decided in self._decide():
            self.refused |= decided.refused()

    def explain(self):
        """The same, and why: what a preflight answers."""
        explain = self.env["contact.policy.engine"]._explain
        for plan, decided in self._decide():
            explain(plan, decided)

    def _decide(self):
        self.env.cr.rollback()
        self.env.invalidate_all()
        crowd_of = _addon("delivery.crowd").Crowd
        Engine = self.env["contact.policy.engine"]
        crowd = crowd_of(self.env, self.mailing, self.res_ids, create=False)
        plan = Engine._plan(self.mailing._contact_message(), people=crowd.people())
        turn, later = crowd.take_turns(plan, ())
        yield plan, Engine._decide(plan, crowd.people(turn + later), self.moment)

    def reserve(self):
        """Pass the gate: its cursor, its lock, its commits, as before a send."""
        self.env.cr.rollback()
        self.env.invalidate_all()
        chunk_size = _addon("delivery.contact_gate_send").GATE_CHUNK
        gate = self.env["contact.gate"]
        with gate._sending(self.mailing) as cr:
            for chunk in split_every(chunk_size, self.res_ids, list):
                gate._pass(self.mailing, chunk, cr)

    def stock_recipients(self):
        """What Odoo itself asks before a send."""
        self.env.invalidate_all()
        stock = importlib.import_module("odoo.addons.mass_mailing.models.mailing")
        stock.MailingMailing._get_remaining_recipients(self.mailing)

    def written(self):
        """Numbers of the reservations and holds, and what stands in them."""
        self.env.cr.rollback()
        self.env.cr.execute(bench_data.sql("written"), {"id": self.mailing.id})
        return self.env.cr.fetchone()

    def clean(self):
        """Take back what was written, and tidy up after it."""
        self.env.cr.rollback()
        clean(self.env, self.mailing)


def clean(env, mailings):
    """Take back what was written for mailings, and tidy up after it."""
    link = psycopg2.connect(dbname=env.cr.dbname)
    link.autocommit = True
    with contextlib.closing(link), link.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # the links go here:
        cursor.execute(
            "DELETE FROM contact_hold_contact_touch_rel WHERE contact_hold_id IN"
            " (SELECT id FROM contact_hold WHERE mailing_id = ANY(%s))",
            (mailings.ids,),
        )
        for table in ("contact_hold", "contact_touch"):
            cursor.execute(
                f"DELETE FROM {table} WHERE mailing_id = ANY(%s)", (mailings.ids,)
            )
        cursor.execute(
            "DELETE FROM mailing_trace WHERE mass_mailing_id = ANY(%s)", (mailings.ids,)
        )
        for table in WRITTEN:
            cursor.execute(f"VACUUM (PARALLEL 2) {table}")
