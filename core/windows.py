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

    def free_after(
        self, touched: datetime, zone: Zone = UTC, since: datetime | None = None
    ) -> datetime:
        """First moment from which a touch at ``touched`` no longer counts.

        :param touched: naive UTC
        :param zone: the person's, used by calendar windows only
        :param since: not before this moment (naive UTC). On the last days of a month
            "a month ago" may stand on one day for several days: a touch of the 28th of
            February is free at its hour on the 28th of March, and each day until the
            31st counts again until that hour.
        :return: naive UTC
        """
        if self.kind == "calendar":
            start = _period_start(touched, self.unit, zone)
            return _shift_period(start, self.unit, self.value, zone)
        if self.unit != "month":
            return touched + self.value * ELAPSED[self.unit]
        # The 31st of January: on no day of February does "a month ago" reach it, the
        # first moment that does is the first of March.
        first = max(touched + relativedelta(months=self.value), since or touched)
        later = (
            datetime.combine(first.date() + timedelta(days=days), hour)
            for days in range(5)
            for hour in (time(), touched.time())
        )
        return next(
            moment
            for moment in (first, *later)
            if moment >= first and self._back(moment, self.value) >= touched
        )

    def _back(self, now: datetime, units: int) -> datetime:
        """The moment ``units`` before ``now``, in elapsed time or calendar months."""
        if self.unit == "month":
            return now - relativedelta(months=units)
        return now - units * ELAPSED[self.unit]


def _period_start(moment: datetime, unit: str, zone: Zone) -> datetime:
    """When the person's hour, day, week or month that holds ``moment`` began (UTC)."""
    local = _local(moment, zone)
    if unit == "hour":
        # Subtracted in UTC: an hour that the clock repeats is two hours.
        start = moment - timedelta(
            minutes=local.minute, seconds=local.second, microseconds=local.microsecond
        )
        # Where the clock moves by half an hour, a new hour begins when it does.
        while _local(start, zone).utcoffset() != local.utcoffset():
            start += timedelta(minutes=1)
        return start
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
        moment = start + timedelta(hours=count)
        if count < 0:
            moment = start - TICK + timedelta(hours=count + 1)
        return _period_start(moment, unit, zone)
    # An hour later, so that it is the same local day wherever the clock stands.
    local = _local(start + timedelta(hours=1), zone)
    day = local.date()
    if unit == "month":
        day += relativedelta(months=count)
    else:
        day += timedelta(days=count * (7 if unit == "week" else 1))
    return _midnight(day, zone)


def _local(moment: datetime, zone: Zone) -> datetime:
    """What the person's clock shows."""
    return moment.replace(tzinfo=timezone.utc).astimezone(zone.tz)


def _midnight(day: date, zone: Zone) -> datetime:
    """The first moment of a local day (UTC), also where the clock skips midnight."""
    local = datetime.combine(day, time(), tzinfo=zone.tz)
    return local.astimezone(timezone.utc).replace(tzinfo=None)
