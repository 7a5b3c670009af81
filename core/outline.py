"""Lines of an outline become a tree: a deeper line belongs to the line above it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

TOO_DEEP = "too_deep"
"""Deeper than the first level, or than the group above allows."""
EMPTY = "empty"
"""A group that holds nothing."""


class OutlineError(ValueError):
    """Lines that make no tree.

    ``code``: what is wrong; ``item``: the line that is at fault.
    """

    def __init__(self, code: str, item: Any):
        super().__init__(code, item)
        self.code, self.item = code, item


@dataclass(frozen=True)
class Line:
    """A line: how deep it stands, whether it may hold others, and what it is about."""

    level: int
    is_group: bool
    item: Any


@dataclass(frozen=True)
class Node:
    """A line with the lines that belong to it."""

    item: Any
    is_group: bool
    children: list[Node] = field(default_factory=list)


def parse(lines: Iterable[Line]) -> list[Node]:
    """The tree of some lines, in their order: the nodes of the first level.

    >>> nodes = parse([Line(0, True, "any"), Line(1, False, "a"), Line(0, False, "b")])
    >>> [(node.item, [child.item for child in node.children]) for node in nodes]
    [('any', ['a']), ('b', [])]

    :raise OutlineError: a line stands too deep, or a group is empty
    """
    first: list[Node] = []
    groups: list[Node] = []  # open ones, from the outermost to the innermost
    for line in lines:
        if not 0 <= line.level <= len(groups):
            raise OutlineError(TOO_DEEP, line.item)
        _close(groups, line.level)
        node = Node(line.item, line.is_group)
        (groups[-1].children if groups else first).append(node)
        if line.is_group:
            groups.append(node)
    _close(groups, 0)
    return first


def _close(groups: list[Node], level: int) -> None:
    """Nothing follows in the groups that are deeper than a level."""
    while len(groups) > level:
        group = groups.pop()
        if not group.children:
            raise OutlineError(EMPTY, group.item)


def walk(nodes: Iterable[Node], level: int = 0) -> Iterator[tuple[int, Node]]:
    """All nodes with their levels, in the order of the lines.

    >>> list(walk([])), [level for level, _node in walk([Node("a", False)])]
    ([], [0])
    """
    for node in nodes:
        yield level, node
        yield from walk(node.children, level + 1)
