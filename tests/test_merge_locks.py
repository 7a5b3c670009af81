import threading
import time

from odoo import fields
from odoo.tests import tagged
from odoo.tools import SQL

from .common import CommittedCase

PATIENCE = 20  # seconds


@tagged("post_install", "-at_install", "contact_concurrency")
class TestMergeLocks(CommittedCase):
    """Whoever locks a person first, as the gate does, goes on while a merge waits.

    A merge that moved the holds before it locked the people had what the gate needs,
    and waited for what the gate had.
    """

    def setUp(self):
        super().setUp()
        with self._transaction() as env:
            maker = self._make_with(env)
            maker._prepare_strategy()
            partners = maker._create_partners(2, prefix="merged")
            mailing = maker._create_mailing(partners)
            self.target_id, self.source_id = partners.profile_id.ids
            env["contact.hold"].create(
                {
                    "mailing_id": mailing.id,
                    "profile_id": self.source_id,
                    "res_model": "res.partner",
                    "res_id": partners[1].id,
                    "date": fields.Datetime.now(),
                    "decision": "hold",
                    "state": "held",
                }
            )
            self.touch_id = maker._create_touch(
                partners[1].profile_id, fields.Datetime.now()
            ).id
            self.partner_ids, self.mailing_id = partners.ids, mailing.id
        self.addCleanup(self._remove)

    def _remove(self):
        with self._transaction() as env:
            env["mailing.mailing"].browse(self.mailing_id).unlink()
            env["contact.touch"].browse(self.touch_id).unlink()
            partners = env["res.partner"].browse(self.partner_ids).exists()
            profiles = partners.profile_id
            partners.unlink()
            profiles.exists().unlink()

    def _merge_people(self, env):
        source = env["contact.profile"].browse(self.source_id)
        source._merge_into(env["contact.profile"].browse(self.target_id))

    def _merge_contacts(self, env):
        target = env["res.partner"].browse(self.partner_ids[0])
        wizard = env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge(self.partner_ids, target)

    def _merge(self, merge):
        try:
            with self._transaction() as env:
                env.cr.execute("SELECT pg_backend_pid()")
                self.pid = env.cr.fetchone()[0]
                merge(env)
        except BaseException as error:  # noqa: BLE001, reported by the test
            self.error = error

    def _wait_for_the_merge(self, cr):
        """Until the merge waits for this transaction."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            cr.execute(
                "SELECT pg_backend_pid() = ANY(pg_blocking_pids(%s))", [self.pid]
            )
            if cr.fetchone()[0]:
                return
            time.sleep(0.02)
        raise AssertionError("the merge never waited")

    def _go_on_while_it_waits(self, merge, first, then):
        """Have what the statement ``first`` locks, let the merge wait for it, and do
        ``then``."""
        self.pid, self.error = 0, None
        merge = threading.Thread(target=self._merge, args=[merge])
        with self.registry.cursor() as cr:
            cr.execute(first)
            merge.start()
            self._wait_for_the_merge(cr)
            cr.execute(then)
            self.assertEqual(cr.rowcount, 1)
            cr.commit()  # pylint: disable=invalid-commit
        merge.join(PATIENCE)
        self.assertFalse(merge.is_alive())
        # What is merged has changed beside it: Odoo repeats such a request. What
        # must not happen is that the two wait for each other.
        if self.error:
            self.assertEqual(getattr(self.error, "pgcode", None), "40001", self.error)

    def test_gate_goes_on_while_a_merge_waits(self):
        self._go_on_while_it_waits(
            self._merge_people,
            SQL(
                "SELECT FROM contact_profile WHERE id = %s FOR KEY SHARE",
                self.source_id,
            ),
            SQL(
                "UPDATE contact_hold SET state = 'deferred' WHERE profile_id = %s",
                self.source_id,
            ),
        )

    def test_sender_goes_on_while_a_merge_waits(self):
        """A message refers to its contact first, and to the touch when it is made."""
        self._go_on_while_it_waits(
            self._merge_contacts,
            SQL(
                "SELECT FROM res_partner WHERE id = %s FOR KEY SHARE",
                self.partner_ids[1],
            ),
            SQL("UPDATE contact_touch SET note = 'x' WHERE id = %s", self.touch_id),
        )

    def test_evaluation_goes_on_while_a_merge_waits(self):
        """It writes a hit first, and says a tag of the person afterwards."""
        with self._transaction() as env:
            signal = env["contact.signal"].with_context(active_test=False)
            env.cr.execute(
                "INSERT INTO contact_signal_hit (signal_id, profile_id, value)"
                " VALUES (%s, %s, 1)",
                [signal.search([], limit=1).id, self.source_id],
            )
        self._go_on_while_it_waits(
            self._merge_people,
            SQL(
                "UPDATE contact_signal_hit SET value = 2 WHERE profile_id = %s",
                self.source_id,
            ),
            SQL(
                "SELECT FROM contact_profile WHERE id = %s FOR KEY SHARE",
                self.source_id,
            ),
        )
