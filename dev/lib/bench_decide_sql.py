"""The same decisions by hand: by the best SQL, and by the loop everybody writes."""

import json
import time
from datetime import timedelta

import psycopg2

from . import bench_data

SETTINGS = "SET LOCAL jit = off; SET LOCAL work_mem = '256MB'"
SORTED = "SET LOCAL enable_hashagg = off; SET LOCAL enable_hashjoin = off"
ALONE = "SET LOCAL max_parallel_workers_per_gather = 0"
FORMS = {
    # name: (statement, settings); who asks may choose the best for the size
    f"{name}{' parallel' if parallel else ''}": (
        statement,
        "; ".join(filter(None, (SETTINGS, settings, not parallel and ALONE))),
    )
    for name, statement, settings in (
        ("grouped", "decide_grouped", None),
        ("sorted", "decide_grouped", SORTED),
        ("lateral", "decide_lateral", None),
    )
    for parallel in (False, True)
}
SAMPLE = 1000


class ByHand:
    """The recipients stand in a table; who is refused by which rules is fetched."""

    def __init__(self, addon):
        self.addon = addon
        self.link = psycopg2.connect(dbname=addon.env.cr.dbname)
        self.form = None
        self.refused = {}
        self.sampled = 0
        self.values = self._make_values(addon)
        self.begins = {
            rule.id: addon.moment - self._length(rule) for rule in addon.rules
        }
        values = {"partner": addon.partner, "recipients": addon.count}
        with self.link, self.link.cursor() as cursor:
            cursor.execute(bench_data.sql("candidates"), values)
            cursor.execute(bench_data.sql("rules"))
            for bit, rule in enumerate(addon.rules):
                cursor.execute(
                    "INSERT INTO bench.rule VALUES (%s, %s, %s, %s, %s, %s, %s)",
                    (1 << bit, *self._row(rule)),
                )
            cursor.execute("ANALYZE bench.rule")

    def _make_values(self, addon):
        mailing, channel = addon.mailing, addon.email
        return {
            "now": addon.moment,
            "email": channel.id,
            "cost": channel.cost,
            "currency": channel.currency_id.id or None,
            "mailing": mailing.id,
            "category": mailing.category_id.id or None,
            "company": mailing.company_id.id,
            "user": mailing.user_id.id or None,
            "useful": mailing._useful_limit(addon.moment),
            "loyal": addon.rules[0].policy_id.id,
            "everybody": addon.rules[1].policy_id.id,
        }

    def _length(self, rule):
        return timedelta(**{f"{rule.window_unit}s": rule.window_value})

    def _row(self, rule):
        return (
            rule.id,
            rule.policy_id.id,
            self._length(rule),
            max(1, rule.max_touches) if rule.rule_type == "cap" else 1,
            rule.channel_ids.id or None,
            json.dumps(rule._terms()),
        )

    def close(self):
        """Give the connection back."""
        self.link.close()

    def _fetch(self, name, form=None, columns="", lock=False):
        """All rows of a statement, on a connection of our own."""
        decision, settings = FORMS[form or self.form or "grouped"]
        parts = {
            "{decision}": bench_data.sql(decision).replace("{columns}", columns),
            "{used}": bench_data.sql("used"),
        }
        statement = bench_data.sql(name)
        for mark, part in parts.items():
            statement = statement.replace(mark, part)
        with self.link, self.link.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
            cursor.execute(settings)
            if lock:
                cursor.execute("SELECT pg_advisory_xact_lock(42)")
            cursor.execute(statement, self.values)
            return cursor.fetchall()

    def choose_best(self):
        """Which form is fastest depends on the part of all people that is asked for:
        each is tried, the better half twice more."""
        seconds = {form: self._try(form) for form in FORMS}
        for _round in range(2):
            for form in sorted(seconds, key=seconds.get)[: len(FORMS) // 2]:
                seconds[form] = min(seconds[form], self._try(form))
        self.form = min(seconds, key=seconds.get)
        return seconds

    def _try(self, form):
        start = time.perf_counter()
        self._fetch("answer", form)
        return time.perf_counter() - start

    def decide(self):
        """The decision alone."""
        self._read_answers(self._fetch("answer"))

    def explain(self):
        """The decision with its reasons."""
        self._fetch("explain")

    def _read_answers(self, rows):
        rules = self.addon.rules.ids
        self.refused = {}
        for bits, res_ids in rows:
            if bits:
                refused = {rule for bit, rule in enumerate(rules) if bits & 1 << bit}
                self.refused.update(dict.fromkeys(res_ids, refused))

    def reserve(self):
        """Decide, reserve and note: with the lock that keeps it exact."""
        columns = "p.tz, p.is_seed, p.email_normalized AS address,"
        self._fetch("reserve", columns=columns, lock=True)

    def floor(self):
        """Only find the people."""
        self._fetch("floor")

    def scan(self):
        """Only read the ledger."""
        self._fetch("scan")

    def naive(self, part):
        """Ask the ORM about each person and rule, for a part of an even sample."""
        addon = self.addon
        step = max(1, addon.count // SAMPLE)
        res_ids = addon.res_ids[::step][:SAMPLE][part]
        for partner in addon.env["res.partner"].browse(res_ids):
            refused = {
                rule.id
                for rule in addon.rules
                if self._applies(rule, partner.profile_id)
                and self._count(rule, partner.profile_id) + 1 > max(1, rule.max_touches)
            }
            expected = self.refused.get(partner.id, set())
            assert refused == expected, f"{partner}: loop {refused}, SQL {expected}"
        self.sampled += len(res_ids)

    def _applies(self, rule, profile):
        is_loyal = profile.tz == "Europe/Lisbon"
        return rule.policy_id.is_guard or is_loyal == (rule.policy_id.name == "loyal")

    def _count(self, rule, profile):
        domain = [
            ("profile_id", "=", profile.id),
            ("date", ">", self.begins[rule.id]),
            ("counts", "=", True),
            ("state", "in", ("reserved", "sent")),
        ]
        if rule.channel_ids:
            domain.append(("channel_id", "in", rule.channel_ids.ids))
        return profile.env["contact.touch"].search_count(domain)
