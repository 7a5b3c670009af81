"""How long single touches must be kept for the sake of a rule."""

from __future__ import annotations

from datetime import datetime, timedelta

from .windows import Window

MARGIN = timedelta(days=14)
"""More than weeks that begin elsewhere, clocks around the world and the last days of
months can move a window back by."""


def needed_since(window: Window, now: datetime) -> datetime:
    """The moment before which a rule with this window never looks, now or later.

    :param window: of the rule
    :param now: naive UTC
    :return: naive UTC; early rather than exact, for everybody's clock

    >>> needed_since(Window(7, "day"), datetime(2026, 5, 28))
    datetime.datetime(2026, 5, 7, 0, 0, 0, 1)
    >>> needed_since(Window(1, "month", "calendar"), datetime(2026, 5, 28))
    datetime.datetime(2026, 4, 14, 0, 0, 0, 1)
    """
    rolling = Window(window.value, window.unit, "rolling")
    return rolling.bounds(now)[0] - MARGIN
