from odoo.tests import tagged

from odoo.addons.mass_mailing_contact_strategy.models.identity.people import of_partners

from .common import DAY, NOW, GateCase


@tagged("post_install", "-at_install")
class TestPerformance(GateCase):
    """No query is per recipient."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_policy(
            cls._cap(1, 7),
            cls._cap(3, 1, "month", window_kind="calendar", count_per="inbox"),
            cls._gap(24),
            domain="[('email_normalized', '!=', False)]",
            sequence=1,
        )
        cls._create_policy(cls._cap(8, 30), is_guard=True, sequence=2)

    def _crowd(self, size):
        """Half of them have had enough."""
        partners = self._create_partners(size, prefix=f"crowd{size}", tz="UTC")
        self.env["contact.touch"].create(
            [
                {
                    "profile_id": partner.profile_id.id,
                    "address": partner.email_normalized,
                    "date": NOW - DAY,
                }
                for partner in partners[::2]
            ]
        )
        return partners

    def _count(self, function):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        function()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def _queries(self, prepare):
        """Numbers of queries for few and many, caches warm."""
        return [self._count(prepare(size)) for size in (10, 20, 200)][1:]

    def test_check_contact(self):
        def prepare(size):
            profiles = self._crowd(size).profile_id

            def ask():
                answers = profiles.check_contact("email", at=NOW)
                decisions = [answer["decision"] for answer in answers]
                self.assertEqual(decisions, ["defer", "send"] * (size // 2))

            return ask

        few, many = self._queries(prepare)
        self.assertEqual(few, many)
        self.assertLess(few, 40)

    def test_gate(self):
        def prepare(size):
            partners = self._crowd(size)
            mailing = self._create_mailing(partners)

            def decide():
                gate = self.env["contact.gate"]
                with gate._sending(mailing) as cr:
                    passed, _crowd = gate._pass(mailing, partners.ids, cr)
                self.assertEqual(passed, partners[1::2].ids)
                self.assertEqual(len(self._touches(mailing, "reserved")), size // 2)
                self.assertEqual(mailing.deferred_count, size // 2)

            return decide

        few, many = self._queries(prepare)
        self.assertEqual(few, many)
        self.assertLess(few, 60)

    def test_preflight(self):
        def prepare(size):
            mailing = self._create_mailing(self._crowd(size))

            def look():
                result = mailing._preflight()
                self.assertEqual(
                    (result["total"], result["now"], result["later"], result["not"]),
                    (size, size // 2, size // 2, 0),
                )

            return look

        few, many = self._queries(prepare)
        self.assertEqual(few, many)

    def test_reasons_of_many_holds(self):
        def prepare(size):
            mailing = self._create_mailing(self._crowd(size))
            self._launch(mailing)

            def read():
                reasons = mailing.hold_ids.mapped("reason")
                self.assertEqual(len(reasons), size // 2)
                self.assertTrue(all(reasons))

            return read

        few, many = self._queries(prepare)
        self.assertLessEqual(many - few, 5)

    def test_settling(self):
        def prepare(size):
            mailing = self._create_mailing(self._crowd(size))
            self._launch(mailing)
            traces = mailing.mailing_trace_ids
            return lambda: traces.set_opened()

        few, many = self._queries(prepare)
        self.assertLessEqual(many - few, 5)

    def test_history_outside_the_windows_costs_nothing(self):
        """The ledger is read through its index, from the windows' beginning."""
        partners = self._crowd(20)
        mailing = self._create_mailing(partners)
        Engine = self.env["contact.policy.engine"]
        plan = Engine._plan(mailing._contact_message())
        people = of_partners(partners.ids)
        seen = []
        self.patch(
            type(self.env.cr),
            "execute",
            self._spy(type(self.env.cr).execute, seen),
        )
        Engine._decide(plan, people, NOW)
        counting = [query for query in seen if "FROM contact_touch" in query]
        self.assertTrue(counting)
        for query in counting:
            self.assertIn("t.date >=", query)

    @staticmethod
    def _spy(execute, seen):
        def spy(cursor, query, *args, **kwargs):
            seen.append(getattr(query, "code", query))
            return execute(cursor, query, *args, **kwargs)

        return spy
