from psycopg2 import IntegrityError

from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from .common import DAY, HOUR, NOW, SECOND
from .test_ledger_fold import OLD
from .test_ledger_month import IS_SPLIT, MARCH, MonthCase


@tagged("post_install", "-at_install")
class TestLedgerMonthLife(MonthCase):
    """With old touches in one table per month nobody notices."""

    def test_old_touches_are_read_and_changed_where_they_are(self):
        touch = self._create_touch(self.people[0], MARCH, note="A letter")
        self._split_all()
        self.assertEqual(self._where(touch), "contact_touch_month_2025_03")
        touch.invalidate_recordset()
        self.assertEqual(touch.note, "A letter")
        touch.note = "Two letters"
        touch.date = MARCH + HOUR
        self.assertEqual(self._where(touch), "contact_touch_month_2025_03")
        touch.invalidate_recordset()
        self.assertEqual((touch.note, touch.date), ("Two letters", MARCH + HOUR))
        self.assertEqual(self.people[0].touch_count, 1)
        touch.unlink()
        self.assertEqual(sum(self._tables().values()), len(self._all_rows()))

    def test_another_date_brings_a_touch_back(self):
        touch = self._create_touch(self.people[0], MARCH)
        self._create_policy(self._cap(1, 7))
        self._split_all()
        self.assertSend(self.people[0])
        touch.date = NOW - DAY
        self.assertEqual(self._where(touch), "contact_touch")
        self.assertDefer(self.people[0], NOW + 6 * DAY)

    def test_a_hold_may_name_a_touch_of_a_month(self):
        """A rule that looks back further comes later than the split."""
        touches = self.Touch.union(
            *(self._create_touch(person, MARCH) for person in self.people)
        )
        self._split_all()
        self._create_policy(self._cap(1, 24, "month"))
        mailing = self._create_mailing(self.partners, useful_until=NOW + 900 * DAY)
        self._launch(mailing)
        self.assertOutcome(mailing, self.partners, deferred=4)
        self.assertEqual(mailing.hold_ids.touch_ids, touches)
        self.assertEqual({self._where(touch) for touch in touches}, {"contact_touch"})
        # There they stay, for the sake of those who read why.
        self._split_all()
        self.assertEqual(mailing.hold_ids.touch_ids, touches)

    def test_what_is_reserved_or_named_stays(self):
        reserved = self._create_touch(self.people[0], OLD, state="reserved")
        self._split_all()
        self.assertEqual(self._where(reserved), "contact_touch")

    def test_sending_as_before(self):
        """The gate, with most of the history in months."""
        self._create_policy(self._cap(2, 7))
        self._history()
        self._go_to(OLD)
        before = self._create_mailing(self.partners[:2])
        self._launch(before)
        self._go_to(NOW - 2 * DAY)
        recent = self._create_mailing(self.partners[:1])
        self._launch(recent)
        self._go_to(NOW)
        self._split_all()
        self.assertNotEqual(self._where(self._touches(before)[0]), "contact_touch")
        mailing = self._create_mailing(self.partners)
        self._launch(mailing)
        # everybody had one in the last days, the first had two
        self.assertOutcome(mailing, self.partners, sent=3, deferred=1)
        # An answer to an old message finds its touch in its month.
        before.mailing_trace_ids.set_opened()
        self.assertEqual(set(self._touches(before).mapped("opened")), {True})
        self.assertNotEqual(self._where(self._touches(before)[0]), "contact_touch")
        # Whoever was reached is known, wherever the touch lies.
        before.mailing_domain = [("id", "in", self.partners.ids)]
        before.mailing_trace_ids.unlink()
        before.state = "in_queue"
        self._go_to(NOW + 8 * DAY)
        self._run_queue()
        self.assertEqual(
            sorted(self._touches(before).mapped("res_id")), self.partners.ids
        )

    def test_failed_message_that_is_sent_after_all(self):
        """It counts from now on, so it belongs to the parent."""
        self._go_to(MARCH)
        mailing = self._create_mailing(self.partners[:1])
        self._launch(mailing)
        touch = self._touches(mailing)
        mailing.mailing_trace_ids.set_failed()
        self.assertEqual(touch.state, "failed")
        self._go_to(NOW)
        self._split_all()
        self.assertNotEqual(self._where(touch), "contact_touch")
        mailing.mailing_trace_ids.write({"trace_status": "sent", "sent_datetime": NOW})
        self.env.invalidate_all()
        self.assertEqual((touch.state, touch.date), ("sent", NOW))
        self.assertEqual(self._where(touch), "contact_touch")

    def _sent_in_march(self):
        """A mailing to the first, whose touch is in its month's table by now."""
        self._go_to(MARCH)
        mailing = self._create_mailing(self.partners[:1])
        self._launch(mailing)
        self._go_to(NOW)
        self._split_all()
        return mailing, self._touches(mailing)

    def test_a_message_is_booked_once_wherever_it_lies(self):
        mailing, touch = self._sent_in_march()
        self.assertEqual(self._where(touch), "contact_touch_month_2025_03")
        self.Touch._install_history()
        self.assertEqual(self._touches(mailing), touch)
        with (
            self.assertRaises(IntegrityError),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            touch.copy()
            self.env.flush_all()
            self._split_all()
        # Failed, sent again in the meantime, then said to be sent: refused as ever.
        touch.state = "failed"
        again = touch.copy({"state": "sent", "date": NOW})
        self.env.flush_all()
        with (
            self.assertRaises(IntegrityError),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            touch.state = "sent"
            self.env.flush_all()
        self.assertEqual(self._where(again), "contact_touch")

    def test_references_are_kept(self):
        """Foreign keys of the months: mailings go, people with history stay."""
        mailing, touch = self._sent_in_march()
        mailing.unlink()
        touch.invalidate_recordset()
        self.assertFalse(touch.mailing_id)
        self.assertFalse(touch.trace_id)
        with (
            self.assertRaises(IntegrityError),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            self.env.cr.execute(
                SQL("DELETE FROM contact_profile WHERE id = %s", touch.profile_id.id)
            )
        self.people[0]._merge_into(self.people[1])
        touch.invalidate_recordset()
        self.assertEqual(touch.profile_id, self.people[1])

    def test_folding_months_away(self):
        self._history()
        before = self._sums(self.people)
        self._split_all()
        self.env["ir.config_parameter"].set_param(IS_SPLIT, True)
        self._keep(6)
        with self._queue_running():
            self.Touch._cron_tidy()
        self.assertEqual(self._sums(self.people), before)
        tables = self._tables()
        self.assertTrue(all(tables.values()))
        self.assertLess(len(tables), 7)
        self.assertTrue(self.Year.search([("profile_id", "in", self.people.ids)]))

    def test_decisions_leave_the_months_alone(self):
        """PostgreSQL's plan of the decision names no table of an older month."""
        self._create_policy(self._cap(2, 30))
        self._history()
        self._split_all()
        plan = self.env.execute_query(
            SQL(
                "EXPLAIN SELECT FROM contact_touch t WHERE t.profile_id = %s"
                " AND t.date >= LEAST(%s::timestamp, %s::timestamp)",
                self.people[0].id,
                NOW - 30 * DAY,
                NOW - 7 * DAY - SECOND,
            )
        )
        self.assertNotIn("contact_touch_month", str(plan))
        waiting = self.env.execute_query(
            SQL("EXPLAIN SELECT FROM contact_touch WHERE state = 'reserved'")
        )
        self.assertNotIn("contact_touch_month", str(waiting))
