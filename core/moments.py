"""Dates that move with the day ("-7d", "today =monday") as real moments of one zone.

The words are those of Odoo's domains; what they mean there depends on who reads, and on
the clock of the server. Here both are given.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone

from dateutil.relativedelta import relativedelta

from .windows import UTC, Zone

MIDNIGHT = relativedelta(hour=0, minute=0, second=0, microsecond=0)
UNITS = {
    "d": ("days", MIDNIGHT),
    "w": ("weeks", MIDNIGHT),
    "m": ("months", MIDNIGHT),
    "y": ("years", MIDNIGHT),
    "H": ("hours", relativedelta(minute=0, second=0, microsecond=0)),
    "M": ("minutes", relativedelta(second=0, microsecond=0)),
    "S": ("seconds", relativedelta(microsecond=0)),
}
WEEKDAYS = (
    *("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
)
_ISO = re.compile(r"\d+-")


@dataclass(frozen=True)
class Clock:
    """What time it is, and where.

    :param now: naive UTC
    """

    now: datetime
    zone: Zone = UTC

    @property
    def local(self) -> datetime:
        """Now, as the clocks of the zone show it."""
        return self.now.replace(tzinfo=timezone.utc).astimezone(self.zone.tz)

    def start_of(self, day: date) -> datetime:
        """When a day begins there.

        >>> Clock(datetime(2026, 5, 12)).start_of(date(2026, 5, 1))
        datetime.datetime(2026, 5, 1, 0, 0)

        :return: naive UTC
        """
        return to_utc(datetime.combine(day, time(), self.zone.tz))

    def day_of(self, moment: datetime) -> date:
        """The day on which a moment lies there.

        :param moment: naive UTC
        """
        aware = moment.replace(tzinfo=timezone.utc)
        return aware.astimezone(self.zone.tz).date()

    def parse(self, text: str) -> date | datetime:
        """A day, or a moment (naive UTC).

        >>> clock = Clock(datetime(2026, 5, 12, 9))
        >>> clock.parse("today -1d"), clock.parse("=monday")
        (datetime.date(2026, 5, 11), datetime.datetime(2026, 5, 11, 0, 0))

        :raise ValueError: it cannot be understood
        """
        if _ISO.match(text):
            return _read_iso(text)
        terms = text.split()
        if not terms:
            raise ValueError(f"no date: {text!r}")
        moment: date | datetime = self.local
        if terms[0] in ("today", "now"):
            moment = self.local.date() if terms.pop(0) == "today" else moment
        for term in terms:
            moment = self._shift(moment, term)
        return to_utc(moment) if isinstance(moment, datetime) else moment

    def _shift(self, moment: date | datetime, term: str) -> date | datetime:
        sign, what = term[0], term[1:]
        if sign not in "+-=" or len(term) < 3:
            raise ValueError(f"no date: {term!r}")
        if what == "week_start" or what in WEEKDAYS:
            return self._to_weekday(moment, sign, what)
        if term[-1] not in UNITS or not what[:-1].isdigit():
            raise ValueError(f"no date: {term!r}")
        name, start = UNITS[term[-1]]
        if sign != "=":
            return moment + relativedelta(**{name: int(term[:-1])})
        if name == "weeks":
            raise ValueError(f"no date: {term!r}")
        if isinstance(moment, datetime):
            moment += start
        return moment + relativedelta(**{name.removesuffix("s"): int(what[:-1])})

    def _to_weekday(
        self, moment: date | datetime, sign: str, what: str
    ) -> date | datetime:
        first = self.zone.week_start - 1
        weekday = first if what == "week_start" else WEEKDAYS.index(what)
        days = (weekday - first) % 7 - (moment.weekday() - first) % 7
        if sign == "+" and days < 0:
            days += 7
        elif sign == "-" and days > 0:
            days -= 7
        elif sign == "=" and isinstance(moment, datetime):
            moment += MIDNIGHT
        return moment + timedelta(days=days)


def to_utc(moment: datetime) -> datetime:
    """A moment of some zone as naive UTC."""
    return moment.astimezone(timezone.utc).replace(tzinfo=None)


def _read_iso(text: str) -> date | datetime:
    if len(text) <= 10:
        return date.fromisoformat(text)
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is not None:
        raise ValueError(f"no moment without its zone: {text!r}")
    return moment
