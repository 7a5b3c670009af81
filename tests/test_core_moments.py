import random
from datetime import date, datetime, timezone
from zoneinfo import ZoneInfo

from freezegun import freeze_time

from odoo.tests import BaseCase, TransactionCase, tagged
from odoo.tools.date_utils import parse_date

from odoo.addons.mass_mailing_contact_strategy.core.moments import Clock
from odoo.addons.mass_mailing_contact_strategy.core.windows import Zone

NOW = datetime(2026, 5, 13, 9, 41, 27, 123456)  # a Wednesday
ANCHORS = (
    NOW,
    datetime(2024, 2, 29),
    datetime(2026, 1, 31, 23, 59, 59, 999999),
    datetime(2026, 3, 1, 0, 0, 0, 1),  # a Sunday
    datetime(2026, 6, 1, 12),  # a Monday
)
SHIFTS = "dwmyHMS"
DAYS = ("monday", "wednesday", "thursday", "sunday", "week_start")


@tagged("post_install", "-at_install")
class TestCoreMoments(BaseCase):
    """Dates that move with the day are moments of one zone."""

    def _check(self, clock, expected):
        for text, moment in expected.items():
            with self.subTest(text=text):
                self.assertEqual(clock.parse(text), moment)

    def test_now_moves(self):
        self._check(
            Clock(NOW),
            {
                "now": NOW,
                "+1S": datetime(2026, 5, 13, 9, 41, 28, 123456),
                "now -2M": datetime(2026, 5, 13, 9, 39, 27, 123456),
                "+3H": datetime(2026, 5, 13, 12, 41, 27, 123456),
                "-1w": datetime(2026, 5, 6, 9, 41, 27, 123456),
                "-3m +1d": datetime(2026, 2, 14, 9, 41, 27, 123456),
                "+1y": datetime(2027, 5, 13, 9, 41, 27, 123456),
            },
        )

    def test_a_part_is_set(self):
        """All that is smaller begins anew."""
        self._check(
            Clock(NOW),
            {
                "=1d": datetime(2026, 5, 1),
                "=2m": datetime(2026, 2, 13),
                "=2024y": datetime(2024, 5, 13),
                "=7H": datetime(2026, 5, 13, 7),
                "=5M": datetime(2026, 5, 13, 9, 5),
                "=3S": datetime(2026, 5, 13, 9, 41, 3),
                "today =1d": date(2026, 5, 1),
                "today =1m =1d": date(2026, 1, 1),
            },
        )

    def test_weekdays(self):
        """The next one, the last one, that of this week; today is both."""
        self._check(
            Clock(NOW),
            {
                "today +monday": date(2026, 5, 18),
                "today +wednesday": date(2026, 5, 13),
                "today +friday": date(2026, 5, 15),
                "today -monday": date(2026, 5, 11),
                "today -wednesday": date(2026, 5, 13),
                "today -friday": date(2026, 5, 8),
                "today =friday": date(2026, 5, 15),
                "today =week_start": date(2026, 5, 11),
                "+friday": datetime(2026, 5, 15, 9, 41, 27, 123456),
                "-friday": datetime(2026, 5, 8, 9, 41, 27, 123456),
                "=friday": datetime(2026, 5, 15),
            },
        )

    def test_a_week_that_begins_on_sunday(self):
        clock = Clock(NOW, Zone(timezone.utc, 7))
        self._check(
            clock,
            {
                "today =week_start": date(2026, 5, 10),
                "today =sunday": date(2026, 5, 10),
                "today =saturday": date(2026, 5, 16),
                "today +sunday": date(2026, 5, 17),
            },
        )

    def test_the_clock_of_the_zone(self):
        """Just after midnight in Oslo it is still yesterday in UTC."""
        clock = Clock(datetime(2026, 5, 12, 22, 30), Zone(ZoneInfo("Europe/Oslo")))
        self._check(
            clock,
            {
                "today": date(2026, 5, 13),
                "=1d": datetime(2026, 4, 30, 22),
                "now": datetime(2026, 5, 12, 22, 30),
                "2026-05-01": date(2026, 5, 1),
                "2026-05-01 10:00:00": datetime(2026, 5, 1, 10),
            },
        )
        self.assertEqual(clock.start_of(date(2026, 5, 1)), datetime(2026, 4, 30, 22))
        self.assertEqual(clock.day_of(datetime(2026, 4, 30, 22)), date(2026, 5, 1))
        before = datetime(2026, 4, 30, 21, 59, 59)
        self.assertEqual(clock.day_of(before), date(2026, 4, 30))

    def test_what_is_no_date(self):
        for text in (
            *("", " ", "soon", "+d", "=1", "*1d", "+1x", "+xd", "+x1d", "1d", "=d"),
            *("=1w", "today now", "+", "--1d", "2026-13-01", "2026-05-01 25:00:00"),
            *("*monday", "=1_0d", "2026-05-01 10:00:00+02:00"),
        ):
            with self.subTest(text=text), self.assertRaises(ValueError):
                Clock(NOW).parse(text)


@tagged("post_install", "-at_install")
class TestCoreMomentsAsOdoo(TransactionCase):
    """Where the clocks show UTC, the words mean what they mean in Odoo's domains."""

    def test_as_odoo_reads_them(self):
        rnd = random.Random(5)
        for week_start in ("1", "7"):
            self.env.user.tz = "UTC"
            self.env["res.lang"]._lang_get(self.env.user.lang).week_start = week_start
            for anchor in ANCHORS:
                for _round in range(150):
                    self._compare(anchor, int(week_start), self._random_text(rnd))

    def _compare(self, anchor, week_start, text):
        with freeze_time(anchor), self.subTest(text=text, anchor=anchor):
            there = parse_date(text, self.env)
            if isinstance(there, datetime):
                there = there.replace(tzinfo=None)
            # Odoo's clock has no fractions of a second
            clock = Clock(anchor.replace(microsecond=0), Zone(timezone.utc, week_start))
            self.assertEqual(clock.parse(text), there)

    def _random_text(self, rnd):
        start = rnd.choice(("", "now ", "today "))
        units = SHIFTS[:4] if start == "today " else SHIFTS
        terms = []
        for _term in range(rnd.randint(1, 3)):
            if rnd.random() < 0.4:
                terms.append(rnd.choice("+-=") + rnd.choice(DAYS))
            elif rnd.random() < 0.3:
                unit = rnd.choice(units.replace("w", ""))
                terms.append(f"={rnd.randint(1, 12) + 2000 * (unit == 'y')}{unit}")
            else:
                sign = rnd.choice("+-")
                terms.append(f"{sign}{rnd.randint(0, 40)}{rnd.choice(units)}")
        return start + " ".join(terms)
