"""Heavy questions on a second, read-only connection to the database."""

from unittest.mock import patch

import psycopg2

import odoo
from odoo import sql_db
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.mass_mailing_contact_strategy.models.delivery import replica

from .committed_common import CommittedSendCase


class Unreachable:
    """A replica whose server is gone."""

    def cursor(self):
        raise psycopg2.OperationalError("connection refused")


@tagged("post_install", "-at_install", "contact_concurrency")
class TestScalingReplica(CommittedSendCase):
    """Real connections and commits: the test removes what it makes."""

    def setUp(self):
        super().setUp()
        with self._committed_people(6, "replica") as (maker, partners):
            for partner in partners[:2]:
                maker._create_touch(partner.profile_id, odoo.fields.Datetime.now())
            self._keep(maker._create_mailing(partners))
        self._set_replica(sql_db.db_connect(self.cr.dbname, readonly=True))
        self.startPatcher(patch.object(odoo.modules.module, "current_test", False))
        self.startPatcher(
            patch.object(
                self.registry["res.partner"],
                "_answer",
                lambda _partner: _partner.env.cr.readonly,
                create=True,
            )
        )

    def _set_replica(self, connection):
        self.startPatcher(patch.object(self.registry, "_db_readonly", connection))
        self.startPatcher(patch.object(self.registry, "_db_readonly_failed_time", None))

    def _was_replica(self, env):
        return replica.ask_replica(env["res.partner"], "_answer")

    def test_the_replica_answers(self):
        with self._transaction() as env:
            self.assertTrue(self._was_replica(env))

    def test_a_preflight_there_says_the_same(self):
        """And writes nothing: the connection would refuse it."""
        with self._transaction() as env:
            mailing = env["mailing.mailing"].browse(self.mailing_ids)
            with self.assertNoLogs(replica.__name__, "INFO"):
                answer = replica.ask_replica(mailing, "_preflight")
            self.assertEqual(answer["total"], 6)
            self.assertEqual(answer["later"], 2)
            here = mailing._preflight()
            self.assertEqual(
                {**answer, "lines": len(answer["lines"])},
                {**here, "lines": len(here["lines"])},
            )

    def test_who_has_written_asks_the_primary(self):
        """The replica cannot know what is not committed."""
        with self._transaction() as env:
            env["res.partner"].browse(self.partner_ids[0]).name = "Changed"
            self.assertFalse(self._was_replica(env))

    def test_what_was_just_committed_is_known(self):
        with self._transaction() as env:
            env["res.partner"].browse(self.partner_ids[0]).name = "Changed"
            env.cr.commit()  # pylint: disable=invalid-commit
            self.assertTrue(self._was_replica(env))

    def test_a_method_that_writes_is_asked_again(self):
        def writing(partners):
            partners.write({"name": "Written"})
            partners.flush_recordset()
            return partners.env.cr.readonly

        with (
            patch.object(self.registry["res.partner"], "_answer", writing),
            mute_logger("odoo.sql_db"),
            self._transaction() as env,
        ):
            partner = env["res.partner"].browse(self.partner_ids[0])
            self.assertFalse(replica.ask_replica(partner, "_answer"))
        with self._transaction() as env:
            partner = env["res.partner"].browse(self.partner_ids[0])
            self.assertEqual(partner.name, "Written")

    def test_a_replica_that_lags_is_not_asked(self):
        with (
            patch.object(replica, "_has_caught_up", lambda _cr, _position: False),
            self._transaction() as env,
        ):
            self.assertFalse(self._was_replica(env))

    def test_a_replica_that_is_gone_is_not_missed(self):
        self._set_replica(Unreachable())
        with mute_logger("odoo.registry"), self._transaction() as env:
            self.assertFalse(self._was_replica(env))

    def test_without_a_replica_nothing_is_different(self):
        self._set_replica(None)
        with self._transaction() as env:
            self.assertFalse(self._was_replica(env))
