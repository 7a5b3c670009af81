from unittest.mock import patch

from odoo.tests import tagged

from .common import ADDON, StrategyCase
from .insight_common import InsightMixin

DUE_BATCH = f"odoo.addons.{ADDON}.models.insight.contact_signal_evaluate.DUE_BATCH"


@tagged("post_install", "-at_install")
class TestSignalDue(InsightMixin, StrategyCase):
    """Whoever was made by a statement is looked at by the next hourly run."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._prepare_insight()
        cls.new = [("email_normalized", "=like", "newcomer.%@strategy.test")]
        cls.helen = cls._create_persona("Helen", domain=repr(cls.new))
        cls.lead = cls.env.ref(f"{ADDON}.contact_journey_stage_lead")
        cls.lead.write({"is_automatic": True, "domain": repr(cls.new)})
        cls.env.flush_all()
        cls.env.cr.execute("UPDATE contact_profile SET is_signal_due = NULL")

    def _send_to_newcomers(self, count=3):
        """Mailing contacts that came in beside Odoo get their profiles in a send."""
        self.env.cr.execute(
            """
            INSERT INTO mailing_contact (name, email, email_normalized)
            SELECT 'Newcomer', email, email
              FROM (SELECT 'newcomer.' || number || '@strategy.test' AS email
                      FROM generate_series(1, %s) AS number) newcomer
         RETURNING id
            """,
            [count],
        )
        ids = [row[0] for row in self.env.cr.fetchall()]
        self.Profile._prepare_people("mailing.contact", ids)
        self.env.invalidate_all()
        return self.env["mailing.contact"].browse(ids).profile_id.sorted("id")

    def _due(self):
        return set(self.env["contact.signal"]._due_profile_ids())

    def test_concluded_by_the_next_run(self):
        people = self._send_to_newcomers()
        self.assertEqual(len(people), 3)
        self.assertFalse(people.persona_id)
        self.assertFalse(people.quality_check_ids)
        self.assertEqual(self._due(), set(people.ids))
        self.env["contact.signal"]._cron_evaluate()
        self.env.invalidate_all()
        self.assertEqual(people.persona_id, self.helen)
        self.assertEqual(people.journey_stage_id, self.lead)
        for person in people:
            self.assertIn("no_basis", self._faults(person))
            self.assertLess(person.quality_score, 100)
        self.assertFalse(self._due())

    def test_those_who_were_edited_as_well(self):
        """Whoever has another address, or was merged, is concluded about anew."""
        anna, bea = self._people(2)
        self.env.cr.execute("UPDATE contact_profile SET is_signal_due = NULL")
        self.env.invalidate_all()
        bea._merge_into(anna)
        self.env.flush_all()
        self.assertEqual(self._due(), set(anna.ids))
        self.env["contact.signal"]._cron_evaluate()
        self.assertFalse(self._due())

    def test_a_run_that_breaks_goes_on(self):
        """Whoever was not reached stays due; nobody is lost, nobody waits for ever."""
        people = self._send_to_newcomers()
        Model = self.env.registry["contact.profile"]
        conclude, reached = Model._after_due, []

        def break_at_second(profiles):
            if len(reached) == 1:
                raise RuntimeError("stopped")
            reached.append(profiles.ids)
            return conclude(profiles)

        self.startPatcher(patch(DUE_BATCH, 1))
        with (
            patch.object(Model, "_after_due", break_at_second),
            self.assertRaisesRegex(RuntimeError, "stopped"),
        ):
            self.env["contact.signal"]._cron_evaluate()
        self.assertEqual(self._due(), set(people[1:].ids))
        self.env["contact.signal"]._cron_evaluate()
        self.env.invalidate_all()
        self.assertEqual(people.persona_id, self.helen)
        self.assertTrue(all(person.persona_id for person in people))
        self.assertFalse(self._due())

    def test_as_many_queries_for_many_people(self):
        queries = []
        for count in (2, 30):
            self._send_to_newcomers(count)
            before = self.env.cr.sql_log_count
            self.env["contact.signal"]._cron_evaluate()
            self.env.flush_all()
            queries.append(self.env.cr.sql_log_count - before)
            self.env.cr.execute(
                "DELETE FROM mailing_contact WHERE email LIKE 'newcomer.%'"
            )
        self.assertFalse(self._due())
        self.assertLessEqual(queries[1], queries[0] + 2)
