from datetime import timedelta

from odoo.fields import Command
from odoo.tests import tagged

from .common import NOW
from .segment_common import SegmentCase


@tagged("post_install", "-at_install")
class TestSegmentFields(SegmentCase):
    """What fields mean in a line: negations, texts, dates that move."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = cls._people(5)
        cls.anna, cls.bert, cls.carl, cls.dora, cls.emil = cls.people
        cls.anna.partner_id.city = "Álesund"
        cls.bert.partner_id.city = "Oslo"
        cls.without_partner = cls.env["contact.profile"].create(
            {"email_normalized": "nobody@strategy.test"}
        )
        cls.people |= cls.without_partner

    def _fields(self, domain, **vals):
        return {"kind": "domain", "domain": repr(domain), **vals}

    def test_negation_over_paths(self):
        """People without a value, and without the record, are in the negation."""
        oslo = ("partner_id.city", "=", "Oslo")
        no_city = self.people - self.anna - self.bert
        for domain, expected in (
            ([("partner_id.city", "!=", "Oslo")], self.people - self.bert),
            ([("partner_id.city", "not in", ["Oslo"])], self.people - self.bert),
            ([("partner_id.city", "not ilike", "oSL")], self.people - self.bert),
            (["!", oslo], self.people - self.bert),
            ([("partner_id.city", "=", False)], no_city),
            ([("partner_id.city", "!=", False)], self.anna | self.bert),
            ([("partner_id.city", "in", [False, "Oslo"])], self.people - self.anna),
            ([("partner_id.city", "not in", [False, "Oslo"])], self.anna),
            ([("partner_id.is_company", "=", False)], self.people),
            ([("partner_id.is_company", "!=", True)], self.people),
        ):
            segment = self._create_segment(self._fields(domain))
            self.assertMembers(segment, expected)
            segment.condition_ids.is_negated = True
            self.assertMembers(segment, self.people - expected)

    def test_contains(self):
        """Case and accents do not matter where the user says "contains"."""
        for text in ("ALES", "ále", "\u00c5lesund"):
            segment = self._create_segment(
                self._fields([("partner_id.city", "ilike", text)])
            )
            self.assertMembers(segment, self.anna)
        self.bert.partner_id.name = "Zoë Müller"
        for name in ("partner_id", "name", "partner_id.name"):
            segment = self._create_segment(self._fields([(name, "ilike", "zoe mull")]))
            self.assertMembers(segment, self.bert)

    def test_dates_of_the_unit(self):
        """It is tomorrow already in Auckland, for a reader in Honolulu, too."""
        self.env.company.partner_id.tz = "Pacific/Auckland"
        moments = {
            self.anna: NOW.replace(hour=11, minute=59),  # 23:59 there
            self.bert: NOW.replace(hour=12),
            self.carl: NOW + timedelta(hours=27),  # midnight: the day after
        }
        for person, moment in moments.items():
            self._date(person, moment)
        at = NOW.replace(hour=13)
        segment = self._create_segment(
            self._fields(
                [
                    ("journey_stage_date", ">=", "today"),
                    ("journey_stage_date", "<", "today +1d"),
                ]
            ),
            company_id=self.env.company.id,
        )
        for tz in ("Pacific/Honolulu", "Europe/Oslo"):
            reader = self.env.user
            reader.tz = tz
            self.assertMembers(segment.with_user(reader), self.bert, at=at)
        day = self._fields([("journey_stage_date", "=", "2026-05-12")])
        segment.condition_ids = [Command.clear(), Command.create(day)]
        self.assertMembers(segment, self.anna, at=at)

    def _date(self, person, moment):
        person.flush_recordset()
        self.env.cr.execute(
            "UPDATE contact_profile SET journey_stage_date = %s WHERE id = %s",
            [moment, person.id],
        )

    def test_broken(self):
        """A field that is gone, and a domain that is none, are said with the line."""
        anyone = {"kind": "persona", "is_empty": True}
        segment = self._create_segment(anyone, self._fields([("persona_id", "=", 1)]))
        for domain in ("[('x_gone', '=', 1)]", "[(", "[('name', '~', 1)]"):
            self.env.cr.execute(
                "UPDATE contact_segment_condition SET domain = %s WHERE id = %s",
                [domain, segment.condition_ids[1].id],
            )
            self.env.invalidate_all()
            self.assertProblem(segment, "Line 2")

    def test_field_is_gone(self):
        """Which field is said, and of what: not in the words of a program."""
        segment = self._create_segment(self._fields([("persona_id", "=", 1)]))
        for domain, words in (
            ("[('x_gone', '=', 1)]", ("“x_gone”", "“Contact Profile”")),
            ("['!', ('partner_id.x_gone', '=', 1)]", ("“x_gone”", "“Contact”")),
            (
                "[('partner_id', 'any', [('country_id.x_gone', '!=', 1)])]",
                ("“x_gone”", "“Country”"),
            ),
        ):
            self.env.cr.execute(
                "UPDATE contact_segment_condition SET domain = %s WHERE id = %s",
                [domain, segment.condition_ids.id],
            )
            self.env.invalidate_all()
            with self.subTest(domain):
                self.assertProblem(segment, "Line 1, Fields: there is no", *words)
                self.assertNotIn("in condition", segment.problem)
