from datetime import datetime

from odoo.tests import tagged
from odoo.tools import SQL

from .common import ADDON, DAY, NOW
from .test_ledger_fold import FoldCase

IS_SPLIT = f"{ADDON}.split_by_month"
MARCH = datetime(2025, 3, 10, 9)


class MonthCase(FoldCase):
    def setUp(self):
        super().setUp()
        self.partners = self._create_partners(4)
        self.people = self.partners.profile_id

    def _split_all(self, limit=1000):
        moved = True
        while moved:
            moved = self.Touch._split(limit=limit)

    def _tables(self):
        """{table: number of touches in it alone}."""
        self.env.flush_all()
        return {
            table: self.env.execute_query(
                SQL("SELECT count(*) FROM ONLY %s", SQL.identifier(table))
            )[0][0]
            for table in ["contact_touch", *self.Touch._month_tables()]
        }

    def _where(self, touch):
        """The table a touch lies in."""
        self.env.flush_all()
        return self.env.execute_query(
            SQL(
                "SELECT tableoid::regclass::text FROM contact_touch WHERE id = %s",
                touch.id,
            )
        )[0][0]

    def _all_rows(self):
        self.env.flush_all()
        return self.env.execute_query(SQL("SELECT * FROM contact_touch ORDER BY id"))

    def _history(self):
        """Touches of two years, about one a month for each."""
        return self.Touch.create(
            [
                {
                    "profile_id": person.id,
                    "address": person.email_normalized,
                    "date": NOW - (number * 30 + index) * DAY,
                }
                for index, person in enumerate(self.people)
                for number in range(24)
            ]
        )


@tagged("post_install", "-at_install")
class TestLedgerMonth(MonthCase):
    """Old touches in one table per month, and back."""

    def test_there_and_back(self):
        self._create_policy(self._cap(2, 60))
        touches = self._history()
        before, decided = self._all_rows(), self._check(self.people)
        self.env["ir.config_parameter"].set_param(IS_SPLIT, True)
        with self._queue_running():
            self.Touch._cron_tidy()
        tables = self._tables()
        self.assertGreater(len(tables), 18)
        self.assertEqual(sum(tables.values()), len(before))
        self.assertTrue(all(tables.values()))
        # What the rule looks back at, and half a month more, stays.
        hot = self.Touch.search([("date", ">=", NOW - 74 * DAY)])
        self.assertEqual({self._where(touch) for touch in hot}, {"contact_touch"})
        self.assertLess(tables["contact_touch"], 24)
        self.assertEqual(self._all_rows(), before)
        self.assertEqual(self._check(self.people), decided)
        self.assertEqual(touches.exists(), touches)
        self.env["ir.config_parameter"].set_param(IS_SPLIT, False)
        with self._queue_running():
            self.Touch._cron_tidy()
        self.assertEqual(self._tables(), {"contact_touch": len(before)})
        self.assertEqual(self._all_rows(), before)
        self.assertFalse(
            self.env.execute_query(
                SQL("SELECT FROM pg_proc WHERE proname LIKE 'contact_touch_month%%'")
            )
        )

    def test_batches(self):
        touches = self._history()
        before = self._all_rows()
        self.assertEqual(self.Touch._split(limit=1), 1)
        self._split_all(limit=3)
        self.assertEqual(self._all_rows(), before)
        while self.Touch._unsplit(limit=5):
            self.assertEqual(self._all_rows(), before)
        self.assertEqual(len(touches.exists()), len(touches))

    def test_months_have_what_their_parent_has(self):
        self._history()
        self._split_all()
        parent = self.Touch._structure("contact_touch")
        self.assertGreater(len(parent[0]), 5)
        self.assertGreater(len(parent[1]), 5)
        for table in self.Touch._month_tables():
            indexes, keys = self.Touch._structure(table)
            self.assertEqual(indexes.keys(), parent[0].keys())
            self.assertEqual(keys.keys(), parent[1].keys())
            self.assertEqual(self.Touch._structure_changes(table), [])

    def test_an_update_brings_new_indexes_to_the_months(self):
        self._history()
        self._split_all()
        table = self.Touch._month_tables()[0]
        self.env.cr.execute("CREATE INDEX ON contact_touch (note)")
        self.env.cr.execute("ALTER TABLE contact_touch ADD COLUMN brand_new integer")
        (change,) = self.Touch._structure_changes(table)
        self.assertIn("(note)", change.code)
        self.patch(self.registry, "updated_modules", ["any"])
        self.Touch._register_hook()
        self.assertEqual(self.Touch._structure_changes(table), [])
        # Rows still find their way with a column more.
        touch = self.Touch.search([], order="date", limit=1)
        touch.date = NOW
        self.assertEqual(self._where(touch), "contact_touch")
