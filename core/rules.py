"""What rules ask of a person, free of any database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from .quiet import QuietHours
from .windows import Window


class Counted(NamedTuple):
    """A part of the ledger, and what is made of it: see ``Limit``."""

    window: Window
    channel_ids: frozenset[int] = frozenset()
    category_ids: frozenset[int] = frozenset()
    count_per: str = "person"
    measure: str = "touches"
    currency_id: int | None = None
    company_ids: frozenset[int] = frozenset()
    campaign_ids: frozenset[int] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Question:
    """Something one rule asks of each person.

    Rules that treat people differently ask several, each about some people. What a
    question is about besides (whom, until when) is known to the database only: see
    ``engine_questions``. ``step`` tells the questions of one rule apart.
    ``is_own_word``: the person asked for it; nobody overrides that.
    """

    rule_id: int | None
    policy_id: int | None
    on_exceed: str = "defer"
    step: int = 0
    is_own_word: bool = False


@dataclass(frozen=True, kw_only=True)
class Limit(Question):
    """What is counted, with what the message adds, must not exceed ``maximum``.

    - ``touches`` of these channels and categories in the window (empty: all together).
      A gap is the same question with a maximum of one: no two touches closer than
      the window.
    - ``people``: how many of those who share a household or a company were written to.
    - ``cost``: what those touches cost, in this currency.

    The new message adds one; of a cost its own; and nothing to touches of other kinds
    than it is. ``kept``: of the maximum so many are for touches of other business
    units, as far as those have not used them: parts of the ledger with a number each.
    """

    maximum: float
    counted: Counted
    adds: float = 1
    kept: tuple[tuple[Counted, int], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Quiet(Question):
    """Nobody is written to during these hours."""

    hours: QuietHours


@dataclass(frozen=True, kw_only=True)
class Closed(Question):
    """Nobody of those asked about is written to.

    With a ``window`` until that long after something that is known of each of them.
    """

    window: Window | None = None
