from datetime import date, datetime
from unittest.mock import patch
from zoneinfo import ZoneInfo

from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from .common import DAY, NOW, SECOND, GateCase


@tagged("post_install", "-at_install")
class TestWishSmallPrint(GateCase):
    """What people say of themselves, value by value; links, days, and two in one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("nl_NL")
        cls.anna = cls._create_person("anna", tz="Europe/Oslo", city="Oslo")
        cls.partner = cls.anna.partner_id
        cls.reader = (
            cls.env["mailing.contact"]
            .create([{"name": "Rita", "email": "rita@strategy.test"}])
            .profile_id
        )

    # ------------------------------------------------------------
    # Data
    # ------------------------------------------------------------

    def test_what_can_be_corrected(self):
        self.assertEqual(
            self.anna._get_correctable(),
            {
                "name": self.partner.name,
                "lang": self.partner.lang,
                "tz": "Europe/Oslo",
                "city": "Oslo",
            },
        )
        self.assertEqual(
            self.reader._get_correctable(), {"name": "Rita", "lang": False, "tz": False}
        )
        self.reader.mailing_contact_ids.unlink()
        rita = self.reader.exists() or self._create_seed()
        self.assertNotIn("name", rita._get_correctable())

    def _create_seed(self):
        """Somebody of whom only the address is known."""
        return self.env["contact.profile"].create(
            {"email_normalized": "seed@strategy.test", "is_seed": True}
        )

    def test_what_is_not_one_readers(self):
        firm = self.env["res.partner"].create({"name": "Firm", "is_company": True})
        self.partner.parent_id = firm
        self.assertNotIn("city", self.anna._get_correctable())
        self.assertIn("name", self.anna._get_correctable())
        self.partner.write({"parent_id": False, "is_company": True})
        self.assertEqual(self.anna._get_correctable(), {})
        self.partner.is_company = False
        new_test_user(self.env, "wish_login", partner_id=self.partner.id)
        self.env.invalidate_all()
        self.assertEqual(self.anna._get_correctable(), {})

    def test_correcting(self):
        old, new = self.anna._correct(
            {"name": "  Anna   B. ", "tz": "Asia/Tokyo", "lang": "nl_NL", "city": ""}
        )
        self.assertEqual(
            new, {"name": "Anna B.", "tz": "Asia/Tokyo", "lang": "nl_NL", "city": False}
        )
        self.assertEqual(old["tz"], "Europe/Oslo")
        self.assertEqual(set(old), set(new))
        self.assertEqual(self.partner.name, "Anna B.")
        self.assertEqual((self.anna.tz, self.anna.lang), ("Asia/Tokyo", "nl_NL"))
        self.assertEqual((self.partner.tz, self.partner.city), ("Asia/Tokyo", False))

    def test_one_value_leaves_the_others(self):
        self.anna._correct({"city": "Bergen"})
        self.assertEqual(self.partner.city, "Bergen")
        self.assertEqual(self.anna.tz, "Europe/Oslo")
        self.assertTrue(self.partner.name)

    def test_nonsense_is_left_out(self):
        before = self.anna._get_correctable()
        for name, value in (
            ("name", "  "),
            ("name", False),
            ("tz", "Mars/Olympus"),
            ("lang", "xx_XX"),
            ("city", "a\0b"),
            ("email", "other@strategy.test"),
            ("tz", "Europe/Oslo"),  # as it is
        ):
            self.assertEqual(self.anna._correct({name: value}), ({}, {}), (name, value))
        self.assertEqual(self.anna._get_correctable(), before)
        self.anna._correct({"city": "x" * 300})
        self.assertEqual(len(self.partner.city), 200)

    def test_a_reader_corrects_the_name(self):
        self.reader._correct({"name": "Rita R.", "tz": "Asia/Tokyo"})
        self.assertEqual(self.reader.mailing_contact_ids.name, "Rita R.")
        self.assertEqual(self.reader.tz, "Asia/Tokyo")
        self.reader._correct({"lang": "nl_NL"})
        self.assertEqual(self.reader.mailing_contact_ids.name, "Rita R.")
        self.assertEqual(self.reader.lang, "nl_NL")

    # ------------------------------------------------------------
    # The link
    # ------------------------------------------------------------

    def _open(self, email, mailing_id=False):
        token = self.anna._sign_preferences(email, mailing_id)
        return self.env["contact.profile"]._open_preferences(token)

    def test_who_is_behind_a_link(self):
        own = self.anna.email_normalized
        mailing = self._create_mailing(self.partner)
        self.assertEqual(self._open(own, mailing.id), (self.anna, own, mailing))
        nothing = self.env["mailing.mailing"]
        self.assertEqual(self._open(own), (self.anna, own, nothing))
        self.assertEqual(self._open(False), (self.anna, "", nothing))
        # the address belongs to somebody else by now
        theirs = self.reader.email_normalized
        self.assertEqual(self._open(theirs)[0], self.reader)
        for wrong in ("", "no token", "a.b.c"):
            found = self.env["contact.profile"]._open_preferences(wrong)
            self.assertEqual(found, (self.anna.browse(), "", nothing), wrong)

    def test_who_got_a_mailing(self):
        mailing = self._create_mailing(self.partner)
        find = self.env["contact.profile"]._of_recipient
        own = self.anna.email_normalized
        self.assertEqual(find(mailing, self.partner.id, own.upper()), self.anna)
        self.assertEqual(find(mailing, self.partner.id, False), self.anna)
        self.assertFalse(find(mailing, self.partner.id, "gone@strategy.test"))

    # ------------------------------------------------------------
    # What is said
    # ------------------------------------------------------------

    def _blacklisted(self):
        return self.env["mail.blacklist"].search_count(
            [("email", "=", self.anna.email_normalized)]
        )

    def test_odoos_blacklist_hears_it(self):
        change = self.anna._hear({"is_stopped": True})
        self.assertEqual(self._blacklisted(), 1)
        self.assertTrue(change.after["is_blacklisted"])
        self.assertFalse(change.before["is_blacklisted"])
        self.anna._hear({"max_touches": 1, "period": "week"})
        self.assertEqual(self._blacklisted(), 1)
        self.anna._hear({"is_stopped": False})
        self.assertEqual(self._blacklisted(), 0)
        entry = (
            self.env["mail.blacklist"]
            .with_context(active_test=False)
            .search([("email", "=", self.anna.email_normalized)])
        )
        self.assertIn("<p>Said on the preference page</p>", entry.message_ids[0].body)

    def test_only_the_last_change_is_taken_back(self):
        first = self.anna._hear({"max_touches": 1, "period": "week"})
        self.env.invalidate_all()
        last = self.anna._hear({"max_touches": 2})
        self.env.invalidate_all()
        nothing = self.env["contact.wish.change"]
        self.assertEqual(self.anna._undo(nothing), nothing)
        self.assertEqual(self.anna._undo(first), nothing)
        self.assertEqual(self.anna.wish_ids.max_touches, 2)
        undone = self.anna._undo(last)
        self.env.invalidate_all()
        self.assertTrue(undone)
        self.assertEqual(self.anna.wish_ids.max_touches, 1)
        # what was taken back, or said by others, is not taken back
        self.assertEqual(self.anna._undo(undone), nothing)

    # ------------------------------------------------------------
    # Two people are one
    # ------------------------------------------------------------

    def test_the_tighter_holds(self):
        bert = self._create_person("bert")
        self.anna._hear({"max_touches": 3, "period": "week", "is_stopped": True})
        bert._hear({"max_touches": 5, "period": "month"})
        both = self.anna.wish_ids | bert.wish_ids
        tightest = both._tightest()
        self.assertEqual((tightest["max_touches"], tightest["period"]), (3, "month"))
        self.assertTrue(tightest["is_stopped"])
        kept = bert.wish_ids
        self.anna._merge_into(bert)
        self.env.invalidate_all()
        self.assertEqual(bert.wish_ids, kept, "the row of whom stays")
        self.assertEqual(kept.max_touches, 3)
        self.assertTrue(kept.is_stopped)
        self.assertGreater(len(kept.change_ids), 2, "the history of both")

    def test_a_wish_of_whom_is_gone(self):
        bert = self._create_person("bert")
        other = self._create_person("cora")
        self.anna._hear({"max_touches": 3, "period": "week"})
        other._hear({"max_touches": 2, "period": "week"})
        (self.anna | other)._merge_into(bert)
        self.env.invalidate_all()
        self.assertEqual(bert.wish_ids.max_touches, 2)

    # ------------------------------------------------------------
    # Days
    # ------------------------------------------------------------

    def test_days_begin_where_people_live(self):
        self.assertEqual(self.anna._get_zone(), ZoneInfo("Europe/Oslo"))
        self.assertEqual(
            self.anna._start_of_day(date(2026, 7, 1)), datetime(2026, 6, 30, 22)
        )
        # Clocks jumped from midnight to one: the day began an hour later.
        self.anna.tz = "America/Sao_Paulo"
        start = self.anna._start_of_day(date(2018, 11, 4))
        self.assertEqual(start, datetime(2018, 11, 4, 3))
        self.assertEqual(self.anna._day_of(start), date(2018, 11, 4))
        self.assertEqual(self.anna._day_of(start - SECOND), date(2018, 11, 3))

    def test_the_companys_clock(self):
        company = self.env["res.company"].create({"name": "Tokyo"})
        company.partner_id.tz = "Asia/Tokyo"
        self.reader.company_id = company
        self.assertEqual(self.reader._get_zone(), ZoneInfo("Asia/Tokyo"))

    # ------------------------------------------------------------
    # Who may be written to soon
    # ------------------------------------------------------------

    def test_share_of_a_segment(self):
        share = self.env["contact.segment"]._share_allowed
        self.assertIsNone(share([], NOW))
        bert, cora = self._create_person("bert"), self._create_person("cora")
        people = (self.anna | bert | cora).ids
        self.assertEqual(share(people, NOW), 1)
        self._create_policy(self._cap(1, 14))
        self._create_touch(bert, NOW - 7 * DAY)  # free in exactly a week
        self._create_touch(cora, NOW - 6 * DAY)  # a day later
        self.assertAlmostEqual(share(people, NOW), 2 / 3)
        with patch.object(
            type(self.anna), "check_contact", side_effect=UserError("unreadable")
        ):
            self.assertIsNone(share(people, NOW))

    def test_what_is_left_is_said_by_the_tightest(self):
        policy = self._create_policy(self._cap(5, 30), self._cap(3, 7))
        self._create_touch(self.anna, NOW - DAY)
        lines = self.anna._prepare_allowance_lines()[self.anna.id]
        email = next(line for line in lines if line["channel"] == self.email.name)
        self.assertEqual((email["left"], email["maximum"]), (2, 3))
        self.assertIn("7 days", email["rule"])
        self.assertFalse(email["moment"])
        policy.rule_ids.max_touches = 1
        lines = self.anna._prepare_allowance_lines()[self.anna.id]
        email = next(line for line in lines if line["channel"] == self.email.name)
        self.assertEqual((email["left"], email["decision"]), (0, "defer"))
        self.assertTrue(email["moment"])
        self.assertIn("At most 1 touch", email["rule"])
