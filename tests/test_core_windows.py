import doctest
from datetime import date, datetime, timedelta, timezone
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.mass_mailing_contact_strategy.core import quiet, verdicts, windows
from odoo.addons.mass_mailing_contact_strategy.core.windows import Window, Zone

from . import oracle, oracle_time

SECOND = timedelta(seconds=1)
ZONES = ("Europe/Oslo", "America/Santiago", "Australia/Lord_Howe")
# Around changes of the clock, ends of months and a leap day
DELICATE = (
    datetime(2024, 2, 29, 11),
    datetime(2026, 3, 29, 1),  # Oslo, forward
    datetime(2026, 10, 25, 1),  # Oslo, back
    datetime(2026, 9, 6, 4),  # Santiago, midnight skipped
    datetime(2026, 4, 5, 3),  # Santiago, an hour repeated before midnight
    datetime(2026, 10, 3, 15, 30),  # Lord Howe, half an hour forward
    datetime(2026, 4, 4, 15),  # Lord Howe, half an hour back
    datetime(2026, 1, 31, 23, 59, 59),
    datetime(2026, 3, 31, 9),
    datetime(2026, 12, 31, 23),
)

MOMENTS = st.builds(
    lambda anchor, seconds: anchor + timedelta(seconds=seconds),
    st.sampled_from(DELICATE),
    st.integers(-3 * 86400, 3 * 86400),
)


def _windows(kinds=windows.KINDS, units=windows.UNITS, most=4):
    return st.builds(
        Window, st.integers(1, most), st.sampled_from(units), st.sampled_from(kinds)
    )


ANY_ZONE = st.builds(
    Zone, st.sampled_from(ZONES).map(ZoneInfo), st.sampled_from((1, 6, 7))
)


def _utc(local, tz, fold=0):
    aware = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(tz), fold=fold)
    return aware.astimezone(timezone.utc).replace(tzinfo=None)


def _counts(window, touched, now, zone=windows.UTC):
    lower, upper = window.bounds(now, zone)
    return lower <= touched < upper


