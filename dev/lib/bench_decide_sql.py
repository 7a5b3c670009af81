"""The same decisions by hand: by the best SQL, and by the loop everybody writes."""

import time
from datetime import timedelta

import psycopg2

from . import bench_data

SETTINGS = """
    SET LOCAL jit = off; SET LOCAL work_mem = '256MB';
    SET LOCAL max_parallel_workers_per_gather = 0
"""


class ByHand:
    """The recipients stand in a table; the answers are fetched, one per recipient."""

    def __init__(self, addon):
        self.addon = addon
        self.link = psycopg2.connect(dbname=addon.env.cr.dbname)
        self.form = "grouped"
        self.refused = {}
        self.sampled = 0
        self.values = {
            "now": addon.moment,
            "email": addon.email.id,
            "mailing": addon.mailing.id,
            "rules": addon.rules.ids,
        }
        self.begins = {
            rule.id: addon.moment
            - timedelta(**{f"{rule.window_unit}s": rule.window_value})
            for rule in addon.rules
        }
        values = {"partner": addon.partner, "recipients": addon.count}
        with self.link.cursor() as cursor:
            cursor.execute(bench_data.sql("candidates"), values)
        self.link.commit()

    def close(self):
        """Give the connection back."""
        self.link.close()

    def _fetch(self, name):
        """All rows of a statement, on a connection of our own."""
        with self.link, self.link.cursor() as cursor:
            cursor.execute(SETTINGS)
            cursor.execute(bench_data.sql(name), self.values)
            return cursor.fetchall()

    def choose_best(self):
        """Which form is faster depends on the part of all people that is asked for."""
        seconds = {}
        for form in ("grouped", "lateral", "grouped", "lateral"):
            start = time.perf_counter()
            self._fetch(f"decide_{form}")
            seconds[form] = time.perf_counter() - start
        self.form = min(seconds, key=seconds.get)

    def decide(self):
        """The decision alone."""
        rows = self._fetch(f"decide_{self.form}")
        rules = self.addon.rules.ids
        self.refused = {
            res_id: {rule for bit, rule in enumerate(rules) if refused & 1 << bit}
            for res_id, _profile_id, refused in rows
            if refused
        }

    def reserve(self):
        """Decide, reserve and note: with the lock that keeps it exact."""
        decision = bench_data.sql(f"decide_{self.form}")
        statement = bench_data.sql("reserve").replace("{decision}", decision)
        with self.link, self.link.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
            cursor.execute(SETTINGS)
            cursor.execute("SELECT pg_advisory_xact_lock(42)")
            cursor.execute(statement, self.values)
            cursor.fetchall()

    def floor(self):
        """Only find the people."""
        self._fetch("floor")

    def scan(self):
        """Only read the ledger."""
        self._fetch("scan")

    def naive(self, part):
        """Ask the ORM about each person and rule, for a part of an even sample."""
        addon = self.addon
        step = max(1, addon.count // 1000)
        res_ids = addon.res_ids[::step][part]
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
