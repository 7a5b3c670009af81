from unittest.mock import patch

import odoo
from odoo import SUPERUSER_ID, api
from odoo.tests import tagged

from .committed_common import CommittedSendCase

PEOPLE = 6
BATCH = 2


class Broken(Exception):
    """Making the messages fails."""


@tagged("post_install", "-at_install", "contact_concurrency")
class TestGateBatches(CommittedSendCase):
    """Making the messages fails in the middle: the rest keep their allowance.

    Real connections and commits: so the data is made, and removed, by the test itself.
    """

    def setUp(self):
        super().setUp()
        with self._committed_people(PEOPLE, "batch") as (maker, partners):
            self._keep(maker._create_mailing(partners))

    def _send(self, fails_in_batch):
        """Send for real, but hand nothing to a mail server."""
        Mail = self.registry["mail.mail"]
        create = Mail.create
        batches = []

        def failing(mails, vals_list):
            batches.append(len(vals_list))
            if len(batches) == fails_in_batch:
                raise Broken
            return create(mails, vals_list)

        def send(mails, auto_commit=False, **_options):
            if auto_commit:
                mails.env.cr.commit()  # pylint: disable=invalid-commit

        with (
            patch.object(odoo.modules.module, "current_test", False),
            patch.object(self.registry["mail.compose.message"], "_batch_size", BATCH),
            patch.object(Mail, "create", failing),
            patch.object(Mail, "send", send),
            self.registry.cursor() as cr,
        ):
            env = api.Environment(cr, SUPERUSER_ID, {})
            try:
                env["mailing.mailing"].browse(self.mailing_ids).action_send_mail()
            except Broken:
                cr.rollback()
                return batches
        return batches

    def _states(self):
        with self._transaction() as env:
            touches = env["contact.touch"].search(
                [("mailing_id", "in", self.mailing_ids)], order="id"
            )
            states = [(touch.state, bool(touch.trace_id)) for touch in touches]
            free = [
                answer["decision"] == "send"
                for answer in env["contact.profile"]
                .browse(self.profile_ids)
                .check_contact("email")
            ]
        return states, free

    def assertGivenBack(self, fails_in_batch):
        """Only those with a message have used up allowance."""
        self.assertEqual(len(self._send(fails_in_batch)), fails_in_batch)
        made = BATCH * (fails_in_batch - 1)
        states, free = self._states()
        self.assertEqual(states.count(("reserved", True)), made)
        self.assertNotIn(("reserved", False), states)
        self.assertEqual(free.count(True), PEOPLE - made)

    def test_failure_in_the_first_batch(self):
        self.assertGivenBack(1)

    def test_failure_in_the_second_batch(self):
        self.assertGivenBack(2)

    def test_failure_in_the_last_batch(self):
        self.assertGivenBack(3)

    def test_next_run_goes_on_where_it_stopped(self):
        self._send(2)
        self._send(99)
        states, free = self._states()
        alive = [traced for state, traced in states if state == "reserved"]
        self.assertEqual(alive, [True] * PEOPLE)
        self.assertNotIn(True, free)