@tagged("post_install", "-at_install")
class TestCoreWindows(BaseCase):
    def test_doctests(self):
        for module in (quiet, verdicts, windows):
            result = doctest.testmod(module)
            self.assertGreater(result.attempted, 0, module)
            self.assertFalse(result.failed, module)

    def test_exactly_as_old_as_the_window_is_free(self):
        now = datetime(2026, 5, 14, 10, 2)
        for window, age in (
            (Window(1, "hour"), timedelta(hours=1)),
            (Window(24, "hour"), timedelta(days=1)),
            (Window(7, "day"), timedelta(days=7)),
            (Window(2, "week"), timedelta(days=14)),
            (Window(1, "month"), timedelta(days=30)),  # the 14th of April
            (Window(12, "month"), timedelta(days=365)),
        ):
            with self.subTest(window=window):
                self.assertFalse(_counts(window, now - age, now))
                self.assertTrue(_counts(window, now - age + SECOND, now))
                self.assertTrue(_counts(window, now, now))
                self.assertEqual(window.free_after(now - age), now)

    def test_a_month_backwards(self):
        for now, months, edge in (
            ("2026-03-31 09:00:00", 1, "2026-02-28 09:00:00"),
            ("2024-03-31 09:00:00", 1, "2024-02-29 09:00:00"),
            ("2026-03-29 09:00:00", 1, "2026-02-28 09:00:00"),
            ("2026-05-31 00:00:00", 1, "2026-04-30 00:00:00"),
            ("2026-07-31 12:00:00", 5, "2026-02-28 12:00:00"),
            ("2025-02-28 12:00:00", 12, "2024-02-28 12:00:00"),
            ("2025-03-01 12:00:00", 12, "2024-03-01 12:00:00"),
            ("2024-02-29 12:00:00", 12, "2023-02-28 12:00:00"),
            ("2026-01-31 23:59:59", 2, "2025-11-30 23:59:59"),
        ):
            with self.subTest(now=now, months=months):
                now, edge = map(datetime.fromisoformat, (now, edge))
                window = Window(months, "month")
                self.assertFalse(_counts(window, edge, now))
                self.assertTrue(_counts(window, edge + SECOND, now))

    def test_a_month_forwards(self):
        """From the last days of a long month there is no such day in the next."""
        for touched, months, free in (
            ("2026-01-28 10:00:00", 1, "2026-02-28 10:00:00"),
            ("2026-01-31 10:00:00", 1, "2026-03-01 00:00:00"),
            ("2024-01-30 10:00:00", 1, "2024-03-01 00:00:00"),
            ("2026-02-28 10:00:00", 1, "2026-03-28 10:00:00"),
            ("2024-02-29 10:00:00", 12, "2025-03-01 00:00:00"),
            ("2026-12-31 23:59:59", 1, "2027-01-31 23:59:59"),
        ):
            with self.subTest(touched=touched):
                touched, free = map(datetime.fromisoformat, (touched, free))
                window = Window(months, "month")
                self.assertEqual(window.free_after(touched), free)
                self.assertTrue(_counts(window, touched, free - SECOND))

    def test_clock_changes_neither_lose_nor_double_an_hour(self):
        """A day is 23, 24 or 25 hours, counted from midnight to midnight."""
        for tz, day, hours in (
            ("Europe/Oslo", date(2026, 3, 29), 23),
            ("Europe/Oslo", date(2026, 10, 25), 25),
            ("Europe/Oslo", date(2026, 10, 26), 24),
            ("America/Santiago", date(2026, 9, 6), 23),
            ("America/Santiago", date(2026, 4, 4), 25),
            ("America/Santiago", date(2026, 4, 5), 24),
            ("Australia/Lord_Howe", date(2026, 10, 4), 23.5),
            ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
        ):
            with self.subTest(tz=tz, day=day):
                noon = _utc(f"{day} 12:00:00", tz)
                lower, upper = Window(1, "day", "calendar").bounds(
                    noon, Zone(ZoneInfo(tz))
                )
                self.assertEqual(lower, oracle_time.day_begins(day, tz))
                self.assertEqual(upper - lower, timedelta(hours=hours))

    def test_rolling_windows_are_elapsed_time(self):
        """24 hours before the morning after the change is not the same o'clock."""
        now = _utc("2026-03-29 12:00:00", "Europe/Oslo")
        oslo = Zone(ZoneInfo("Europe/Oslo"))
        touched = _utc("2026-03-28 11:00:00", "Europe/Oslo")
        for window in (Window(24, "hour"), Window(1, "day")):
            self.assertFalse(_counts(window, touched, now, oslo))
            self.assertTrue(_counts(window, touched + SECOND, now, oslo))

    def test_midnight_that_the_clock_skips(self):
        santiago = Zone(ZoneInfo("America/Santiago"))
        window = Window(1, "day", "calendar")
        begin = datetime(2026, 9, 6, 4)  # 01:00 there, the first moment of Sunday
        self.assertEqual(window.bounds(begin, santiago)[0], begin)
        self.assertEqual(window.free_after(begin - SECOND, santiago), begin)
        self.assertEqual(window.free_after(begin, santiago), datetime(2026, 9, 7, 3))

    def test_week_begins_as_the_language_says(self):
        now = datetime(2026, 11, 25, 12)  # a Wednesday
        for week_start, begin in ((1, 23), (6, 21), (7, 22), (3, 25), (4, 19)):
            with self.subTest(week_start=week_start):
                zone = Zone(timezone.utc, week_start)
                lower, upper = Window(1, "week", "calendar").bounds(now, zone)
                self.assertEqual(lower, datetime(2026, 11, begin))
                self.assertEqual(upper - lower, timedelta(days=7))

    def test_hours_where_the_clock_moves_by_half_an_hour(self):
        lord_howe = Zone(ZoneInfo("Australia/Lord_Howe"))
        for change, begins in (
            (datetime(2026, 4, 4, 15), (-60, 0, 30, 90)),
            (datetime(2026, 10, 3, 15, 30), (-60, 0, 30, 90)),
        ):
            begins = [change + timedelta(minutes=minutes) for minutes in begins]
            for at, (begin, end) in enumerate(pairwise(begins)):
                with self.subTest(begin=begin):
                    one = Window(1, "hour", "calendar")
                    for moment in (begin, end - SECOND):
                        self.assertEqual(one.bounds(moment, lord_howe), (begin, end))
                        self.assertEqual(one.free_after(moment, lord_howe), end)
                    several = Window(at + 1, "hour", "calendar")
                    self.assertEqual(several.bounds(begin, lord_howe)[0], begins[0])
                    self.assertEqual(
                        several.free_after(begins[0], lord_howe), begins[at + 1]
                    )

    def test_several_periods(self):
        now = datetime(2026, 11, 25, 12)
        for window, lower, free in (
            (Window(2, "day", "calendar"), "2026-11-24", "2026-11-27"),
            (Window(3, "week", "calendar"), "2026-11-09", "2026-12-14"),
            (Window(2, "month", "calendar"), "2026-10-01", "2027-01-01"),
            (Window(3, "hour", "calendar"), "2026-11-25 10:00", "2026-11-25 15:00"),
        ):
            with self.subTest(window=window):
                lower, free = map(datetime.fromisoformat, (lower, free))
                self.assertEqual(window.bounds(now)[0], lower)
                self.assertEqual(window.free_after(now), free)
                self.assertFalse(_counts(window, lower - SECOND, now))
                self.assertTrue(_counts(window, lower, now))

    def test_what_is_no_window(self):
        for arguments in ((0, "day"), (-1, "day"), (1, "year"), (1, "day", "fixed")):
            with self.assertRaises(ValueError):
                Window(*arguments)

    @settings(max_examples=400, deadline=None, derandomize=True, database=None)
    @given(_windows(), MOMENTS, ANY_ZONE)
    def test_free_after_is_the_first_moment(self, window, touched, zone):
        """A touch counts from when it happened until just before it is free."""
        free = window.free_after(touched, zone)
        self.assertTrue(_counts(window, touched, touched, zone))
        self.assertTrue(_counts(window, touched, free - SECOND, zone))
        self.assertFalse(_counts(window, touched, free, zone))

    @settings(max_examples=400, deadline=None, derandomize=True, database=None)
    @given(_windows(), MOMENTS, MOMENTS, ANY_ZONE)
    def test_windows_agree_with_the_oracle(self, window, touched, now, zone):
        if window.kind == "calendar" and window.unit == "hour":
            zone = windows.UTC
        rule = oracle.Rule(1, 1, window.value, window.unit, window.kind)
        person = oracle.Person(1, None, str(zone.tz), zone.week_start)
        early, late = sorted((touched, now))
        self.assertEqual(
            _counts(window, early, late, zone),
            oracle_time.in_window(early, late, rule, person),
        )

    @settings(max_examples=400, deadline=None, derandomize=True, database=None)
    @given(
        st.one_of(_windows(units=("hour", "day", "week")), _windows(("calendar",))),
        MOMENTS,
        st.integers(0, 4 * 86400),
        ANY_ZONE,
    )
    def test_windows_never_move_back(self, window, now, seconds, zone):
        """What is free stays free.

        Not so for rolling months, by their definition: on the 29th to 31st of March a
        month ago is the 28th of February, at that day's hour.
        """
        before = window.bounds(now, zone)
        after = window.bounds(now + timedelta(seconds=seconds), zone)
        self.assertLessEqual(before, after)
        self.assertLessEqual(before[1], after[1])

    @settings(max_examples=400, deadline=None, derandomize=True, database=None)
    @given(_windows(("rolling",), ("month",)), MOMENTS, st.integers(0, 130 * 86400))
    def test_a_month_is_never_free_in_the_past(self, window, touched, seconds):
        """Asked again while it counts, the answer lies ahead, and is true."""
        now = touched + timedelta(seconds=seconds)
        if not _counts(window, touched, now):
            return
        free = window.free_after(touched, since=now)
        self.assertGreater(free, now)
        self.assertTrue(_counts(window, touched, free - SECOND))
        self.assertFalse(_counts(window, touched, free))
