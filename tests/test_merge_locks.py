import threading
import time

from odoo import fields
from odoo.tests import tagged

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
            self.partner_ids, self.mailing_id = partners.ids, mailing.id
        self.addCleanup(self._remove)

    def _remove(self):
        with self._transaction() as env:
            env["mailing.mailing"].browse(self.mailing_id).unlink()
            partners = env["res.partner"].browse(self.partner_ids)
            profiles = partners.profile_id
            partners.unlink()
            profiles.exists().unlink()

    def _merge(self):
        try:
            with self._transaction() as env:
                env.cr.execute("SELECT pg_backend_pid()")
                self.pid = env.cr.fetchone()[0]
                source = env["contact.profile"].browse(self.source_id)
                source._merge_into(env["contact.profile"].browse(self.target_id))
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

    def test_gate_goes_on_while_a_merge_waits(self):
        self.pid, self.error = 0, None
        merge = threading.Thread(target=self._merge)
        with self.registry.cursor() as cr:
            cr.execute(
                "SELECT FROM contact_profile WHERE id = %s FOR KEY SHARE",
                [self.source_id],
            )
            merge.start()
            self._wait_for_the_merge(cr)
            cr.execute(
                "UPDATE contact_hold SET state = 'deferred' WHERE profile_id = %s",
                [self.source_id],
            )
            self.assertEqual(cr.rowcount, 1)
            cr.commit()  # pylint: disable=invalid-commit
        merge.join(PATIENCE)
        self.assertFalse(merge.is_alive())
        # The hold has changed beside the merge: Odoo repeats such a request. What
        # must not happen is that the two wait for each other.
        if self.error:
            self.assertEqual(getattr(self.error, "pgcode", None), "40001", self.error)
