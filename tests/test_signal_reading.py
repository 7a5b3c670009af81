from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import SQL

from .common import DAY, NOW, SECOND
from .signal_common import SignalCase
from .signal_oracle import Fact


@tagged("post_install", "-at_install")
class TestSignalReading(SignalCase):
    """What an evaluation asks the database to find whom something happened to."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.anna = cls._create_person("anna")
        cls.bert = cls._create_person("bert")

    def _asked(self, signals, now):
        """{name of a table: the query that fills it} of one evaluation."""
        asked, Signal = {}, type(signals)
        create = Signal._create_table

        def noted(self, name, query):
            asked[name] = query
            return create(self, name, query)

        with patch.object(Signal, "_create_table", noted):
            signals._evaluate(now=now)
        return asked

    def _three(self):
        """Signals about everything, or only what fits, in windows of two lengths."""
        fits = "[('note', '=', 'fits')]"
        return (
            self._create_signal(window_value=7)
            + self._create_signal(window_value=7, domain=fits, threshold=2)
            + self._create_signal(window_value=30, domain=fits)
        )

    def test_each_span_is_asked_once(self):
        """Each is a look-up of an index, whichever signals it is for: what happened
        since, what left 7 days, what left 30."""
        signals = self._three()
        signals._evaluate(now=NOW)
        touched = self._asked(signals, NOW + DAY)["touched"]
        self.assertEqual(touched.code.count("BETWEEN"), 3)

    def test_a_span_is_asked_for_all_that_one_signal_looks_at(self):
        """What fits no domain matters to the signal that has none."""
        signals = self._three()
        self._write_facts(
            [
                Fact(self.anna.id, NOW - 7 * DAY, fits=False),
                Fact(self.bert.id, NOW - 30 * DAY, fits=True),
            ]
        )
        signals._evaluate(now=NOW - SECOND)
        self.env.cr.execute("UPDATE contact_profile SET is_signal_due = NULL")
        every, _twice, month = signals
        self.assertEqual(every.hit_ids.profile_id, self.anna)
        self.assertEqual(month.hit_ids.profile_id, self.bert)
        signals._evaluate(now=NOW)
        signals.invalidate_recordset()
        self.assertFalse(signals.hit_ids)

    def test_what_fits_nothing_is_not_read_again(self):
        """A record that no signal looks at does not make its person read again."""
        signals = self._three()[1:]
        self._write_facts([Fact(self.anna.id, NOW - 7 * DAY, fits=False)])
        signals._evaluate(now=NOW - SECOND)
        self.env.cr.execute("UPDATE contact_profile SET is_signal_due = NULL")
        touched = self._asked(signals, NOW)["touched"]
        self.assertFalse(self.env.execute_query(touched))

    def test_whom_it_happened_to_is_found_once(self):
        """A profile is named by its records: no need to look for it among all."""
        signal = self._create_signal()
        signal._evaluate(now=NOW)
        scope = self._asked(signal, NOW + DAY)["scope"]
        self.assertNotIn("contact_profile", scope.code)

    def test_what_was_written_is_found_by_a_tree(self):
        """New touches fill old pages, and answers are noted on old touches: an index
        of pages would soon say that all of them are new."""
        kind = self.env.execute_query(
            SQL(
                "SELECT am.amname FROM pg_class index"
                " JOIN pg_am am ON am.oid = index.relam"
                " WHERE index.relname = 'contact_touch_written_idx'"
            )
        )
        self.assertEqual(kind, [("btree",)])

    def test_who_is_due_is_found_by_the_index(self):
        asked, Environment = [], type(self.env)
        execute = Environment.execute_query

        def noted(env, query):
            asked.append(query)
            return execute(env, query)

        with patch.object(Environment, "execute_query", noted):
            self.env["contact.signal"]._due_profile_ids()
        # Which plan is cheapest in a small table is chance; but PostgreSQL can take the
        # index wherever the query says the index's own condition.
        (query,) = asked
        ((condition,),) = self.env.execute_query(
            SQL(
                "SELECT pg_get_expr(indpred, indrelid) FROM pg_index"
                " WHERE indexrelid = 'contact_profile_signal_due_idx'::regclass"
            )
        )
        self.assertIn(f"WHERE {condition.strip('()')} ", query.code)
