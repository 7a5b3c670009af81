"""What the engine answers for one person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from math import inf
from typing import NamedTuple


@dataclass(frozen=True)
class Refusal:
    """One rule that said no, and why.

    ``next_allowed`` is None where the rule alone would never let the person through.
    ``note`` holds the words of a rule that a user programmed; ``step`` says which part
    of the rule it was, where a rule has several. What the person asked for has no rule,
    but ``terms`` to say it with. ``planned``: mailings that go first.
    """

    rule_id: int | None
    policy_id: int | None
    on_exceed: str
    next_allowed: datetime | None = None
    touch_ids: tuple[int, ...] = ()
    note: str | None = None
    step: int = 0
    terms: dict | None = None
    planned: tuple[int, ...] = ()


class Verdict(NamedTuple):
    """The answer for one candidate: send, defer until a moment, or hold.

    A tuple, since there is one for each of a million people.

    >>> Verdict(7).decision
    'send'
    >>> later = Refusal(1, 1, "defer", datetime(2026, 5, 14))
    >>> Verdict(7, refusals=(later,)).decision
    'defer'
    >>> never = Refusal(2, 1, "hold", datetime(2026, 6, 1))
    >>> Verdict(7, refusals=(later, never)).decision
    'hold'
    >>> Verdict(7, refusals=(Refusal(3, 1, "defer"),)).decision
    'hold'
    """

    profile_id: int
    policy_id: int | None = None
    tz: str = "UTC"
    tz_source: str = "utc"
    refusals: tuple[Refusal, ...] = ()
    opens: datetime | None = None

    @property
    def decision(self) -> str:
        """``send``, ``defer`` or ``hold``: one rule that holds is enough, and nobody
        is deferred for ever."""
        if not self.refusals:
            return "send"
        if any(r.on_exceed == "hold" for r in self.refusals) or not self.next_allowed:
            return "hold"
        return "defer"

    @property
    def next_allowed(self) -> datetime | None:
        """First moment (naive UTC) at which every rule lets the person through, if
        nothing else is sent meanwhile; None if there is none, or no need. ``opens`` is
        that moment where it would be quiet when the refusals end."""
        moments = [refusal.next_allowed for refusal in self.refusals]
        if not moments or not all(moments):
            return None
        return max(self.opens or moments[0], *moments)


@dataclass(frozen=True)
class Message:
    """What somebody wants to send, as far as rules ask. ``cost``: of one piece.

    Where allowance is scarce, messages go first in the order of ``rank``: the higher
    ``priority``, the earlier ``schedule`` (naive UTC; None: as soon as it is asked
    for), the older.
    """

    channel_id: int
    category_id: int | None = None
    company_id: int | None = None
    obeys_caps: bool = True
    cost: Decimal = Decimal(0)
    currency_id: int | None = None
    mailing_id: int | None = None
    priority: int = 0
    schedule: datetime | None = None
    campaign_id: int | None = None

    def rank(self, now: datetime) -> tuple:
        """What goes first has the lower rank.

        :param now: the moment that is asked about (naive UTC)

        >>> now = datetime(2026, 5, 14)
        >>> urgent = Message(1, priority=5, schedule=datetime(2026, 5, 20))
        >>> urgent.rank(now) < Message(1).rank(now)
        True
        """
        return (-self.priority, self.schedule or now, self.mailing_id or inf)
