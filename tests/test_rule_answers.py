from datetime import datetime, timedelta
from unittest.mock import patch

from odoo.tests import tagged

from odoo.addons.mass_mailing_contact_strategy.models.policy import engine_counts

from .common import DAY, HOUR, NOW, SECOND
from .rule_kinds_common import KindsCase


@tagged("post_install", "-at_install")
class TestRuleAnswers(KindsCase):
    """Several rules at once, and people who are nearly alike."""

    # ------------------------------------------------------------
    # Until when
    # ------------------------------------------------------------

    def _quiet(self, start, end):
        return {"rule_type": "quiet", "quiet_from": start, "quiet_to": end}

    def test_one_quiet_after_the_other(self):
        """Free by the cap in the one, which ends in the other: after both."""
        self._create_policy(self._cap(1, 7), self._quiet(21, 8), self._quiet(8, 10))
        self._create_touch(self.anna, NOW - 6 * DAY - 10 * HOUR)  # 1:00 in Oslo
        answer = self.assertDefer(self.anna, NOW.replace(hour=8) + DAY)
        self.assertEqual(len(answer["reasons"]), 1)

    def test_quiet_when_the_last_of_the_rules_ends(self):
        """The one would end by day, the other in a later night."""
        self._create_policy(
            self._cap(1, 2), self._cap(2, 7), self._quiet(21, 8), self._quiet(22, 9)
        )
        self._create_touch(self.anna, NOW - 6 * DAY - 10 * HOUR)  # 1:00 in Oslo
        self._create_touch(self.anna, NOW - 40 * HOUR)
        self.assertDefer(self.anna, NOW.replace(hour=7) + DAY)

    def test_quiet_when_a_program_says_no_too(self):
        """A program is asked last: what the others say holds until then."""
        later = f"recipients.defer(profiles, '{NOW + HOUR}')"
        self._create_policy(self._cap(1, 7), self._quiet(21, 8), self._code(later))
        self._create_touch(self.anna, NOW - 6 * DAY - 10 * HOUR)  # 1:00 in Oslo
        (answer,) = self._check(self.anna)
        self.assertEqual(answer["decision"], "defer")
        self.assertEqual(answer["next_allowed"], NOW.replace(hour=6) + DAY)

    def test_no_quiet_when_they_end(self):
        self._create_policy(self._cap(1, 7), self._quiet(21, 8))
        self._create_touch(self.anna, NOW - DAY)
        self.assertDefer(self.anna, NOW + 6 * DAY)

    def test_who_waits_for_ever_waits_for_no_night(self):
        self._create_policy(self._cap(0), self._cap(1, 30), self._quiet(21, 8))
        self._create_touch(self.anna, NOW - DAY)
        self.assertFalse(self.assertHold(self.anna)["next_allowed"])

    def test_each_by_their_own_clock(self):
        """At one time asked about both, it is today for her and yesterday for him."""
        self._create_policy(self._cap(1, 1, window_kind="calendar"))
        bert = self._create_person("bert", tz="America/New_York", lang="en_US")
        self.anna.partner_id.lang = "en_US"
        for person in (self.anna, bert):
            self._create_touch(person, NOW - 6 * HOUR)
        answers = self._check(self.anna | bert)
        said = [(a["decision"], a["next_allowed"] or None) for a in answers]
        self.assertEqual(said, [("defer", NOW.replace(hour=22)), ("send", None)])

    def test_reasons_in_the_order_of_the_rules(self):
        long, short = self._create_policy(self._cap(2, 30), self._cap(1, 7)).rule_ids
        for days in (1, 2):
            self._create_touch(self.anna, NOW - days * DAY)
        for order in ((long, short), (short, long)):
            order[0].sequence, order[1].sequence = 1, 2
            (answer,) = self._check(self.anna)
            found = [reason["rule_id"] for reason in answer["reasons"]]
            self.assertEqual(found, [rule.id for rule in order])

    # ------------------------------------------------------------
    # The way to the answer
    # ------------------------------------------------------------

    def test_how_many_are_many(self):
        """From so many on, and so large a part of all people: at once."""
        people = self._create_partners(4).profile_id
        self.env.flush_all()
        self.env.cr.execute("ANALYZE contact_profile")
        engine = "odoo.addons.mass_mailing_contact_strategy.models.policy"
        engine += ".contact_policy_engine"
        self.env.cr.execute("SELECT count(*) FROM contact_profile")
        (everybody,) = self.env.cr.fetchone()
        for large, part, is_large in (
            (4, 3 / everybody, True),
            (5, 3 / everybody, False),
            (4, 5 / everybody, False),
        ):
            decided = self._statements(engine, large, part, people)
            self.assertEqual(decided, is_large, (large, part))

    def _statements(self, engine, large, part, people):
        """Is the ledger read as a whole?"""
        Counts = f"{engine}.Counts"
        with (
            patch(f"{engine}.LARGE", large),
            patch(f"{engine}.LARGE_PART", part),
            patch(Counts, wraps=engine_counts.Counts) as counts,
        ):
            self._check(people)
        return counts.call_args.args[1]

    # ------------------------------------------------------------
    # What is counted
    # ------------------------------------------------------------

    def _ways(self):
        """Each way of counting: one by one and all at once, alone and with others."""
        for count_per in ("person", "inbox", "company", "household"):
            for at_once in (False, True):
                large = patch.object(
                    type(self.env["contact.policy.engine"]),
                    "_is_large_part",
                    lambda *_, at_once=at_once: at_once,
                )
                with large, self.subTest(count_per=count_per, at_once=at_once):
                    self.env["contact.policy"].search([]).action_archive()
                    yield {"count_per": count_per}

    def test_calendar_days_at_midnight(self):
        """The first second of the day counts, the last one of yesterday does not."""
        midnight = datetime(2026, 5, 11, 22)  # in Oslo
        touch = self._create_touch(self.anna, midnight)
        self._create_touch(self.anna, midnight, state="failed")
        for way in self._ways():
            calendar = self._cap(1, 1, window_kind="calendar", **way)
            for more in ((), (self._cap(9, 1, "hour", **way),)):
                policy = self._create_policy(calendar, *more)
                touch.date = midnight - SECOND
                self.assertSend(self.anna)
                touch.date = midnight
                self.assertDefer(self.anna, midnight + DAY)
                policy.action_archive()

    def test_windows_far_apart(self):
        """The longest window looks as far back and ahead as if it were alone."""
        bert = self._create_person("bert")
        dates = {self.anna: NOW - 29 * DAY, bert: NOW + 10 * DAY}
        for person, moment in dates.items():
            self._create_touch(person, moment)
        for way in self._ways():
            self._create_policy(self._cap(1, 30, **way), self._cap(9, 1, **way))
            for person, moment in dates.items():
                self.assertDefer(person, moment + 30 * DAY)

    def test_what_does_not_count(self):
        """Not what is marked so, nor what was taken back, nor somebody else's."""
        self._create_touch(self.anna, NOW - DAY, counts=False)
        self._create_touch(self.anna, NOW - DAY, state="released")
        self._create_touch(self._create_person("bert"), NOW - DAY)
        for way in self._ways():
            self._create_policy(self._cap(1, 7, **way))
            self.assertSend(self.anna)

    def test_booked_for_later(self):
        """Until a whole window lies between, whatever other rules look at."""
        self._create_policy(self._cap(1, 7), self._cap(9, 30))
        touch = self._create_touch(self.anna, NOW + 7 * DAY)
        self.assertSend(self.anna)
        touch.date = NOW + 7 * DAY - SECOND
        self.assertDefer(self.anna, NOW + 14 * DAY - SECOND)

    def test_windows_of_several_rules(self):
        """Each looks at its own part of the ledger."""
        self._create_policy(self._cap(1, 1), self._cap(2, 7), self._cap(3, 30))
        for days in (29, 6):
            self._create_touch(self.anna, NOW - days * DAY)
        self.assertSend(self.anna)
        self._create_touch(self.anna, NOW - 2 * DAY)
        self.assertDefer(self.anna, NOW + DAY)

    def test_of_no_company(self):
        """Who belongs to none is counted alone."""
        self._create_policy(self._cap(1, 7, count_per="company"))
        lonely, other = (
            self.env["mailing.contact"]
            .create({"name": name, "email": f"{name}@strategy.test"})
            .profile_id
            for name in ("lonely", "other")
        )
        self.assertFalse(lonely.commercial_partner_id)
        self._create_touch(lonely, NOW - DAY)
        self.assertDefer(lonely, NOW + 6 * DAY)
        self.assertSend(other)

    # ------------------------------------------------------------
    # What people asked for
    # ------------------------------------------------------------

    def _wish(self, person, **vals):
        wish = self.env["contact.wish"]._of(person)
        self.assertEqual(wish.max_touches, 0)
        wish._keep(vals, "page")
        self.env.flush_all()
        return wish

    def test_each_has_a_number_of_their_own(self):
        for name, number, period, until in (
            ("a", 1, "week", NOW + 6 * DAY),
            ("b", 2, "week", None),
            ("c", 1, "month", NOW.replace(month=6) - DAY),
            ("d", 2, "month", None),
        ):
            person = self._create_person(name)
            self._wish(person, max_touches=number, period=period)
            self._create_touch(person, NOW - DAY)
            if until:
                self.assertDefer(person, until)
            else:
                self.assertSend(person)

    def test_wishes_in_words(self):
        wish = self._wish(self.anna, max_touches=1, period="week")
        for number, period, words in (
            (1, "week", "At most 1 message in any 7 days."),
            (2, "week", "At most 2 messages in any 7 days."),
            (1, "month", "At most 1 message in any month."),
            (2, "month", "At most 2 messages in any month."),
        ):
            self.assertEqual(wish._say_how_often(number, period), words)

    def test_corrections_in_words(self):
        change = self.env["contact.wish.change"].new(
            {
                "before": {"city": "Oslo", "name": "Anna", "lang": "en_US"},
                "after": {"city": False, "name": "Anne", "lang": "en_US"},
            }
        )
        self.assertEqual(change._say_change(), ["Name: Anne.", "City: (empty)."])

    def test_single_touches_are_needed(self):
        """For the month that somebody may ask for, and for the longest rule."""
        Touch = self.env["contact.touch"]
        month = Touch._needed_since(NOW)
        self.assertLess(month, NOW.replace(month=4))
        self._create_policy(self._cap(1, 1))
        self.assertEqual(Touch._needed_since(NOW), month)
        self._create_policy(self._cap(1, 90), self._cap(1, 60))
        needed = Touch._needed_since(NOW)
        self.assertLess(needed, NOW - 90 * DAY)
        self.assertGreater(needed, NOW - 90 * DAY - timedelta(days=31))
