"""What the addon does, and what stock Odoo does before it."""

import importlib

import psycopg2

from odoo.tools import split_every

from . import paths

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


def _addon(module):
    return importlib.import_module(f"odoo.addons.{paths.ADDON}.models.{module}")


class Addon:
    """One mailing to ``count`` people under three policies with five rules."""

    def __init__(self, env, moment, partner, count):
        self.env = env
        self.moment = moment
        self.partner = partner
        self.email = env["contact.channel"].search([("code", "=", "email")])
        self.rules = self._make_rules()
        self.mailing = env["mailing.mailing"].create(
            {
                "subject": "Benchmark",
                "mailing_model_id": env["ir.model"]._get_id("res.partner"),
                "mailing_domain": [("id", ">", partner), ("color", "<", count)],
                "body_html": "<p>Hello</p>",
            }
        )
        env.cr.commit()
        self.res_ids = self.mailing._get_remaining_recipients()
        self.count = len(self.res_ids)
        assert self.count == count, f"{self.count} recipients instead of {count}"
        self.refused = {}
        self.peak_mb = 0

    def _make_rules(self):
        """The strategy of the benchmark, and no other."""
        self.env["contact.policy"].with_context(active_test=False).search([]).unlink()
        policies = {
            name: self.env["contact.policy"].create({"name": name, **values})
            for name, values in POLICIES.items()
        }
        rules = self.env["contact.policy.rule"]
        for policy, values in RULES:
            values = {"policy_id": policies[policy].id, **values}
            if values.pop("email", False):
                values["channel_ids"] = self.email.ids
            rules += rules.create(values)
        return rules

    def decide(self):
        """Who is behind the records, and what do the rules say: as in a preflight."""
        self.env.cr.rollback()
        self.env.invalidate_all()
        crowd_of = _addon("delivery.crowd").Crowd
        Engine = self.env["contact.policy.engine"]
        plan = Engine._plan(self.mailing._contact_message())
        crowd = crowd_of(self.env, self.mailing, self.res_ids, create=False)
        self.refused = {}
        for wave in crowd.waves(plan, ()):
            decided = Engine._decide(plan, crowd.people(wave), self.moment)
            self.refused |= {r: set(rules) for r, rules in decided.refused().items()}

    def reserve(self):
        """Pass the gate: its cursor, its lock, its commits, as before a send."""
        self.env.cr.rollback()
        self.env.invalidate_all()
        chunk_size = _addon("delivery.mail_compose_message").GATE_CHUNK
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
        """How many reservations and holds there are."""
        self.env.cr.rollback()
        self.env.cr.execute(
            "SELECT (SELECT count(*) FROM contact_touch WHERE mailing_id = %(id)s),"
            " (SELECT count(*) FROM contact_hold WHERE mailing_id = %(id)s)",
            {"id": self.mailing.id},
        )
        return self.env.cr.fetchone()

    def clean(self):
        """Take back what was written, and tidy up after it."""
        if not any(self.written()):
            return
        self.env.cr.rollback()
        link = psycopg2.connect(dbname=self.env.cr.dbname)
        link.autocommit = True
        with link.cursor() as cursor:
            for table in ("contact_hold", "contact_touch"):
                cursor.execute(
                    f"DELETE FROM {table} WHERE mailing_id = %s", (self.mailing.id,)
                )
            cursor.execute("VACUUM contact_touch, contact_hold")
            cursor.execute("VACUUM contact_hold_contact_touch_rel")
        link.close()
