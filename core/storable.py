"""What a value must be like, so that a database can keep it and a calendar show it."""

from __future__ import annotations

import math
from datetime import date, datetime
from typing import Any

LARGEST = 2**31 - 1
"""What a column of whole numbers can hold, ids among them."""
SHOWN = 50
"""So much of a value that cannot be kept is repeated to whoever sent it."""
FAR = 1e15
"""Numbers beyond lose their cents."""
LONGEST = 500
"""Characters that an index of the database can hold, whatever they are."""
YEARS = range(1900, 3000)
"""Moments outside cannot be shown in every time zone, nor have windows around them."""
COMMANDS = range(7)
"""First element of what is written to a relation to many: create ... set."""

TOO_LARGE = "too_large"
NOT_UNDERSTOOD = "not_understood"


def fault_of_number(value: Any, is_whole: bool = False) -> str | None:
    """What is wrong with a number, or with the text of one; nothing is zero.

    >>> fault_of_number(2**31, is_whole=True)
    'too_large'
    >>> fault_of_number(float("nan")), fault_of_number("seven")
    ('not_understood', 'not_understood')
    >>> fault_of_number("7") is None
    True
    """
    if not value:
        return None if _is_plain(value) else NOT_UNDERSTOOD
    try:
        number = float(value)
        whole = int(value) if is_whole else 0
    except OverflowError:
        return TOO_LARGE
    except (TypeError, ValueError):
        return NOT_UNDERSTOOD
    if math.isnan(number):
        return NOT_UNDERSTOOD
    if abs(number) > FAR or abs(whole) > LARGEST:
        return TOO_LARGE
    return None


def fault_of_id(value: Any) -> str | None:
    """What is wrong with the id of one record; nothing is no record.

    >>> fault_of_id("7"), fault_of_id(-1), fault_of_id(False)
    ('not_understood', 'not_understood', None)
    """
    if value is None or value is False:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        return NOT_UNDERSTOOD
    return TOO_LARGE if value > LARGEST else None


def fault_of_ids(value: Any) -> str | None:
    """What is wrong with the ids or commands written to a relation to many.

    >>> fault_of_ids([(6, 0, [1, 2])]), fault_of_ids([4]), fault_of_ids([(9, 0, 0)])
    (None, None, 'not_understood')
    """
    if not value:
        empty = value is None or value is False or value in ([], ())
        return None if empty else NOT_UNDERSTOOD
    if not isinstance(value, (list, tuple)):
        return NOT_UNDERSTOOD
    return next(filter(None, map(_fault_of_command, value)), None)


def _fault_of_command(command: Any) -> str | None:
    if not isinstance(command, (list, tuple)):
        return fault_of_id(command)
    if not command or len(command) > 3:
        return NOT_UNDERSTOOD
    number, which, more = (*command, None, None)[:3]
    if not isinstance(number, int) or number not in COMMANDS:
        return NOT_UNDERSTOOD
    if number < 2 and not isinstance(more, dict):
        return NOT_UNDERSTOOD
    if number == 6:
        return (
            next(filter(None, map(fault_of_id, more)), None)
            if isinstance(more, (list, tuple))
            else NOT_UNDERSTOOD
        )
    return fault_of_id(which) if 0 < number < 5 else None


def fault_of_text(value: Any) -> str | None:
    """What is wrong with a text.

    >>> fault_of_text("a\\0b"), fault_of_text("\\ud800"), fault_of_text(["a"])
    ('not_understood', 'not_understood', 'not_understood')
    >>> fault_of_text("Ährenkranz") is None
    True
    """
    if isinstance(value, (list, tuple, set, dict)):
        return NOT_UNDERSTOOD
    if not isinstance(value, str):
        return None
    try:
        value.encode()
    except UnicodeEncodeError:
        return NOT_UNDERSTOOD
    return NOT_UNDERSTOOD if "\0" in value else None


def fault_of_key(value: Any) -> str | None:
    """What is wrong with a text that is looked up: as any text, and not too long.

    >>> fault_of_key("x" * 501), fault_of_key("x" * 500)
    ('too_large', None)
    """
    if isinstance(value, str) and len(value) > LONGEST:
        return TOO_LARGE
    return fault_of_text(value)


def fault_of_moment(value: Any) -> str | None:
    """What is wrong with a date or a date and time (naive UTC, or its text).

    >>> fault_of_moment("0001-01-01"), fault_of_moment("soon")
    ('too_large', 'not_understood')
    >>> fault_of_moment("2026-05-12 09:00:00") is None
    True
    """
    if not value:
        return None if _is_plain(value) else NOT_UNDERSTOOD
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip()[:19])
        except ValueError:
            return NOT_UNDERSTOOD
    if not isinstance(value, date) or getattr(value, "tzinfo", None):
        return NOT_UNDERSTOOD
    return None if value.year in YEARS else TOO_LARGE


def fault_of_json(value: Any) -> str | None:
    """What is wrong with nested plain values.

    >>> fault_of_json({"a": ["\\0"]}), fault_of_json({"a": [1.5, None]})
    ('not_understood', None)
    """
    if isinstance(value, dict):
        return fault_of_json([*value, *value.values()])
    if isinstance(value, (list, tuple)):
        return next(filter(None, map(fault_of_json, value)), None)
    if isinstance(value, float):
        return fault_of_number(value)
    return fault_of_text(value)


def shown(value: Any) -> str:
    """A value as it can be repeated to whoever sent it, whatever it is.

    >>> shown("fax"), shown(7), shown("a\0b"), len(shown("x" * 999))
    ('fax', '7', "'a\\x00b'", 50)
    """
    is_sound = not isinstance(value, (list, tuple, dict)) and not fault_of_text(value)
    return (str(value) if is_sound else ascii(value))[:SHOWN]


def _is_plain(value: Any) -> bool:
    """Nothing, said in one of the usual ways."""
    return value is None or isinstance(value, (bool, int, float, str))
