"""Caps and gaps by hand: by the best SQL, and by the loop everybody writes."""

import json
from datetime import timedelta

from . import bench_by_hand, bench_data
from .bench_by_hand import SORTED

SAMPLE = 1000


class ByHand(bench_by_hand.ByHand):
    """Beside the decision also its reasons, what a gate writes, and the loop."""

    FORMS = bench_by_hand.forms(
        ("grouped", "decide_grouped", None),
        ("sorted", "decide_grouped", SORTED),
        ("lateral", "decide_lateral", None),
    )

    def __init__(self, addon):
        super().__init__(addon)
        self.sampled = 0
        self.begins = {
            rule.id: addon.moment - self._length(rule) for rule in addon.rules
        }
        with self.link, self.link.cursor() as cursor:
            cursor.execute(bench_data.sql("rules"))
            for bit, rule in enumerate(addon.rules):
                cursor.execute(
                    "INSERT INTO bench.rule VALUES (%s, %s, %s, %s, %s, %s, %s)",
                    (1 << bit, *self._row(rule)),
                )
            cursor.execute("ANALYZE bench.rule")

    def _make_values(self, addon):
        mailing = addon.mailing
        return {
            **super()._make_values(addon),
            "currency": addon.email.currency_id.id or None,
            "mailing": mailing.id,
            "category": mailing.category_id.id or None,
            "company": mailing.company_id.id,
            "user": mailing.user_id.id or None,
            "useful": mailing._useful_limit(addon.moment),
            "loyal": addon.rules[0].policy_id.id,
            "everybody": addon.rules[1].policy_id.id,
        }

    def _parts(self):
        return {"{used}": "used"}

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

    def explain(self):
        """The decision with its reasons."""
        self._fetch("explain", self._form_of_more())

    def reserve(self):
        """Decide, reserve and note: with the lock that keeps it exact."""
        columns = "p.tz, p.is_seed, p.email_normalized AS address,"
        self._fetch("reserve", self._form_of_more(), columns=columns, lock=True)

    def _form_of_more(self):
        """What sorts the decision would also keep hash joins from all that follows it,
        and pair each of the refused with everybody."""
        return self.form.replace("sorted", "grouped")

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
