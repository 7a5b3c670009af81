import threading
from unittest.mock import patch

import psycopg2

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import HOUR
from .uncertain import NOISY, PATIENCE, LeavingCase

SENT = ("sent", "sent", False)
WAITS = ("outgoing", "reserved", False)
UNCERTAIN = ("process", "sent", True)
FAILED = ("error", "failed", False)


@tagged("post_install", "-at_install", "contact_concurrency")
class TestUncertainHandover(LeavingCase):
    """A message is sent at most once, and nobody is without an outcome."""

    def _expect(self, **expected):
        """Outcome of each person; what the server took, it took once."""
        addresses = {"a": self.a, "b": self.b, "c": self.c}
        self.assertEqual(
            self._outcomes(),
            {addresses[name]: value for name, value in expected.items()},
        )
        self.assertLessEqual(max(self.server.taken.values(), default=0), 1)

    def _deliver(self, **behaviour):
        self._make_messages()
        addresses = {"a": self.a, "b": self.b, "c": self.c}
        self.server.behaviour = {
            addresses[name]: value for name, value in behaviour.items()
        }
        with mute_logger(*NOISY):
            self._run_mail_queue()

    def _again(self):
        """Whatever may run by itself runs, twice; the server behaves again."""
        self.server.behaviour = {}
        for _time in range(2):
            self._sweep()
            self._run_mail_queue()

    def test_all_goes_well(self):
        self._deliver()
        self._expect(a=SENT, b=SENT, c=SENT)
        self.assertEqual(set(self.server.taken), set(self.addresses))
        self.assertEqual(self._marks(), 0)

    def test_each_inbox_gets_its_own_message_after_a_merge(self):
        """Two contacts are merged while their messages wait in the queue."""
        self._make_messages()
        with self._transaction() as env:
            kept, other = self.partner_ids[:2]
            env["base.partner.merge.automatic.wizard"].create(
                {"partner_ids": [(6, 0, [kept, other])], "dst_partner_id": kept}
            ).action_merge()
        self._run_mail_queue()
        self.assertEqual(dict(self.server.taken), dict.fromkeys(self.addresses, 1))
        self._expect(a=SENT, b=SENT, c=SENT)

    def test_what_waited_counts_from_when_it_leaves(self):
        """Also for whoever decides while the message is being handed over."""
        self._make_messages()
        with self._transaction() as env:
            env.cr.execute(
                "UPDATE contact_touch SET date = date - interval '2 days'"
                " WHERE profile_id = ANY(%s)",
                [self.profile_ids],
            )
        seen = {}

        def look(address):
            with self.registry.cursor() as cr:
                cr.execute(
                    "SELECT date FROM contact_touch"
                    " WHERE address = %s AND state = 'reserved'",
                    [address],
                )
                (seen[address],) = cr.fetchone()

        self.server.on_data = look
        before = fields.Datetime.now()
        self._run_mail_queue()
        self._expect(a=SENT, b=SENT, c=SENT)
        self.assertEqual(set(seen), set(self.addresses))
        self.assertGreaterEqual(min(seen.values()), before)

    def test_the_sweeper_dates_what_waits_when_nobody_decides(self):
        """The gate passes rows by that somebody has locked."""
        self._make_messages()
        sweeper = threading.Thread(target=self._sweep)
        with self._transaction() as env, env["contact.gate"]._deciding(env.cr):
            sweeper.start()
            sweeper.join(1)
            self.assertTrue(sweeper.is_alive())
            with self._transaction() as other:
                other.cr.execute(
                    "SELECT id FROM contact_touch WHERE profile_id = ANY(%s)"
                    " FOR UPDATE SKIP LOCKED",
                    [self.profile_ids],
                )
                self.assertEqual(other.cr.rowcount, 3)
        sweeper.join(PATIENCE)
        self.assertFalse(sweeper.is_alive())

    def test_clear_refusals_are_failures(self):
        self._deliver(a="refuse", b="greylist", c="refuse_data")
        self._expect(a=FAILED, b=FAILED, c=FAILED)
        self._again()
        self._expect(a=FAILED, b=FAILED, c=FAILED)
        self.assertFalse(self.server.taken)
        self.assertEqual(self._marks(), 0)

    def test_connection_lost_before_the_text(self):
        """Certainly not sent: tried again."""
        self._deliver(a="drop_rcpt")
        self._expect_that_all_wait()

    def test_silence_before_the_text(self):
        self._deliver(a="hang_rcpt")
        self._expect_that_all_wait()

    def _expect_that_all_wait(self):
        """... and the one in trouble lets the others go first."""
        self._expect(a=WAITS, b=WAITS, c=WAITS)
        with self._transaction() as env:
            mails = self._mails(env).sorted("id")
            self.assertEqual(mails.mapped("state"), ["outgoing"] * 3)
            self.assertEqual(
                [bool(mail.scheduled_date) for mail in mails], [True, False, False]
            )
        self._again()
        self._expect(a=SENT, b=SENT, c=SENT)

    def test_never_for_ever(self):
        """After a day of broken connections a message has failed."""
        self._make_messages()
        with self._transaction() as env:
            env.cr.execute(
                "UPDATE mail_mail SET create_date = create_date - interval '2 days'"
                " WHERE id = ANY(%s)",
                [self._mails(env).ids],
            )
        self.server.behaviour = {self.a: "drop_rcpt"}
        with mute_logger(*NOISY):
            self._run_mail_queue()
        self._expect(a=FAILED, b=WAITS, c=WAITS)

    def test_connection_lost_after_the_text(self):
        """Nobody knows: not sent again by itself; the others are."""
        self._deliver(b="drop_data")
        self._expect(a=SENT, b=UNCERTAIN, c=WAITS)
        self._again()
        self._expect(a=SENT, b=UNCERTAIN, c=SENT)
        self.assertEqual(self.server.taken[self.b], 1)
        with self._transaction() as env:
            mailing = self._mailing(env)
            self.assertEqual(mailing.state, "done")
            self.assertEqual(mailing.uncertain_count, 1)
            mailing.action_retry_failed()
        self._again()
        self._expect(a=SENT, b=UNCERTAIN, c=SENT)

    def test_no_answer_and_an_answer_that_nobody_understands(self):
        self._deliver(a="hang_data")
        self._expect(a=UNCERTAIN, b=WAITS, c=WAITS)
        self.server.behaviour = {self.b: "babble"}
        with mute_logger(*NOISY):
            self._run_mail_queue()
        self._expect(a=UNCERTAIN, b=UNCERTAIN, c=SENT)
        self._again()
        self._expect(a=UNCERTAIN, b=UNCERTAIN, c=SENT)

    def test_killed_after_acceptance(self):
        self._make_messages()
        self._die_while_sending("_postprocess_sent_message")
        self.assertEqual(sum(self.server.taken.values()), 1)
        self._again()
        self._expect(a=UNCERTAIN, b=SENT, c=SENT)
        self.assertEqual(self._marks(), 0)

    def test_killed_while_it_is_made(self):
        """Nothing has left: it is simply sent."""
        self._make_messages()
        self._die_while_sending("_prepare_outgoing_list")
        self.assertFalse(self.server.taken)
        self._again()
        self._expect(a=SENT, b=SENT, c=SENT)

    def test_odoo_alone_sends_twice(self):
        """The counter-proof: the same death without our mark."""
        MailMail = self.registry["mail.mail"]

        def stock():
            return patch.object(
                MailMail, "_filter_guarded", lambda mails: mails.browse()
            )

        self._make_messages()
        self._die_while_sending("_postprocess_sent_message", [stock()])
        with stock():
            self._again()
        self.assertEqual(self.server.taken[self.a], 2)

    def test_database_lost_after_acceptance(self):
        """PostgreSQL goes away between the server's answer and our commit."""
        self._make_messages()
        with self._transaction() as env:
            mail_ids = self._mails(env).ids
        self.server.on_data = lambda _address: self._cut(sender)
        with (
            mute_logger(*NOISY),
            self.assertRaises(psycopg2.Error),
            self._transaction() as env,
        ):
            sender = env.cr._cnx.get_backend_pid()
            env["mail.mail"].process_email_queue(mail_ids)
            env.cr.execute("SELECT 1")
        self.server.on_data = None
        self.assertEqual(sum(self.server.taken.values()), 1)
        self._again()
        self._expect(a=UNCERTAIN, b=SENT, c=SENT)

    def _cut(self, pid):
        with self._transaction() as env:
            env.cr.execute("SELECT pg_terminate_backend(%s)", [pid])

    def test_others_at_work_at_the_same_moment(self):
        """A second worker, the sweeper and the gate meet a message on its way."""
        self._make_messages()
        busy = []

        def meet(_address):
            if not busy:
                busy.append(True)
                self._sweep()
                self._run_mail_queue()
                with self._transaction() as env:
                    soon = env.cr.now().replace(microsecond=0) + HOUR
                    env["contact.touch"]._keep_waiting_current(soon, self.profile_ids)

        self.server.on_data = meet
        self._run_mail_queue()
        self._expect(a=SENT, b=SENT, c=SENT)
        self.assertEqual(set(self.server.taken.values()), {1})

    def test_immediate_sending(self):
        """Small mailings leave with the button, within the making of the messages."""
        with self._transaction() as env:
            env["ir.config_parameter"].set_param("mail.mail.force.send.limit", 100)
        self.server.behaviour = {self.b: "drop_data"}
        with mute_logger(*NOISY), self._transaction() as env:
            mailing = self._mailing(env).with_context(contact_strategy_queue=True)
            mailing._action_send_mail()
        self._expect(a=SENT, b=UNCERTAIN, c=WAITS)
        self._again()
        self._expect(a=SENT, b=UNCERTAIN, c=SENT)
