from datetime import datetime, timedelta

from odoo.tests import tagged

from .common import DAY, NOW
from .segment_common import SegmentCase


@tagged("post_install", "-at_install")
class TestSegmentBehaviours(SegmentCase):
    """What people did, and did not: by the engine of signals."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["contact.touch"].search([]).unlink()
        cls.people = cls._people(4)
        cls.anna, cls.bert, cls.carl, cls.dora = cls.people
        cls.touch_model = cls.env["ir.model"]._get_id("contact.touch")

    def _did(self, **vals):
        return {
            "kind": "behaviour",
            "model_id": self.touch_model,
            "person_path": "profile_id",
            "date_path": "date",
            "comparison": ">=",
            "threshold": 1,
            **vals,
        }

    def _touches(self, person, *days, **vals):
        for day in days:
            self._create_touch(person, NOW - day * DAY, cost=10, **vals)

    def assertDid(self, expected, **vals):
        """These did so, and the others are in the negation."""
        segment = self._create_segment(self._did(**vals))
        self.assertMembers(segment, expected)
        segment.condition_ids.is_negated = True
        self.assertMembers(segment, self.people - expected)

    def test_zero(self):
        """Fewer than so many includes those of whom there is no record."""
        self._touches(self.anna, 1, 2, 3)
        self._touches(self.bert, 1)
        nobody = self.carl | self.dora
        for comparison, threshold, expected in (
            (">=", 1, self.anna | self.bert),
            (">=", 2, self.anna),
            ("<", 1, nobody),
            ("<=", 0, nobody),
            ("<", 2, nobody | self.bert),
            ("<=", 3, self.people),
            (">=", 0, self.people),
            (">", 0, self.anna | self.bert),
        ):
            asked = {"comparison": comparison, "threshold": threshold}
            self.assertDid(expected, **asked)
        between = {"comparison": "between", "threshold": 0, "threshold_to": 1}
        self.assertDid(nobody | self.bert, **between)
        spent = {"aggregate": "sum", "value_path": "cost"}
        self.assertDid(nobody | self.bert, comparison="<", threshold=20, **spent)
        self.assertDid(self.anna, comparison=">", threshold=20, **spent)
        # of a time that never was nothing is true
        self.assertDid(self.bert | self.anna, aggregate="latest", comparison="<=")
        average = {"aggregate": "average", "value_path": "cost"}
        self.assertDid(self.anna | self.bert, comparison="<", threshold=20, **average)

    def test_of_the_last(self):
        """2 of the last 3 that were sent, whatever came before."""
        for person, answers in (
            (self.anna, (True, True, False, False)),  # the latest first
            (self.bert, (True, False, False, True)),
            (self.carl, (True, True)),
        ):
            for day, opened in enumerate(answers):
                self._touches(person, day + 1, opened=opened, note="mail")
        self._touches(self.bert, 0, opened=True, note="call")
        asked = {
            "domain": "[('opened', '=', True)]",
            "among_domain": "[('note', '=', 'mail')]",
            "last_records": 3,
        }
        self.assertDid(self.anna | self.carl, threshold=2, **asked)
        self.assertDid(self.bert | self.dora, comparison="<", threshold=2, **asked)
        self.assertDid(self.anna | self.bert | self.carl, threshold=1, **asked)
        within = {**asked, "window_value": 1, "window_unit": "day"}
        self.assertDid(self.Profile, threshold=1, **within)
        spread = {**asked, "aggregate": "sum", "value_path": "cost"}
        self.assertDid(self.anna | self.carl, threshold=20, **spread)

    def test_days_of_the_unit(self):
        """From one day to another, both included, by the clock of the unit."""
        self.env.company.partner_id.tz = "Pacific/Auckland"  # UTC+12
        self.env.user.tz = "Pacific/Honolulu"
        for person, moment in (
            (self.anna, datetime(2026, 5, 1, 11, 59, 59)),
            (self.bert, datetime(2026, 5, 1, 12)),  # the 2nd begins
            (self.carl, datetime(2026, 5, 4, 11, 59, 59)),  # the 4th ends
            (self.dora, datetime(2026, 5, 4, 12)),
        ):
            self._create_touch(person, moment)
        days = {"date_from": "2026-05-02", "date_to": "2026-05-04"}
        self.assertDid(self.bert | self.carl, **days)
        self.assertDid(self.people - self.anna, date_from="2026-05-02")
        self.assertDid(self.people - self.dora, date_to="2026-05-04")

    def test_unit(self):
        """A segment of a unit counts its records, and those of no unit."""
        other = self.env["res.company"].create({"name": "Other"})
        for person, company in (
            (self.anna, self.env.company),
            (self.bert, other),
            (self.carl, other.browse()),
        ):
            self._touches(person, 1, company_id=company.id)
        for company, expected in (
            (self.env.company, self.anna | self.carl),
            (other, self.bert | self.carl),
            (other.browse(), self.anna | self.bert | self.carl),
        ):
            segment = self._create_segment(self._did(), company_id=company.id)
            self.assertMembers(segment, expected)

    def test_clicked_a_link(self):
        """Clicked a link whose address contains something."""
        mailing = self._create_mailing(self.people.partner_id)
        for person, url in (
            (self.anna, "https://shop.test/Écran"),
            (self.bert, "https://shop.test/boats"),
        ):
            trace = self.env["mailing.trace"].create(
                {
                    "mass_mailing_id": mailing.id,
                    "model": "res.partner",
                    "res_id": person.partner_id.id,
                    "email": person.email_normalized,
                }
            )
            link = self.env["link.tracker"].create({"url": url, "title": url})
            self.env["link.tracker.click"].create(
                {"link_id": link.id, "mailing_trace_id": trace.id}
            )
        asked = {
            "model_id": self.env["ir.model"]._get_id("link.tracker.click"),
            "person_path": "mailing_trace_id.email",
            "date_path": "create_date",
            "domain": "[('link_id.url', 'ilike', 'ecran')]",
        }
        at = datetime.now() + timedelta(days=1)
        segment = self._create_segment(self._did(**asked))
        self.assertMembers(segment, self.anna, at=at)
        # whose mail it was is known by the ledger
        other = self.env["res.company"].create({"name": "Other"})
        trace = self.env["mailing.trace"].search(
            [("email", "=", self.anna.email_normalized)]
        )
        touches = self.env["contact.touch"].search([("trace_id", "=", trace.id)])
        touches.trace_id = False
        self._create_touch(self.anna, NOW, trace_id=trace.id, company_id=other.id)
        for company, expected in (
            (self.env.company, self.Profile),
            (other, self.anna),
        ):
            segment.company_id = company
            self.assertMembers(segment, expected, at=at)

    def test_gone(self):
        """Records whose app is gone are a problem, and match nobody."""
        segment = self._create_segment(self._did())
        segment.condition_ids.flush_recordset()
        self.env.cr.execute(
            "UPDATE contact_segment_condition SET model_name = 'x.gone'"
        )
        self.env.invalidate_all()
        self.assertProblem(segment, "Line 1", "gone")
        self.env.cr.execute(
            "UPDATE contact_segment_condition"
            " SET model_name = 'contact.touch', date_path = 'x_gone'"
        )
        self.env.invalidate_all()
        self.assertProblem(segment, "Line 1", "x_gone")

    def test_numbers(self):
        """What people are ranked by."""
        self._touches(self.anna, 1, 2)
        self._touches(self.bert, 3)
        segment = self._create_segment(self._did(aggregate="latest"))
        line = segment.condition_ids
        rows = self.env.execute_query(line._sql_numbers(NOW))
        self.assertEqual(dict(rows), {self.anna.id: 1, self.bert.id: 3})
