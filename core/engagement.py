"""Points of engagement that fade, and the score that is made of them.

A fact of today weighs 1, one that is a half-life old weighs 1/2, and so on. So that
nobody has to look at old facts again, weights are kept as seen from one fixed moment
(``REFERENCE``): a sum of such weights fades as a whole, by one factor.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

REFERENCE = datetime(2026, 1, 1)
"""The moment kept weights are seen from (naive UTC). It must never change."""
HALF_LIFE = 30
"""Days after which a fact weighs half, unless set otherwise."""
HALF_LIVES = range(7, 3651)
"""With less the weights would grow too large for a number within this century."""
HALF_WAY = 20
"""So many points are a score of 50."""
STEEPEST = 1000
"""Powers of two that the numbers of computers can hold, with some room."""
DAY = 86400


@dataclass(frozen=True)
class Classes:
    """From which score on somebody is hot, warm, cold; silent below.

    >>> Classes().of(60), Classes().of(59), Classes().of(5), Classes().of(0)
    ('hot', 'warm', 'cold', 'silent')
    """

    hot: int = 60
    warm: int = 30
    cold: int = 5

    @property
    def is_ordered(self) -> bool:
        """Can somebody be in each of them?

        >>> Classes(50, 60, 5).is_ordered, Classes().is_ordered
        (False, True)
        """
        return 0 < self.cold < self.warm < self.hot <= 100

    def of(self, score: int) -> str:
        """The class of a score."""
        if score >= self.hot:
            return "hot"
        if score >= self.warm:
            return "warm"
        return "cold" if score >= self.cold else "silent"


def power_of(moment: datetime, half_life: float) -> float:
    """Half-lives from the reference to a moment, as far as numbers go.

    >>> power_of(datetime(2026, 1, 31), 30), power_of(datetime(1926, 1, 1), 7)
    (1.0, -1000.0)
    """
    days = (moment - REFERENCE).total_seconds() / DAY
    return max(-float(STEEPEST), min(float(STEEPEST), days / half_life))


def weight_of(age: float, half_life: float = HALF_LIFE) -> float:
    """What a fact of this age (in days) weighs.

    >>> weight_of(0), weight_of(30), weight_of(60)
    (1.0, 0.5, 0.25)
    """
    return 2.0 ** max(-float(STEEPEST), -age / half_life)


def value_of(moments: Iterable[datetime], half_life: float = HALF_LIFE) -> float:
    """The weights of facts, as they are kept: seen from the reference.

    >>> value_of([REFERENCE, datetime(2026, 1, 31)])
    3.0
    """
    return sum(2.0 ** power_of(moment, half_life) for moment in moments)


def fading(now: datetime, half_life: float = HALF_LIFE) -> float:
    """What kept weights are multiplied by to be seen from now.

    >>> moment = datetime(2026, 3, 2)
    >>> value_of([moment]) * fading(moment)
    1.0
    """
    return 2.0 ** -power_of(now, half_life)


def score_of(points: float) -> int:
    """Points as a score from 0 to 100 that ever more points can only come near to.

    >>> [score_of(points) for points in (-3, 0, 1, 5, 20, 40, 1000)]
    [0, 0, 3, 16, 50, 75, 100]
    """
    return math.floor(100 * (1 - 2 ** (-max(points, 0) / HALF_WAY)) + 0.5)
