import contextlib
import threading
import time
from unittest.mock import patch

import odoo
from odoo import api, fields
from odoo.tests import tagged
from odoo.tools import SQL

from odoo.addons.mass_mailing_contact_strategy.models.delivery.contact_gate import (
    DECIDING_LOCK,
)

from .committed_common import CommittedSendCase

PEOPLE = 40
PATIENCE = 20  # seconds


@tagged("post_install", "-at_install", "contact_concurrency")
class TestGateConcurrency(CommittedSendCase):
    """Two workers decide about the same people at the same moment, for real.

    Real connections and commits: so the data is made, and removed, by the test itself.
    """

    def setUp(self):
        super().setUp()
        with self._committed_people(PEOPLE, "concurrent") as (maker, partners):
            self._keep(
                *(
                    maker._create_mailing(partners, subject=subject)
                    for subject in ("First", "Second")
                )
            )

    # ------------------------------------------------------------
    # Two workers, of whom the second waits for the first
    # ------------------------------------------------------------

    def _staged(self, deciding):
        """The first to decide goes on only when the other waits for the lock."""

        @api.model
        @contextlib.contextmanager
        def staged(gate, cr):
            with deciding(gate, cr) as now:
                if not self.decides.is_set():
                    self.decides.set()
                    self._wait_for_the_other()
                yield now

        return staged

    def _wait_for_the_other(self):
        deadline = time.monotonic() + PATIENCE
        with self.registry.cursor() as cr:
            while time.monotonic() < deadline:
                cr.execute(
                    """
                    SELECT 1 FROM pg_locks
                     WHERE locktype = 'advisory' AND NOT granted AND objid = %s
                       AND database = (SELECT oid FROM pg_database
                                        WHERE datname = current_database())
                    """,
                    [DECIDING_LOCK],
                )
                if cr.fetchone():
                    return
                cr.rollback()
                time.sleep(0.02)
        raise AssertionError("the other worker never came")

    def _work(self, mailing_id, is_first):
        try:
            if not is_first:
                self.assertTrue(self.decides.wait(PATIENCE))
            with self._transaction() as env:
                mailing = env["mailing.mailing"].browse(mailing_id)
                gate = env["contact.gate"]
                with gate._sending(mailing) as cr:
                    passed, _crowd = gate._pass(mailing, self.partner_ids, cr)
                self.passed[mailing_id] = passed
        except BaseException as error:  # noqa: BLE001, reported by the test
            self.errors.append(error)
            self.decides.set()

    def _decide_at_once(self, deciding=None, staged=None):
        """Both workers, one after the other.

        :param deciding: instead of the gate's own way to wait for its turn
        :param dict staged: instead of the gate's methods, these; one of them lets the
            first worker go on
        """
        gate = self.registry["contact.gate"]
        staged = staged or {"_deciding": self._staged(deciding or gate._deciding)}
        self.decides = threading.Event()
        self.passed, self.errors = {}, []
        workers = [
            threading.Thread(target=self._work, args=(mailing_id, index == 0))
            for index, mailing_id in enumerate(self.mailing_ids)
        ]
        with (
            patch.object(odoo.modules.module, "current_test", False),
            patch.multiple(gate, **staged),
        ):
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join(3 * PATIENCE)
        self.assertFalse(self.errors, self.errors)

    def _counted(self):
        """{profile: number of counted touches}, in a new transaction."""
        with self._transaction() as env:
            groups = env["contact.touch"]._read_group(
                [
                    ("profile_id", "in", self.profile_ids),
                    ("state", "in", ("reserved", "sent")),
                ],
                ["profile_id"],
                ["__count"],
            )
            return {profile.id: count for profile, count in groups}

    def test_cap_holds(self):
        self._decide_at_once()
        self.assertEqual(self._counted(), dict.fromkeys(self.profile_ids, 1))
        first, second = (self.passed[mailing_id] for mailing_id in self.mailing_ids)
        self.assertEqual(first, self.partner_ids)
        self.assertEqual(second, [])
        with self._transaction() as env:
            holds = env["contact.hold"].search(
                [("mailing_id", "=", self.mailing_ids[1])]
            )
            self.assertEqual(len(holds), PEOPLE)

    def test_an_ordinary_cursor_would_leak(self):
        """The counter-proof: the same lock, under Odoo's usual REPEATABLE READ."""

        @contextlib.contextmanager
        def naive(_gate, cr):
            cr.execute(SQL("SELECT pg_advisory_xact_lock(%s)", DECIDING_LOCK))
            yield fields.Datetime.now()
            cr.commit()  # pylint: disable=invalid-commit

        self._decide_at_once(naive)
        self.assertEqual(self._counted(), dict.fromkeys(self.profile_ids, 2))

    def _changed_while_waiting(self, change):
        """The second worker has read the rules and waits; then somebody commits. The
        first one has its turn, and has seen that nothing was different."""
        book = self.registry["contact.gate"]._book

        @api.model
        def staged(*args):
            if not self.decides.is_set():
                self.decides.set()
                self._wait_for_the_other()
                with self._transaction() as env:
                    change(env)
            return book(*args)

        self._decide_at_once(staged={"_book": staged})
        first, second = (self.passed[mailing_id] for mailing_id in self.mailing_ids)
        self.assertEqual(first, self.partner_ids)
        return second

    def _allow(self, number):
        with self._transaction() as env:
            env["contact.policy"].browse(self.policy_id).rule_ids.max_touches = number

    def test_a_number_that_is_lowered_while_the_gate_waits(self):
        self._allow(2)
        self.assertEqual(self._changed_while_waiting(lambda _env: self._allow(1)), [])
        self.assertEqual(self._counted(), dict.fromkeys(self.profile_ids, 1))

    def test_what_allows_more_counts_as_well(self):
        second = self._changed_while_waiting(lambda _env: self._allow(2))
        self.assertEqual(second, self.partner_ids)

    def test_a_policy_that_is_switched_off_while_the_gate_waits(self):
        def switch_off(env):
            env["contact.policy"].browse(self.policy_id).action_archive()

        second = self._changed_while_waiting(switch_off)
        self.assertEqual(second, self.partner_ids)

    def test_the_first_wish_of_anybody_while_the_gate_waits(self):
        self._allow(2)

        def wish(env):
            profile = env["contact.profile"].browse(self.profile_ids[0])
            wish = env["contact.wish"]._of(profile)
            wish.write({"period": "week", "max_touches": 1})

        self.addCleanup(self._forget_wishes)
        second = self._changed_while_waiting(wish)
        self.assertEqual(second, self.partner_ids[1:])

    def _forget_wishes(self):
        with self._transaction() as env:
            env["contact.wish"].search(
                [("profile_id", "in", self.profile_ids)]
            ).unlink()

    def test_a_person_who_is_merged_meanwhile(self):
        """Their profile is locked, then gone: they are asked about again, as whoever
        they are by then, and nobody waits for anybody for ever."""
        merged, kept = self.profile_ids[:2]
        waits = threading.Event()
        sleep = time.sleep
        found = {}

        def pause(seconds):
            waits.set()
            sleep(max(seconds, 0.1))

        def send():
            try:
                with self._transaction() as env:
                    mailing = env["mailing.mailing"].browse(self.mailing_ids[0])
                    gate = env["contact.gate"]
                    with gate._sending(mailing) as cr:
                        found["passed"], _others = gate._pass(
                            mailing, self.partner_ids, cr
                        )
            except BaseException as error:  # noqa: BLE001, reported by the test
                found["error"] = error
                waits.set()

        with (
            patch.object(odoo.modules.module, "current_test", False),
            patch.object(time, "sleep", pause),
            self._transaction() as env,
        ):
            Profile = env["contact.profile"]
            Profile.browse(merged)._merge_into(Profile.browse(kept))
            env.flush_all()
            worker = threading.Thread(target=send)
            worker.start()
            self.assertTrue(waits.wait(PATIENCE))
            env.cr.commit()  # pylint: disable=invalid-commit
            worker.join(PATIENCE)
        self.assertNotIn("error", found)
        self.assertEqual(len(found["passed"]), PEOPLE)

    def test_reservations_of_a_killed_worker(self):
        """They count until somebody takes them back, and then no more."""
        with self._transaction() as env:
            env["contact.policy"].browse(self.policy_id).rule_ids.window_value = 7
        self._decide_at_once()
        with self._transaction() as env:
            profiles = env["contact.profile"].browse(self.profile_ids)
            for answer in profiles.check_contact("email"):
                self.assertEqual(answer["decision"], "defer")
        with (
            patch.object(odoo.modules.module, "current_test", False),
            self._transaction() as env,
        ):
            env["contact.touch"]._cron_sweep()
        self.assertEqual(self._counted(), {})

    def test_sweeper_leaves_a_mailing_alone_that_is_being_sent(self):
        with (
            patch.object(odoo.modules.module, "current_test", False),
            self._transaction() as env,
        ):
            mailing = env["mailing.mailing"].browse(self.mailing_ids[0])
            gate = env["contact.gate"]
            with gate._sending(mailing) as cr:
                gate._pass(mailing, self.partner_ids, cr)
                with self._transaction() as other:
                    other["contact.touch"]._cron_sweep()
                self.assertEqual(len(self._counted()), PEOPLE)
