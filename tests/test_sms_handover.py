from unittest.mock import patch

import odoo
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import CommittedCase
from .sms_common import GATEWAY, SmsCase

PEOPLE = 3
SENT = ("pending", "sent", False)
LOST = ("process", "sent", True)
WAITING = ("outgoing", "reserved", False)


class Killed(BaseException):
    """Stands for a process that dies: nothing after it is done but a rollback."""


@tagged("post_install", "-at_install", "contact_concurrency")
class TestSmsHandover(CommittedCase):
    """Text messages that really leave: real commits, real connections."""

    def setUp(self):
        super().setUp()
        if "sms_id_int" not in self.env["mailing.trace"]._fields:
            self.skipTest("mass_mailing_sms is not installed")
        from odoo.addons.sms.tools.sms_api import SmsApi

        self.numbers = []
        self.meanwhile = lambda: None
        self.startPatcher(patch.object(odoo.modules.module, "current_test", False))
        self.startPatcher(
            patch.object(
                SmsApi,
                "_contact_iap",
                lambda _api, endpoint, params, **_options: self._take(endpoint, params),
            )
        )
        with self._transaction() as env:
            self._prepare(env)
        self.addCleanup(self._remove)
        with self._transaction() as env:
            self._mailing(env)._action_send_mail()

    def _prepare(self, env):
        maker = self._make_with(env)
        self.archived_ids = env["contact.policy"].search([]).ids
        maker._prepare_strategy()
        partners = maker._create_partners(PEOPLE, prefix="texted")
        for index, partner in enumerate(partners):
            partner.phone = SmsCase._number(500 + index)
        self.partner_ids, self.profile_ids = partners.ids, partners.profile_id.ids
        self.policy_id = maker._create_policy(maker._cap(1)).id
        self.mailing_id = maker._create_mailing(
            partners, mailing_type="sms", body_plaintext="Hello", state="in_queue"
        ).id

    def _remove(self):
        with self._transaction() as env:
            mailing = self._mailing(env)
            env["sms.sms"].search([("mailing_id", "=", mailing.id)]).unlink()
            mailing.mailing_trace_ids.unlink()
            mailing.unlink()
            env["contact.policy"].browse(self.policy_id).unlink()
            env["contact.policy"].browse(self.archived_ids).action_unarchive()
            profiles = env["contact.profile"].browse(self.profile_ids).exists()
            profiles.touch_ids.unlink()
            env["res.partner"].browse(self.partner_ids).exists().unlink()
            profiles.exists().unlink()
            env.cr.execute("DELETE FROM contact_handover")

    def _take(self, endpoint, params):
        """The provider takes what it is given."""
        self.assertEqual(endpoint, GATEWAY)
        given = [to for message in params["messages"] for to in message["numbers"]]
        self.numbers += [to["number"] for to in given]
        self.meanwhile()
        return [{"uuid": to["uuid"], "state": "success"} for to in given]

    def _mailing(self, env):
        return env["mailing.mailing"].browse(self.mailing_id)

    def _run_sms_queue(self):
        with self._transaction() as env:
            env["sms.sms"]._process_queue()

    def assertOutcomes(self, expected):
        with self._transaction() as env:
            touches = env["contact.touch"].search(
                [("mailing_id", "=", self.mailing_id)]
            )
            self.assertEqual(len(touches), PEOPLE)
            for touch in touches:
                found = (
                    touch.trace_id.trace_status,
                    touch.state,
                    touch.is_uncertain,
                )
                self.assertEqual(found, expected)

    def _marks(self):
        with self._transaction() as env:
            return env["contact.handover"].search_count([])

    def test_all_goes_well(self):
        self.assertOutcomes(WAITING)
        self._run_sms_queue()
        self.assertOutcomes(SENT)
        self.assertEqual(len(self.numbers), PEOPLE)
        self.assertFalse(self._marks())

    def _die(self, where, model="sms.tracker"):
        def die(*_args, **_kwargs):
            raise Killed

        with (
            patch.object(self.registry[model], where, die),
            self.assertRaises(Killed),
        ):
            self._run_sms_queue()

    def test_killed_after_the_provider_took_them(self):
        self._die("_update_sms_traces")
        self.assertEqual(len(self.numbers), PEOPLE)
        self.assertEqual(self._marks(), PEOPLE)
        self._run_sms_queue()
        self.assertEqual(len(self.numbers), PEOPLE, "somebody got it twice")
        self.assertOutcomes(LOST)
        self.assertFalse(self._marks())
        with self._transaction() as env:
            self.assertEqual(self._mailing(env).uncertain_count, PEOPLE)

    def test_killed_before_they_are_marked(self):
        self._die("_mark_all", "contact.handover")
        self.assertOutcomes(WAITING)
        self._run_sms_queue()
        self.assertOutcomes(SENT)
        self.assertEqual(len(self.numbers), PEOPLE)

    def test_odoo_alone_sends_twice(self):
        """The proof that the test would notice."""
        stock = patch.object(
            self.registry["sms.sms"],
            "_hand_over",
            lambda messages, options: messages._send_as_odoo(options),
        )
        with stock:
            self._die("_update_sms_traces")
            self._run_sms_queue()
        self.assertEqual(len(self.numbers), 2 * PEOPLE)

    def test_others_at_work_at_the_same_moment(self):
        """Nobody can make the outcome fail, and nobody sends what is being sent."""

        def meanwhile():
            self.meanwhile = lambda: None
            with self._transaction() as env:
                env["sms.sms"]._process_queue()
                env["contact.touch"]._cron_sweep()

        self.meanwhile = meanwhile
        self._run_sms_queue()
        self.assertOutcomes(SENT)
        self.assertEqual(len(self.numbers), PEOPLE)

    def test_a_mailing_that_is_still_being_sent_does_not_end(self):
        """Its next messages are being made: killed now, nobody would make them."""
        with self._transaction() as env:
            with env["contact.gate"]._sending(self._mailing(env)):
                self._run_sms_queue()
            env.cr.rollback()
            self.assertOutcomes(SENT)
            self.assertEqual(self._mailing(env).state, "in_queue")
        with self._transaction() as env:
            env["mailing.mailing"]._process_mass_mailing_queue()
        with self._transaction() as env:
            self.assertEqual(self._mailing(env).state, "done")

    @mute_logger("odoo.sql_db")
    def test_two_queues_one_after_the_other(self):
        for _again in range(2):
            self._run_sms_queue()
        self.assertEqual(len(self.numbers), PEOPLE)
