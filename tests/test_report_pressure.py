from datetime import date, datetime

from odoo.fields import Command
from odoo.tests import tagged

from .common import NOW
from .report_common import ReportCase

THIS, LAST = date(2026, 5, 11), date(2026, 5, 4)


@tagged("post_install", "-at_install")
class TestReportPressure(ReportCase):
    """How many people got how many touches in a week."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_touch(cls.anna, datetime(2026, 5, 11, 8))
        cls._create_touch(cls.anna, NOW, channel_id=cls.sms.id)
        cls._create_touch(cls.anna, datetime(2026, 5, 4))
        cls._create_touch(cls.anna, datetime(2026, 5, 10, 23, 59, 59))
        cls._create_touch(cls.ben, datetime(2026, 5, 5, 8))
        cls._create_touch(cls.cid, NOW, category_id=cls.transactional.id)
        cls._create_touch(cls.cid, NOW, state="failed")
        cls.env.flush_all()
        cls.Pressure = cls.env["contact.pressure"]

    def _people(self, domain=(), user=None):
        """{(week, touches, channel): names}."""
        found = {}
        domain = [("profile_id", "in", self.people.ids), *domain]
        for row in self.Pressure.with_user(user or self.env.user).search(domain):
            key = (row.week, row.touches, row.channel_id.name or row.company_id.name)
            found[key] = found.get(key, set()) | {row.profile_id.sudo().name}
        return found

    def test_distribution(self):
        self.assertEqual(
            self._people([("week", ">=", LAST)]),
            {
                (THIS, "0", False): {"ben", "cid"},
                (THIS, "2", False): {"anna"},
                (LAST, "0", False): {"cid"},
                (LAST, "1", False): {"ben"},
                (LAST, "2", False): {"anna"},
            },
        )

    def test_counted(self):
        groups = self.Pressure._read_group(
            [("week", ">=", LAST), ("profile_id", "in", self.people.ids)],
            ["touches"],
            ["people_count:sum", "touch_count:sum"],
        )
        self.assertEqual(groups, [("0", 3, 0), ("1", 1, 1), ("2", 2, 4)])

    def test_each_channel(self):
        self.assertEqual(
            self._people([("scope", "=", "channel"), ("week", "=", THIS)]),
            {
                (THIS, "1", self.email.name): {"anna"},
                (THIS, "1", self.sms.name): {"anna"},
            },
        )

    def test_many(self):
        """The last number is “so many or more”."""
        for hour in range(9):
            self._create_touch(self.ben, datetime(2026, 5, 12, hour))
        self.env.flush_all()
        row = self.Pressure.search(
            [("profile_id", "=", self.ben.id), ("week", "=", THIS)]
        )
        self.assertRecordValues(row, [{"touches": "7", "touch_count": 9}])

    def test_who_was_not_known_yet_did_not_get_nothing(self):
        new = self._create_person("new")  # now, which is after both weeks
        self.env.flush_all()
        domain = [("profile_id", "=", new.id), ("week", ">=", LAST)]
        self.env.cr.execute(
            "UPDATE contact_profile SET create_date = %s WHERE id = %s",
            [datetime(2026, 5, 11), new.id],
        )
        self.assertEqual(self.Pressure.search(domain).mapped("week"), [THIS])

    def test_rows_are_found_again(self):
        """By their ids, of every scope, and they open the person."""
        for scope in ("all", "channel", "unit"):
            rows = self.Pressure.search(
                [("scope", "=", scope), ("profile_id", "=", self.anna.id)]
            )
            self.assertEqual(len(set(rows.ids)), len(rows))
            before = rows.read(["week", "touch_count", "scope"])
            self.env.invalidate_all()
            self.assertEqual(rows.read(["week", "touch_count", "scope"]), before)
            self.assertEqual(
                {row.action_open_person()["res_id"] for row in rows}, {self.anna.id}
            )

    def test_segment(self):
        segment = self.env["contact.segment"].create({"name": "Only Anna"})
        segment.condition_ids = [
            Command.create({"kind": "domain", "domain": repr([("name", "=", "anna")])})
        ]
        found = self._people(
            [("profile_id.segment_ids", "in", segment.ids), ("week", "=", THIS)]
        )
        self.assertEqual(found, {(THIS, "2", False): {"anna"}})

    def test_other_units(self):
        """Neither their people, nor what they sent to people of all."""
        self._create_touch(self.ben, NOW, company_id=self.unit.id)
        self.cid.partner_id.company_id = self.unit
        self._create_touch(self.cid, NOW)
        self.env.flush_all()
        self.assertEqual(
            self._people([("week", "=", THIS)], self.user),
            {(THIS, "0", False): {"ben"}, (THIS, "2", False): {"anna"}},
        )
        by_unit = [("scope", "=", "unit"), ("week", "=", THIS)]
        name = self.env.company.name
        self.assertEqual(
            self._people(by_unit, self.user), {(THIS, "2", name): {"anna"}}
        )

    def test_empty(self):
        self.env.cr.execute("DELETE FROM contact_touch")
        self.assertFalse(self.Pressure.search([]))
