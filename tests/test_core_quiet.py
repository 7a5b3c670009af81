from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.mass_mailing_contact_strategy.core.quiet import QuietHours
from odoo.addons.mass_mailing_contact_strategy.core.windows import Zone

from . import oracle, oracle_time
from .test_core_windows import DELICATE, ZONES

MINUTE = timedelta(minutes=1)
WEEKDAYS = st.frozensets(st.integers(1, 7), max_size=7)
CLOCK = st.sampled_from(
    [
        time(),
        time(0, 30),
        time(2),
        time(2, 30),
        time(3),
        time(8),
        time(21),
        time(23, 59),
    ]
)


@tagged("post_install", "-at_install")
class TestCoreQuiet(BaseCase):
    """Quiet hours are what the person's wall clock shows."""

    @settings(max_examples=300, deadline=None, database=None)
    @given(
        CLOCK,
        CLOCK,
        WEEKDAYS,
        st.sampled_from(ZONES),
        st.sampled_from(DELICATE),
        st.integers(-3 * 1440, 3 * 1440),
        st.lists(st.integers(-2, 3), max_size=2),
    )
    def test_ends_as_looked_up_minute_by_minute(
        self, start, end, weekdays, tz, anchor, minutes, dates
    ):
        moment = anchor + minutes * MINUTE + timedelta(seconds=17)
        days = tuple(2 * (anchor.date() + timedelta(days=shift),) for shift in dates)
        hours = QuietHours(start, end, weekdays, days)
        plain = oracle.Quiet(
            start.hour * 60 + start.minute, end.hour * 60 + end.minute, weekdays, days
        )
        expected = moment
        for _minute in range(20 * 1440):
            if not oracle_time.is_quiet(plain, expected, tz):
                break
            expected = expected.replace(second=0) + MINUTE
        else:
            return  # quiet for weeks
        self.assertEqual(hours.until(moment, Zone(ZoneInfo(tz))), expected)

    def test_at_its_ends(self):
        """The first second is quiet, the last moment is not."""
        night = QuietHours(time(21), time(8))
        for moment, free in (
            (datetime(2026, 5, 12, 20, 59, 59), None),
            (datetime(2026, 5, 12, 21), datetime(2026, 5, 13, 8)),
            (datetime(2026, 5, 13, 7, 59, 59), datetime(2026, 5, 13, 8)),
            (datetime(2026, 5, 13, 8), None),
        ):
            with self.subTest(moment=moment):
                self.assertEqual(night.until(moment), free or moment)

    def test_at_its_ends_within_a_day(self):
        """The first second is quiet, the last moment is not."""
        noon = QuietHours(time(12), time(14))
        for moment, free in (
            (datetime(2026, 5, 12, 11, 59, 59), None),
            (datetime(2026, 5, 12, 12), datetime(2026, 5, 12, 14)),
            (datetime(2026, 5, 12, 13, 59, 59), datetime(2026, 5, 12, 14)),
            (datetime(2026, 5, 12, 14), None),
        ):
            with self.subTest(moment=moment):
                self.assertEqual(noon.until(moment), free or moment)

    def test_the_day_on_which_it_begins_counts(self):
        weekend = QuietHours(time(22), time(6), frozenset({5, 6}))
        sunday_morning = datetime(2026, 5, 17, 3)
        self.assertEqual(weekend.until(sunday_morning), datetime(2026, 5, 17, 6))
        monday_morning = datetime(2026, 5, 18, 3)
        self.assertEqual(weekend.until(monday_morning), monday_morning)

    def test_dates_that_follow_hours(self):
        christmas = (date(2026, 12, 24), date(2026, 12, 26))
        hours = QuietHours(time(20), time(9), dates=(christmas,))
        eve = datetime(2026, 12, 23, 20)
        self.assertEqual(hours.until(eve), datetime(2026, 12, 27, 9))

    def test_an_hour_that_the_clock_skips(self):
        """Quiet until 2:30, which is not on the clock that night."""
        oslo = Zone(ZoneInfo("Europe/Oslo"))
        hours = QuietHours(time(0), time(2, 30))
        moment = datetime(2026, 3, 29, 0, 15)  # 1:15
        self.assertEqual(hours.until(moment, oslo), datetime(2026, 3, 29, 1))  # 3:00

    def test_an_hour_that_the_clock_repeats(self):
        """It is 2:15 twice, and quiet twice."""
        oslo = Zone(ZoneInfo("Europe/Oslo"))
        hours = QuietHours(time(2), time(2, 30))
        for moment, free in (
            (datetime(2026, 10, 25, 0, 15), datetime(2026, 10, 25, 0, 30)),
            (datetime(2026, 10, 25, 1, 15), datetime(2026, 10, 25, 1, 30)),
        ):
            self.assertEqual(hours.until(moment, oslo), free)

    def test_for_ever(self):
        self.assertIsNone(QuietHours().until(datetime(2026, 5, 12)))
        self.assertTrue(QuietHours().is_endless())
        self.assertFalse(QuietHours(time(1)).is_endless())
        self.assertFalse(QuietHours(weekdays=frozenset({1})).is_endless())
