import contextlib
import threading
import time
from unittest.mock import patch

from psycopg2 import OperationalError
from psycopg2.errors import SerializationFailure

import odoo
from odoo import SUPERUSER_ID, api, fields
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from odoo.addons.mass_mailing_contact_strategy.models.ledger.contact_touch_fold import (
    FOLDED_BEFORE,
    KEPT_MONTHS,
)

from .common import ADDON, DAY, CommittedCase

TOUCHES = 40
PATIENCE = 20  # seconds


@tagged("post_install", "-at_install", "contact_concurrency")
class TestLedgerFoldCommit(CommittedCase):
    """Folding with real connections and commits, disturbed by others.

    So the data is made, and removed, by the test itself.
    """

    def setUp(self):
        super().setUp()
        now = fields.Datetime.now()
        with self._transaction() as env:
            maker = self._make_with(env)
            maker._prepare_strategy()
            env["ir.config_parameter"].set_param(KEPT_MONTHS, 4)
            person = maker._create_person("fold.commit")
            for index in range(TOUCHES):
                maker._create_touch(person, now - (300 + index // 20 * 400) * DAY)
            policy = maker._create_policy(maker._cap(1, 30))
            self.person_id, self.partner_id = person.id, person.partner_id.id
            self.policy_id, self.rule_id = policy.id, policy.rule_ids.id
        self.addCleanup(self._remove)
        self.startPatcher(patch.object(odoo.modules.module, "current_test", False))

    def _remove(self):
        with self._transaction() as env:
            env["ir.config_parameter"].set_param(KEPT_MONTHS, False)
            env.cr.execute(
                SQL(
                    "UPDATE ir_config_parameter SET value = '1970-01-01 00:00:00'"
                    " WHERE key = %s",
                    FOLDED_BEFORE,
                )
            )
            env["contact.policy"].browse(self.policy_id).unlink()
            profile = env["contact.profile"].browse(self.person_id)
            profile.touch_ids.unlink()
            profile.touch_year_ids.unlink()
            env["res.partner"].browse(self.partner_id).unlink()
            profile.exists().unlink()

    def _fold(self, **options):
        with self._transaction() as env:
            return env["contact.touch"]._fold(**options)[0]

    def _left(self):
        """Numbers of single touches and of touches in sums."""
        with self._transaction() as env:
            profile = env["contact.profile"].browse(self.person_id)
            folded = sum(profile.touch_year_ids.mapped("touch_count"))
            return len(profile.touch_ids), folded

    def _wait_until_locked(self, backend_of=None):
        """The backend that waits for a lock, for as long as it takes."""
        deadline = time.monotonic() + PATIENCE
        with self.registry.cursor() as cr:
            while time.monotonic() < deadline:
                cr.execute(
                    "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                    " AND datname = current_database() AND query ILIKE %s",
                    [f"%{backend_of}%"],
                )
                if rows := cr.fetchall():
                    return rows[0][0]
                cr.rollback()
                time.sleep(0.02)
        raise AssertionError("nobody waits")

    @contextlib.contextmanager
    def _folding(self):
        """A worker that folds; gives its result when the block is left."""
        result = []

        def work():
            try:
                result.append(self._fold())
            except BaseException as error:  # noqa: BLE001, judged by the test
                result.append(error)

        worker = threading.Thread(target=work)
        worker.start()
        try:
            yield result
        finally:
            worker.join(PATIENCE)
        self.assertTrue(result)

    def test_killed_in_the_middle(self):
        """The database ends the connection while the sums are written."""
        self.assertEqual(self._fold(limit=5), 5)
        self.assertEqual(self._left(), (TOUCHES - 5, 5))
        with self.registry.cursor() as other, mute_logger("odoo.sql_db"):
            other.execute(
                SQL(
                    "SELECT id FROM contact_touch_year WHERE profile_id = %s"
                    " FOR UPDATE",
                    self.person_id,
                )
            )
            with self._folding() as result:
                pid = self._wait_until_locked("WITH picked")
                other.execute("SELECT pg_terminate_backend(%s)", [pid])
        self.assertIsInstance(result[0], OperationalError)
        self.assertEqual(self._left(), (TOUCHES - 5, 5))
        self.assertEqual(self._fold(), TOUCHES - 5)
        self.assertEqual(self._left(), (0, TOUCHES))
        self.assertEqual(self._fold(), 0)

    def test_failure_after_the_statement(self):
        """What was folded and up to when stand in one transaction."""

        def fail(_touch, _before):
            raise RuntimeError("the machine stops")

        with (
            patch.object(self.registry["contact.touch"], "_say_folded", fail),
            self.assertRaises(RuntimeError),
        ):
            self._fold()
        self.assertEqual(self._left(), (TOUCHES, 0))

    def _tidy(self, **parameters):
        """Run the nightly job after saving these settings; the months there are."""
        with self._transaction() as env:
            for key, value in parameters.items():
                env["ir.config_parameter"].set_param(f"{ADDON}.{key}", value)
        with self._transaction() as env:
            env["contact.touch"]._cron_tidy()
            return env["contact.touch"]._month_tables()

    def test_months_come_and_go(self):
        """Tables are made and dropped although other transactions are open."""
        self.addCleanup(self._tidy, touch_months=False, split_by_month=False)
        months = self._tidy(touch_months=False, split_by_month=True)
        self.assertEqual(len(months), 2)
        self.assertEqual(self._left(), (TOUCHES, 0))
        self.assertEqual(self._tidy(touch_months=12), months[-1:])
        self.assertEqual(self._left(), (TOUCHES // 2, TOUCHES // 2))
        with self._transaction() as env:
            env["contact.touch"].search([], limit=1)  # a reader, who takes his time
            self.assertEqual(self._tidy(split_by_month=False), months[-1:])
        self.assertEqual(self._tidy(), [])
        self.assertEqual(self._left(), (TOUCHES // 2, TOUCHES // 2))

    def test_waits_for_a_rule_that_is_being_written(self):
        """...and keeps what that rule needs."""
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            env["ir.config_parameter"].set_param(KEPT_MONTHS, 13)
            env["contact.policy.rule"].browse(self.rule_id).write(
                {"window_value": 12, "window_unit": "month"}
            )
            env.flush_all()
            with self._folding() as result:
                self._wait_until_locked("LOCK TABLE")
                cr.commit()  # pylint: disable=invalid-commit
        self.assertEqual(result, [TOUCHES // 2])
        self.assertEqual(self._left(), (TOUCHES // 2, TOUCHES // 2))

    def test_rule_written_without_knowing_what_was_folded(self):
        """Its transaction is older than the folding: it is told to try again."""
        with self.registry.cursor() as cr, mute_logger("odoo.sql_db"):
            env = api.Environment(cr, SUPERUSER_ID, {})
            rule = env["contact.policy.rule"].browse(self.rule_id)
            self.assertEqual(rule.window_value, 30)  # takes its snapshot
            self.assertEqual(self._fold(), TOUCHES)
            env["ir.config_parameter"].set_param(KEPT_MONTHS, 24)
            with self.assertRaises(SerializationFailure):
                rule.write({"window_value": 20, "window_unit": "month"})
                env.flush_all()
            cr.rollback()
