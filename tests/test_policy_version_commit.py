from psycopg2.errors import SerializationFailure

from odoo import SUPERUSER_ID, api
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import CommittedCase


@tagged("post_install", "-at_install", "contact_concurrency")
class TestPolicyVersionCommit(CommittedCase):
    """Versions with real transactions. The data is made, and removed, by the test."""

    def setUp(self):
        super().setUp()
        with self._transaction() as env:
            maker = self._make_with(env)
            policy = maker._create_policy(maker._cap(2), maker._gap(24), active=False)
            self.policy_id = policy.id
            self.cap_id, self.gap_id = policy.rule_ids.ids
        self.addCleanup(self._remove)

    def _remove(self):
        with self._transaction() as env:
            policy = env["contact.policy"].browse(self.policy_id)
            policy.version_ids.unlink()
            policy.unlink()

    def _numbers(self):
        with self._transaction() as env:
            policy = env["contact.policy"].browse(self.policy_id)
            return sorted(policy.version_ids.mapped("number"))

    def test_one_for_each_commit(self):
        self.assertEqual(self._numbers(), [1])
        for maximum in (3, 4):
            with self._transaction() as env:
                rule = env["contact.policy.rule"].browse(self.cap_id)
                rule.max_touches = 9
                with env.cr.savepoint():
                    rule.max_touches = maximum
                rule.policy_id.is_guard = maximum == 3
        self.assertEqual(self._numbers(), [1, 2, 3])

    def test_what_is_rolled_back_is_no_version(self):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            env["contact.policy.rule"].browse(self.cap_id).max_touches = 3
            cr.flush()
            cr.rollback()
        self.assertEqual(self._numbers(), [1])

    @mute_logger("odoo.sql_db")
    def test_two_at_a_time(self):
        """Also where they change different rules: the second begins again, as Odoo
        does by itself, and neither number is given twice."""
        with self.registry.cursor() as first, self.registry.cursor() as second:
            rules = [
                api.Environment(cr, SUPERUSER_ID, {})["contact.policy.rule"].browse(id_)
                for cr, id_ in ((first, self.cap_id), (second, self.gap_id))
            ]
            for rule in rules:
                self.assertTrue(rule.window_value)  # each sees the world of now
            rules[0].max_touches = 3
            first.commit()  # pylint: disable=invalid-commit
            rules[1].window_value = 48
            with self.assertRaises(SerializationFailure):
                second.flush()
            second.rollback()
        self.assertEqual(self._numbers(), [1, 2])
