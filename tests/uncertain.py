"""Mailings that really leave: real commits, real connections, a real mail server."""

import contextlib
import os
import signal
import time
import unittest
from unittest.mock import patch

import odoo
from odoo import sql_db

from . import smtp
from .common import CommittedCase

PEOPLE = 3
PATIENCE = 60  # seconds
SMTP_TIMEOUT = 1.5  # seconds
NOISY = (
    "odoo.addons.mail.models.mail_mail",
    "odoo.sql_db",
    "odoo.addons.mass_mailing_contact_strategy.models.delivery.mailing_mailing_queue",
)


@unittest.skipUnless(smtp.Controller, "aiosmtpd is not there")
class LeavingCase(CommittedCase):
    """The data is committed, and removed, by the test itself."""

    def setUp(self):
        super().setUp()
        self.port, self.server = self.enterContext(smtp.serve())
        self.startPatcher(patch.object(odoo.modules.module, "current_test", False))
        self.startPatcher(
            patch("odoo.addons.base.models.ir_mail_server.SMTP_TIMEOUT", SMTP_TIMEOUT)
        )
        with self._transaction() as env:
            self._prepare(env)
        self.addCleanup(self._remove)
        self.a, self.b, self.c = self.addresses[:3]

    def _prepare(self, env):
        maker = self._make_with(env)
        maker._prepare_strategy()
        env["ir.config_parameter"].set_param("mail.mail.force.send.limit", 0)
        mail_server = env["ir.mail_server"].create(
            {
                "name": "Test",
                "smtp_host": smtp.HOST,
                "smtp_port": self.port,
                "smtp_encryption": "none",
            }
        )
        partners = maker._create_partners(PEOPLE, prefix="leaving")
        policy = maker._create_policy(maker._cap(1))
        mailing = maker._create_mailing(
            partners,
            mail_server_id=mail_server.id,
            email_from="us@strategy.test",
            state="in_queue",
        )
        self.addresses = partners.mapped("email")
        self.partner_ids = partners.ids
        self.profile_ids = partners.profile_id.ids
        self.records = [mailing, policy, mail_server]

    def _remove(self):
        with self._transaction() as env:
            mailing = self._mailing(env)
            self._mails(env).unlink()
            mailing.mailing_trace_ids.unlink()
            for record in self.records:
                record.with_env(env).unlink()
            profiles = env["contact.profile"].browse(self.profile_ids).exists()
            profiles.touch_ids.unlink()
            env["contact.hold"].search([("profile_id", "in", profiles.ids)]).unlink()
            env["res.partner"].browse(self.partner_ids).exists().unlink()
            profiles.exists().unlink()
            env["ir.config_parameter"].set_param("mail.mail.force.send.limit", False)
            env.cr.execute("DELETE FROM contact_handover")

    def _mailing(self, env):
        return self.records[0].with_env(env)

    def _mails(self, env):
        return env["mail.mail"].search([("mailing_id", "=", self.records[0].id)])

    def _make_messages(self):
        """The gate decides and the messages are made; they wait in the mail queue."""
        with self._transaction() as env:
            self._mailing(env)._action_send_mail()

    def _run_mail_queue(self):
        with self._transaction() as env:
            mails = self._mails(env)
            mails.filtered("scheduled_date").scheduled_date = False
            env.cr.commit()  # pylint: disable=invalid-commit
            env["mail.mail"].process_email_queue(mails.ids)

    def _sweep(self):
        with self._transaction() as env:
            env["contact.touch"]._cron_sweep()

    def _die_while_sending(self, where, patches=()):
        """Run the mail queue in a process of its own, which is killed in the method
        ``where`` of mail.mail."""
        pid = os.fork()
        if not pid:
            with contextlib.suppress(BaseException):
                self._live_and_die(where, patches)
            os._exit(1)
        deadline = time.monotonic() + PATIENCE
        status = 0
        while time.monotonic() < deadline:
            done, status = os.waitpid(pid, os.WNOHANG)
            if done:
                break
            time.sleep(0.05)
        else:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        self.assertEqual(os.WTERMSIG(status), signal.SIGKILL, "it was not killed")

    def _live_and_die(self, where, patches):
        # Connections of the parent are not ours to use or to close.
        self._inherited = (sql_db._Pool, sql_db._Pool_readonly, self.registry._db)
        sql_db._Pool = sql_db._Pool_readonly = None
        self.registry._db = sql_db.db_connect(self.registry.db_name)

        def die(*_args, **_kwargs):
            os.kill(os.getpid(), signal.SIGKILL)

        with contextlib.ExitStack() as stack:
            for patcher in patches:
                stack.enter_context(patcher)
            stack.enter_context(patch.object(self.registry["mail.mail"], where, die))
            self._run_mail_queue()

    def _outcomes(self):
        """{address: (trace status, touch state, uncertain)} by now."""
        with self._transaction() as env:
            touches = env["contact.touch"].search(
                [("profile_id", "in", self.profile_ids)]
            )
            return {
                touch.address: (
                    touch.trace_id.trace_status,
                    touch.state,
                    touch.is_uncertain,
                )
                for touch in touches
            }

    def _marks(self):
        with self._transaction() as env:
            return env["contact.handover"].search_count([])
