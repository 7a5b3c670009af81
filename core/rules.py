"""What a rule of the contact strategy says, free of any database."""

from __future__ import annotations

from dataclasses import dataclass

from .windows import Window


@dataclass(frozen=True)
class RuleSpec:
    """At most ``maximum`` touches in ``window``, of these channels and categories.

    Empty channels (categories) mean all of them together. A gap is the same question
    with a maximum of one: no two touches closer than the window.

    >>> week = Window(7, "day")
    >>> RuleSpec(1, 1, 2, week).concerns(channel_id=5, category_id=None)
    True
    >>> RuleSpec(1, 1, 2, week, channel_ids=frozenset({4})).concerns(5, None)
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
