"""The same decision by the best SQL that can be written by hand for one strategy."""

import time

import psycopg2

from . import bench_data

SETTINGS = "SET LOCAL jit = off; SET LOCAL work_mem = '256MB'"
SORTED = "SET LOCAL enable_hashagg = off; SET LOCAL enable_hashjoin = off"
ALONE = "SET LOCAL max_parallel_workers_per_gather = 0"


def forms(*named):
    """{name: (statement, settings)}: who asks may choose the best for the size.

    :param named: (name, statement, settings or None)
    """
    return {
        f"{name}{' parallel' if parallel else ''}": (
            statement,
            "; ".join(filter(None, (SETTINGS, settings, not parallel and ALONE))),
        )
        for name, statement, settings in named
        for parallel in (False, True)
    }


class ByHand:
    """The recipients stand in a table; who is refused by which rules is fetched.

    :param Addon addon: a mailing to them, whose rules are the bits of the answer
    """

    FORMS = {}

    def __init__(self, addon):
        self.addon = addon
        self.link = psycopg2.connect(dbname=addon.env.cr.dbname)
        self.form = None
        self.refused = {}
        self.values = self._make_values(addon)
        values = {"partner": addon.partner, "recipients": addon.count}
        with self.link, self.link.cursor() as cursor:
            cursor.execute(bench_data.sql("candidates"), values)

    def _make_values(self, addon):
        channel = addon.email
        return {"now": addon.moment, "email": channel.id, "cost": channel.cost}

    def close(self):
        """Give the connection back."""
        self.link.close()

    def _parts(self):
        """{mark in a statement: name of the statement to put there}"""
        return {}

    def _fetch(self, name, form=None, columns="", lock=False):
        """All rows of a statement, on a connection of our own."""
        decision, settings = self.FORMS[form or self.form or next(iter(self.FORMS))]
        parts = {"{decision}": decision, **self._parts()}
        statement = bench_data.sql(name)
        for mark, part in parts.items():
            statement = statement.replace(mark, bench_data.sql(part))
        statement = statement.replace("{columns}", columns)
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
        seconds = {form: self._try(form) for form in self.FORMS}
        for _round in range(2):
            for form in sorted(seconds, key=seconds.get)[: len(self.FORMS) // 2]:
                seconds[form] = min(seconds[form], self._try(form))
        self.form = min(seconds, key=seconds.get)
        return seconds

    def _try(self, form):
        start = time.perf_counter()
        self._fetch("answer", form)
        return time.perf_counter() - start

    def decide(self):
        """The decision alone: {record id: rules} are kept in ``refused``."""
        rules = self.addon.rules.ids
        self.refused = {}
        for bits, res_ids in self._fetch("answer"):
            if bits:
                refused = {rule for bit, rule in enumerate(rules) if bits & 1 << bit}
                self.refused.update(dict.fromkeys(res_ids, refused))

    def differing(self, refused):
        """Ids of the records about which somebody else decided otherwise.

        :param dict refused: {record id: ids of rules}, those who are let through
            included or not
        """
        refused = {res_id: set(rules) for res_id, rules in refused.items() if rules}
        return {
            res_id
            for res_id in refused.keys() | self.refused.keys()
            if refused.get(res_id) != self.refused.get(res_id)
        }
