"""Hours, weekdays and dates on which nobody is written to.

As the person's clock shows them: "from 21:00 to 8:00" is what is on the wall, also in
nights in which the clock changes. An hour that the clock repeats is quiet twice, one
that it skips ends what would have ended in it.

Every moment that goes in or comes out is a naive datetime in UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone

from .windows import UTC, Zone

LOOK_AHEAD = 800
"""Days after which nobody waits any more."""
EVERY_DAY = frozenset(range(1, 8))
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class QuietHours:
    """From ``start`` to ``end`` (times of the person's wall clock) on ``weekdays``.

    Weekdays are numbered as ISO does: Monday is 1. Over midnight the day on which the
    quiet begins counts. The same time twice means the whole day. ``dates`` are whole
    days, first and last included.

    >>> night = QuietHours(time(21), time(8))
    >>> night.until(datetime(2026, 5, 12, 22, 30))
    datetime.datetime(2026, 5, 13, 8, 0)
    >>> night.until(datetime(2026, 5, 12, 8))
    datetime.datetime(2026, 5, 12, 8, 0)
    """

    start: time = time()
    end: time = time()
    weekdays: frozenset[int] = EVERY_DAY
    dates: tuple[tuple[date, date], ...] = ()

    def until(self, moment: datetime, zone: Zone = UTC) -> datetime | None:
        """When the quiet that holds ``moment`` is over.

        :param moment: naive UTC
        :param zone: the person's
        :return: naive UTC; ``moment`` itself if it is not quiet then; None if the quiet
            lasts for years
        """
        if not self._holds(_wall(moment, zone)):
            return moment
        first = _wall(moment, zone).date()
        for days in range(LOOK_AHEAD):
            day = first + timedelta(days=days)
            for clock in sorted({time(), self.end}):
                for instant in _instants(datetime.combine(day, clock), zone):
                    if instant > moment and not self._holds(_wall(instant, zone)):
                        return instant
        return None

    def is_endless(self) -> bool:
        """Is there no moment of any week that is not quiet?"""
        return self.start == self.end and self.weekdays == EVERY_DAY

    def _holds(self, wall: datetime) -> bool:
        day, clock = wall.date(), wall.time()
        if any(first <= day <= last for first, last in self.dates):
            return True
        today = wall.isoweekday() in self.weekdays
        if self.start == self.end:
            return today
        if self.start < self.end:
            return today and self.start <= clock < self.end
        before = (wall - timedelta(days=1)).isoweekday() in self.weekdays
        return (today and clock >= self.start) or (before and clock < self.end)


def _wall(moment: datetime, zone: Zone) -> datetime:
    """What the person's clock shows (naive)."""
    local = moment.replace(tzinfo=timezone.utc).astimezone(zone.tz)
    return local.replace(tzinfo=None)


def _instants(wall: datetime, zone: Zone) -> list[datetime]:
    """The moments (UTC) at which the clock shows ``wall``, the earlier first: two where
    it is repeated; where it is skipped, the moment at which the clock moves on."""
    found = []
    for fold in (1, 0):
        local = wall.replace(tzinfo=zone.tz, fold=fold)
        moment = local.astimezone(timezone.utc).replace(tzinfo=None, fold=0)
        if _wall(moment, zone) == wall:
            found.append(moment)
    if found:
        return sorted(set(found))
    # Skipped: back to the minute in which the clock jumped.
    while _wall(moment - MINUTE, zone) > wall:
        moment -= MINUTE
    return [moment]
