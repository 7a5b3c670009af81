from contextlib import closing
from unittest.mock import patch

import psycopg2

from odoo import sql_db
from odoo.exceptions import ConcurrencyError
from odoo.tests import tagged

from odoo.addons.mass_mailing_contact_strategy.models.audience.contact_segment_actions import (  # noqa: E501
    ACTIONS_LOCK,
)

from .common import DAY, NOW
from .segment_member_common import MembersCase


@tagged("post_install", "-at_install")
class TestSegmentRaces(MembersCase):
    """Two do something at once: nobody's fault, so it is done again and not noted."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = cls._people(3)
        cls._score(cls.people, 30, 20, 10)

    def _kept(self, **vals):
        domain = [("engagement_score", ">=", 20), *self._of(self.people)]
        return self._segment("High", domain, kind="refreshed", **vals)

    def _version(self, segment):
        """Where the row lies: elsewhere after each update, whatever it says."""
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT ctid::text FROM contact_segment WHERE id = %s", [segment.id]
        )
        return self.env.cr.fetchone()[0]

    def _fail(self, name, error):
        return patch.object(
            self.env.registry["contact.segment"], name, autospec=True, side_effect=error
        )

    def _is_free(self):
        """Could somebody else run actions now?"""
        with closing(sql_db.db_connect(self.cr.dbname).cursor()) as other:
            other.execute("SELECT pg_try_advisory_xact_lock(%s)", [ACTIONS_LOCK])
            return other.fetchone()[0]

    def test_actions_run_one_after_the_other(self):
        """Two segments would wait for each other for ever: who leaves one enters the
        other, and the actions of both write the same rows in another order."""
        self._kept().action_refresh()
        self.assertTrue(self._is_free())
        action = self.env["ir.actions.server"].create(
            {
                "name": "Nothing",
                "model_id": self.env["ir.model"]._get_id("contact.profile"),
                "state": "code",
                "code": "pass",
            }
        )
        self._kept(enter_action_ids=action.ids).action_refresh()
        self.assertFalse(self._is_free())

    def test_the_request_is_made_again(self):
        segment = self._kept()
        for error in (
            psycopg2.errors.SerializationFailure,
            psycopg2.errors.DeadlockDetected,
            psycopg2.errors.ForeignKeyViolation,
            psycopg2.errors.UniqueViolation,
        ):
            with (
                self.subTest(error=error.__name__),
                self._fail("_take_members", error("at once")),
                self.assertRaises(ConcurrencyError),
            ):
                segment.action_refresh()
            self.assertFalse(segment.error)

    def test_the_cron_goes_on_with_the_others(self):
        segment = self._kept()
        with (
            self._fail("_take_members", psycopg2.errors.SerializationFailure("x")),
            patch.object(self.env.cr, "rollback") as rollback,
        ):
            self.assertFalse(segment._refresh_alone(NOW, full=True))
        rollback.assert_called_once()
        self.assertTrue(segment._refresh_alone(NOW, full=True))
        self.assertFalse(segment.error)

    def test_an_action_is_not_lost(self):
        action = self.env["ir.actions.server"].create(
            {
                "name": "Note it",
                "model_id": self.env["ir.model"]._get_id("contact.profile"),
                "state": "code",
                "code": "pass",
            }
        )
        segment = self._kept(enter_action_ids=action.ids)
        self._score(self.people[2:], 40)
        with (
            self._fail("_run_action", psycopg2.errors.SerializationFailure("x")),
            self.assertRaises(psycopg2.errors.SerializationFailure),
        ):
            segment._refresh(NOW + DAY, full=True)

    def test_a_second_edit_is_noticed_by_who_looks_at_everybody(self):
        """The segment is not known to be full already: its row must change again."""
        segment = self._kept()
        line = segment.condition_ids
        line.domain = repr(self._of(self.people))
        self.assertFalse(segment.full_date)
        version = self._version(segment)
        line.domain = repr(self._of(self.people[:1]))
        self.assertNotEqual(self._version(segment), version)

    def test_a_second_line_is_noticed(self):
        segment = self._kept()
        self._line(segment, "domain", domain=repr(self._of(self.people)))
        version = self._version(segment)
        line = self._line(segment, "domain", domain=repr(self._of(self.people[:1])))
        self.assertNotEqual(self._version(segment), version)
        version = self._version(segment)
        line.unlink()
        self.assertNotEqual(self._version(segment), version)
