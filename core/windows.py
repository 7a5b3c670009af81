"""Windows of time, as the rules mean them.

Every moment that goes in or comes out is a naive datetime in UTC; a time zone is needed
only where a *calendar* period must know when a day begins for a person.

A **rolling** window of length W at moment *now* holds the touches t with
``now - t < W``: one that is exactly W old is free. Hours, days and weeks are elapsed
time, so a change of the clock neither loses nor doubles an hour. A month is a calendar
month counted backwards from *now*: from the 31st of March it reaches back to the 28th
(29th) of February. Touches booked for later count while some window of that length
could hold both: that keeps a cap exact in whatever order decisions arrive.

A **calendar** window of n periods holds the current hour, day, week or month of the
person and the n - 1 before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone, tzinfo

from dateutil.relativedelta import relativedelta

UNITS = ("hour", "day", "week", "month")
KINDS = ("rolling", "calendar")
MONDAY = 1
"""Weekdays are numbered as ISO does: Monday is 1, Sunday is 7."""

TICK = timedelta(microseconds=1)
"""Resolution of a timestamp, here and in PostgreSQL."""

ELAPSED = {
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
}


@dataclass(frozen=True)
class Zone:
    """Where a person's days begin and on which weekday their weeks do."""

    tz: tzinfo = timezone.utc
    week_start: int = MONDAY


UTC = Zone()


@dataclass(frozen=True)
class Window:
    """``value`` times ``unit``, rolling or calendar.

    >>> week = Window(7, "day", "rolling")
    >>> week.free_after(datetime(2026, 5, 7, 10, 2))
    datetime.datetime(2026, 5, 14, 10, 2)
    >>> month = Window(1, "month", "rolling")
    >>> month.bounds(datetime(2026, 3, 31, 9))[0]
    datetime.datetime(2026, 2, 28, 9, 0, 0, 1)
    """

    value: int
    unit: str
    kind: str = "rolling"

    def __post_init__(self) -> None:
        if self.value < 1 or self.unit not in UNITS or self.kind not in KINDS:
            raise ValueError(f"not a window: {self!r}")

    def bounds(self, now: datetime, zone: Zone = UTC) -> tuple[datetime, datetime]:
        """First moment that counts at ``now``, and first later one that does not.

        :param now: naive UTC
        :param zone: the person's, used by calendar windows only
        :return: (lower, upper), naive UTC: a touch t counts while lower <= t < upper
        """
        if self.kind == "rolling":
            return self._back(now, self.value) + TICK, self.free_after(now)
        current = _period_start(now, self.unit, zone)
        return (
            _shift_period(current, self.unit, 1 - self.value, zone),
            _shift_period(current, self.unit, self.value, zone),
        )

    def free_after(self, touched: datetime, zone: Zone = UTC) -> datetime:
        """First moment from which a touch at ``touched`` no longer counts.

        :param touched: naive UTC
        :param zone: the person's, used by calendar windows only
        :return: naive UTC
        """
        if self.kind == "calendar":
            start = _period_start(touched, self.unit, zone)
            return _shift_period(start, self.unit, self.value, zone)
        if self.unit != "month":
            return touched + self.value * ELAPSED[self.unit]
        free = touched + relativedelta(months=self.value)
        if self._back(free, self.value) >= touched:
            return free
        # The 31st of January: on no day of February does "a month ago" reach it, the
        # first moment that does is the first of March.
        return datetime.combine(free.date().replace(day=1), time()) + relativedelta(
            months=1
        )

    def _back(self, now: datetime, units: int) -> datetime:
        """The moment ``units`` before ``now``, in elapsed time or calendar months."""
        if self.unit == "month":
            return now - relativedelta(months=units)
        return now - units * ELAPSED[self.unit]


def _period_start(moment: datetime, unit: str, zone: Zone) -> datetime:
    """When the person's hour, day, week or month that holds ``moment`` began (UTC)."""
    local = moment.replace(tzinfo=timezone.utc).astimezone(zone.tz)
    if unit == "hour":
        # Subtracted in UTC: an hour that the clock repeats is two hours.
        return moment - timedelta(
            minutes=local.minute, seconds=local.second, microseconds=local.microsecond
        )
    day = local.date()
    if unit == "week":
        day -= timedelta(days=(day.isoweekday() - zone.week_start) % 7)
    elif unit == "month":
        day = day.replace(day=1)
    return _midnight(day, zone)


def _shift_period(start: datetime, unit: str, count: int, zone: Zone) -> datetime:
    """The start of the period ``count`` after (before, if negative) the one that
    begins at ``start``."""
    if unit == "hour":
        return start + timedelta(hours=count)
    # An hour later, so that it is the same local day wherever the clock stands.
    local = (start.replace(tzinfo=timezone.utc) + timedelta(hours=1)).astimezone(
        zone.tz
    )
    day = local.date()
    if unit == "month":
        day += relativedelta(months=count)
    else:
        day += timedelta(days=count * (7 if unit == "week" else 1))
    return _midnight(day, zone)


def _midnight(day: date, zone: Zone) -> datetime:
    """The first moment of a local day (UTC), also where the clock skips midnight."""
    local = datetime.combine(day, time(), tzinfo=zone.tz)
    return local.astimezone(timezone.utc).replace(tzinfo=None)
