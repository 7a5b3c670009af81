"""What a rule of the contact strategy says, free of any database."""

from __future__ import annotations

from dataclasses import dataclass

from .windows import Window


@dataclass(frozen=True)
class RuleSpec:
    """At most ``maximum`` touches in ``window``, of these channels and categories.

    Empty channels (categories) mean all of them together. A gap is the same question
    with a maximum of one: no two touches closer than the window.

    >>> RuleSpec(1, 1, 2, Window(7, "day")).allows(1)
    True
    >>> RuleSpec(1, 1, 2, Window(7, "day")).allows(2)
    False
    """

    rule_id: int
    policy_id: int
    maximum: int
    window: Window
    channel_ids: frozenset[int] = frozenset()
    category_ids: frozenset[int] = frozenset()
    count_per: str = "person"
    on_exceed: str = "defer"

    def concerns(self, channel_id: int, category_id: int | None) -> bool:
        """Is a message of this channel and category bound by the rule?"""
        return (not self.channel_ids or channel_id in self.channel_ids) and (
            not self.category_ids or category_id in self.category_ids
        )

    def allows(self, count: int) -> bool:
        """May one more touch follow ``count`` others? The candidate counts itself."""
        return count + 1 <= self.maximum
