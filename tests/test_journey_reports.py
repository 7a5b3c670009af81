from datetime import date, datetime

from odoo.tests import tagged

from .common import ADDON, DAY, NOW
from .journey_common import REASON, JourneyCase

TODAY = date(2026, 5, 12)


@tagged("post_install", "-at_install")
class TestJourneyReports(JourneyCase):
    """Flow, balance, velocity, conversion and cohorts of people on their way."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["contact.profile"].search([]).active = False
        travel = {
            "ann": [(cls.stranger, 40), (cls.lead, 30), (cls.customer, 10)],
            "ben": [(cls.stranger, 40), (cls.lead, 20)],
            "cid": [(cls.stranger, 5)],
            "dan": [(cls.stranger, 5), (cls.customer, 5), (cls.lead, 1)],
        }
        cls.people = cls.env["contact.profile"]
        for name, ((first, days), *steps) in travel.items():
            person = cls._create_traveller(first, NOW - days * DAY, name=name)
            for stage, days in steps:
                person._move_to_stage(stage, date=NOW - days * DAY, reason=REASON)
            cls.people += person
        cls.env.flush_all()

    def _balance(self, stage, day):
        return self.env["contact.journey.balance"].search(
            [("stage_id", "=", stage.id), ("date", "=", day)]
        )

    def test_balance(self):
        for stage, days, came, went, balance in (
            (self.stranger, 40, 2, 0, 2),
            (self.stranger, 39, 0, 0, 2),
            (self.stranger, 30, 0, 1, 1),
            (self.stranger, 5, 2, 1, 1),
            (self.lead, 30, 1, 0, 1),
            (self.lead, 20, 1, 0, 2),
            (self.lead, 10, 0, 1, 1),
            (self.lead, 1, 1, 0, 2),
            (self.customer, 5, 1, 0, 2),
            (self.customer, 1, 0, 1, 1),
        ):
            with self.subTest(stage=stage.name, days=days):
                self.assertRecordValues(
                    self._balance(stage, TODAY - days * DAY),
                    [{"in_count": came, "out_count": went, "balance": balance}],
                )
        self.assertFalse(self._balance(self.lead, TODAY - 31 * DAY))

    def test_balance_is_who_is_there(self):
        """Also after a merge, and without test addresses and archived people."""
        self.people[0]._merge_into(self.people[1])
        self.people[3].is_seed = True
        Balance = self.env["contact.journey.balance"]
        newest = max(Balance.search([]).mapped("date"))
        balance = {
            row.stage_id: row.balance
            for row in Balance.search([("date", "=", newest)])
            if row.balance
        }
        self.assertEqual(balance, {self.customer: 1, self.stranger: 1})

    def test_velocity(self):
        groups = self.env["contact.journey.move"]._read_group(
            [("profile_id", "in", self.people.ids)],
            ["from_stage_id"],
            ["days:avg", "__count"],
        )
        self.assertEqual(
            {stage: (days, count) for stage, days, count in groups},
            {
                self.stranger: ((10 + 20 + 0) / 3, 3),
                self.lead: (20, 1),
                self.customer: (4, 1),
            },
        )

    def test_funnel(self):
        """Who went further has passed a stage; the way back takes nothing away."""
        groups = self.env["contact.journey.reach"]._read_group(
            [], ["stage_id"], ["__count", "converted:avg"]
        )
        self.assertEqual(
            {stage: (count, round(share)) for stage, count, share in groups},
            {
                self.stranger: (4, 75),
                self.subscriber: (3, 100),
                self.lead: (3, 67),
                self.opportunity: (2, 100),
                self.customer: (2, 0),
            },
        )

    def test_funnel_without_detours(self):
        """Who is lost has not reached more for it."""
        self.people[1]._move_to_stage(self.lapsed)
        reached = self.env["contact.journey.reach"].search(
            [("profile_id", "=", self.people[1].id)]
        )
        self.assertEqual(reached.stage_id, self.stranger + self.subscriber + self.lead)

    def test_cohort(self):
        groups = self.env["contact.journey.reach"]._read_group(
            [("stage_id", "=", self.lead.id)], ["start_date:month"], ["__count"]
        )
        self.assertEqual(groups, [(date(2026, 4, 1), 2), (date(2026, 5, 1), 1)])

    def test_days_are_those_of_utc(self):
        self.people[2]._move_to_stage(
            self.customer, date=datetime(2026, 5, 11, 23, 59, 59)
        )
        self.assertEqual(self._balance(self.customer, date(2026, 5, 11)).in_count, 1)

    def test_marketing_users_read_them(self):
        user = self._create_user("reporter", f"{ADDON}.{ADDON}_group_user")
        for model in ("balance", "reach", "move"):
            Model = self.env[f"contact.journey.{model}"].with_user(user)
            self.assertTrue(Model.search([], limit=1).read())
            self.assertTrue(Model.formatted_read_group([], ["stage_id"], ["__count"]))
