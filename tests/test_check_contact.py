from datetime import datetime

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import ADDON, DAY, HOUR, NOW, SECOND, StrategyCase


@tagged("post_install", "-at_install")
class TestCheckContact(StrategyCase):
    def test_without_policies_everybody_may_be_written_to(self):
        person = self._create_person()
        for hours in range(50):
            self._create_touch(person, NOW - hours * HOUR)
        self.assertSend(person)

    def test_shape_and_order_of_the_answer(self):
        policy = self._create_policy(self._cap(1))
        people = self._create_person("b") + self._create_person("a")
        touch = self._create_touch(people[0], NOW - DAY)
        first, second = self._check(people)
        self.assertEqual(
            set(first) & {"profile_id", "decision", "next_allowed", "reasons"},
            {"profile_id", "decision", "next_allowed", "reasons"},
        )
        self.assertEqual([first["profile_id"], second["profile_id"]], people.ids)
        self.assertEqual(first["next_allowed"], NOW + 6 * DAY)
        self.assertEqual(second["decision"], "send")
        (reason,) = first["reasons"]
        self.assertEqual(reason["touch_ids"], touch.ids)
        self.assertEqual(reason["rule_id"], policy.rule_ids.id)
        self.assertIn("At most 1 touch in any 7 days", reason["message"])
        backwards = self._check(people[::-1])
        self.assertEqual([a["profile_id"] for a in backwards], people[::-1].ids)

    def test_asking_changes_nothing(self):
        self._create_policy(self._cap(1))
        person = self._create_person()
        before = self.env["contact.touch"].search_count([])
        for _again in range(3):
            self.assertSend(person)
        self.assertEqual(self.env["contact.touch"].search_count([]), before)
        self.assertFalse(self.env["contact.hold"].search([]))

    def test_exactly_as_old_as_the_window_is_free(self):
        self._create_policy(self._cap(2))
        person = self._create_person()
        self._create_touch(person, NOW - 7 * DAY)
        self._create_touch(person, NOW - 7 * DAY + SECOND)
        self.assertSend(person)
        self._create_touch(person, NOW - DAY)
        self.assertDefer(person, NOW + SECOND)

    def test_touches_that_used_the_allowance_up(self):
        """The newest ones, as many as the rule allows, newest first."""
        self._create_policy(self._cap(2))
        person = self._create_person()
        touches = [self._create_touch(person, NOW - days * DAY) for days in (5, 1, 3)]
        answer = self.assertDefer(person, NOW + 4 * DAY)
        self.assertEqual(
            answer["reasons"][0]["touch_ids"], [touches[1].id, touches[2].id]
        )

    def test_gap(self):
        self._create_policy(self._gap(24))
        person = self._create_person()
        self._create_touch(person, NOW - DAY)
        self.assertSend(person)
        self._create_touch(person, NOW - DAY + SECOND)
        self.assertDefer(person, NOW + SECOND)

    def test_every_rule_that_says_no_is_named(self):
        """All must agree; the strictest wins."""
        policy = self._create_policy(
            self._cap(1, 7), self._cap(5, 30), self._gap(2, "day")
        )
        person = self._create_person()
        self._create_touch(person, NOW - DAY)
        answer = self.assertDefer(person, NOW + 6 * DAY)
        self.assertEqual(
            {reason["rule_id"] for reason in answer["reasons"]},
            {policy.rule_ids[0].id, policy.rule_ids[2].id},
        )

    def test_one_rule_that_leaves_out_is_enough(self):
        self._create_policy(self._cap(1, 7), self._gap(2, "day", on_exceed="hold"))
        person = self._create_person()
        self._create_touch(person, NOW - DAY)
        answer = self.assertHold(person)
        self.assertEqual(len(answer["reasons"]), 2)
        self.assertEqual(answer["next_allowed"], NOW + 6 * DAY)

    def test_channels_and_categories(self):
        self._create_policy(
            self._cap(1, channel_ids=self.email.ids),
            self._cap(1, 8, category_ids=self.promotion.ids),
        )
        for vals, channel, category, decision in (
            ({"channel_id": self.email.id}, "email", None, "defer"),
            ({"channel_id": self.email.id}, "sms", None, "send"),
            ({"channel_id": self.sms.id}, "email", None, "send"),
            ({"channel_id": self.sms.id}, "sms", None, "send"),
            (
                {"channel_id": self.sms.id, "category_id": self.promotion.id},
                "letter",
                "promotion",
                "defer",
            ),
            (
                {"channel_id": self.sms.id, "category_id": self.newsletter.id},
                "letter",
                "promotion",
                "send",
            ),
            (
                {"channel_id": self.sms.id, "category_id": self.promotion.id},
                "letter",
                "newsletter",
                "send",
            ),
        ):
            with self.subTest(vals=vals, channel=channel, category=category):
                touch = self._create_touch(
                    self._create_person(f"p{channel}"), NOW - DAY, **vals
                )
                (answer,) = self._check(touch.profile_id, channel, category=category)
                self.assertEqual(answer["decision"], decision)

    def test_all_channels_together(self):
        self._create_policy(self._cap(2))
        person = self._create_person()
        self._create_touch(person, NOW - DAY, channel_id=self.call.id)
        self._create_touch(person, NOW - 2 * DAY, channel_id=self.letter.id)
        self.assertDefer(person, NOW + 5 * DAY)

    def test_only_reserved_and_sent_count(self):
        self._create_policy(self._cap(1))
        for state, counts in (
            ("reserved", True),
            ("sent", True),
            ("failed", False),
            ("released", False),
        ):
            with self.subTest(state=state):
                person = self._create_person(state)
                self._create_touch(person, NOW - DAY, state=state)
                if counts:
                    self.assertDefer(person, NOW + 6 * DAY)
                else:
                    self.assertSend(person)

    def test_a_bounce_still_counts(self):
        self._create_policy(self._cap(1))
        person = self._create_person()
        self._create_touch(person, NOW - DAY, bounced=True)
        self.assertDefer(person, NOW + 6 * DAY)

    def test_seed_address_never_counts(self):
        self._create_policy(self._cap(1), self._gap(1, "month"))
        person = self._create_person()
        person.is_seed = True
        touch = self._create_touch(person, NOW - HOUR)
        self.assertFalse(touch.counts)
        self.assertSend(person)

    def test_inbox(self):
        """Two people, one address."""
        self._create_policy(self._cap(1, count_per="inbox"))
        one = self._create_person("one", email="family@strategy.test")
        two = self._create_person("two", email="family@strategy.test")
        self.assertNotEqual(one, two)
        self._create_touch(one, NOW - DAY)
        self.assertDefer(one, NOW + 6 * DAY)
        self.assertDefer(two, NOW + 6 * DAY)
        two.partner_id.email = "two@strategy.test"
        self.assertSend(two)

    def test_person_keeps_the_count_after_a_change_of_address(self):
        self._create_policy(self._cap(1))
        person = self._create_person()
        self._create_touch(person, NOW - DAY)
        person.partner_id.email = "new@strategy.test"
        self.assertDefer(person, NOW + 6 * DAY)

    def test_nobody_without_an_address_shares_an_inbox(self):
        self._create_policy(self._cap(1, count_per="inbox"))
        one = self._create_person("one", email=False)
        self._create_touch(one, NOW - DAY, address=False)
        self.assertSend(one + self._create_person("two", email=False))

    def test_calendar_week_of_the_person(self):
        """Sunday 23:30 in Oslo and Monday 00:30 are different weeks."""
        self._create_policy(self._cap(1, 1, "week", window_kind="calendar"))
        self.env["res.lang"]._activate_lang("nb_NO").week_start = "1"
        self.env["res.lang"]._activate_lang("en_GB").week_start = "7"
        sunday, monday = datetime(2026, 5, 10, 21, 30), datetime(2026, 5, 10, 22)
        oslo = self._create_person("oslo", tz="Europe/Oslo", lang="nb_NO")
        self._create_touch(oslo, sunday)
        self.assertDefer(oslo, monday, at=sunday + SECOND)
        utc = self._create_person("utc", tz="UTC", lang="nb_NO")
        self._create_touch(utc, sunday)
        self.assertDefer(utc, datetime(2026, 5, 11), at=sunday + SECOND)
        british = self._create_person("british", tz="UTC", lang="en_GB")
        self._create_touch(british, sunday)
        self.assertDefer(british, datetime(2026, 5, 17), at=sunday + SECOND)

    def test_which_clock_was_used(self):
        company = self.env.company.partner_id
        company.tz = "Asia/Tokyo"
        with_zone = self._create_person("zone", tz="Europe/Oslo")
        without = self._create_person("none", tz=False)
        answers = self._check(with_zone + without)
        self.assertEqual(
            [(a["tz"], a["tz_source"]) for a in answers],
            [("Europe/Oslo", "profile"), ("Asia/Tokyo", "company")],
        )
        company.tz = False
        (answer,) = self._check(without)
        self.assertEqual((answer["tz"], answer["tz_source"]), ("UTC", "utc"))

    def test_clock_of_the_business_unit_that_writes(self):
        other = self.env["res.company"].create({"name": "Other"})
        other.partner_id.tz = "Asia/Tokyo"
        self.env.company.partner_id.tz = "Europe/Oslo"
        person = self._create_person(tz=False)
        for company in (other, other.id):
            (answer,) = self._check(person, company=company)
            self.assertEqual(answer["tz"], "Asia/Tokyo")

    def test_reason_in_words(self):
        self._create_policy(self._cap(1, channel_ids=self.email.ids), name="Everyone")
        person = self._create_person(tz="Europe/Oslo")
        self._create_touch(person, NOW - DAY, note="Spring letter")
        (answer,) = self._check(person)
        message = answer["reasons"][0]["message"]
        self.assertIn("Everyone: At most 1 e-mail in any 7 days.", message)
        self.assertIn("Spring letter", message)
        self.assertIn("11:00", message)  # NOW in Oslo
        self.assertIn("Europe/Oslo", message)

    def test_next_moment_after_months(self):
        self._create_policy(self._cap(1, 1, "month"))
        person = self._create_person()
        self._create_touch(person, datetime(2026, 1, 31, 10))
        self.assertDefer(person, datetime(2026, 3, 1), at=datetime(2026, 2, 28, 12))
        later = self._create_person("later")
        self._create_touch(later, datetime(2026, 2, 28, 10))
        self.assertDefer(later, datetime(2026, 3, 29, 10), at=datetime(2026, 3, 29, 9))

    def test_nobody_without_rights_may_ask(self):
        person = self._create_person()
        for login, groups, allowed in (
            ("clerk", (), False),
            ("marketing", ("mass_mailing.group_mass_mailing_user",), True),
            ("user", (f"{ADDON}.{ADDON}_group_user",), True),
        ):
            user = self._create_user(f"asks_{login}", *groups)
            asked = person.with_user(user)
            if allowed:
                self.assertSend(asked)
            else:
                with self.assertRaises(AccessError):
                    asked.check_contact("email")

    def test_allowance_on_the_profile(self):
        self._create_policy(self._cap(1, channel_ids=self.email.ids))
        person = self._create_person()
        self.assertNotIn("Later", person.allowance_html)
        self._create_touch(person, self.env.cr.now())
        self.assertIn("Later", person.allowance_html)
