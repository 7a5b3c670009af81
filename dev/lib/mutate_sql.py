"""Small changes to SQL that stands in strings, for ``./dev/mutate``.

Libraries for mutation tests know Python's operators and nothing of what is in a string,
and half of what decides in this addon is SQL.
"""

import re

SPEAKS_SQL = re.compile(
    r"\b(SELECT|FROM|WHERE|AND|OR|NOT|NULL|CASE|FILTER|COALESCE|GREATEST|LEAST|JOIN"
    r"|INTERVAL|LIMIT|EXISTS|VALUES)\b|::\w|%s"
)
TOKEN = re.compile(
    r"""
    (?P<skip> '(?:[^']|'')*' | "[^"]*" | %\(\w+\)s | %s | --[^\n]* | ::\w+ | ->>? )
  | (?P<is> \bIS\s+NOT\s+(?:NULL|TRUE|FALSE|DISTINCT) | \bIS\s+(?:NULL|TRUE|FALSE
        |DISTINCT) )
  | (?P<word> \b(?:AND|OR|NOT|LEAST|GREATEST|BETWEEN|min|max|bool_or|bool_and)\b )
  | (?P<number> (?<![\w.])[01](?![\w.]) )
  | (?P<sign> <> | != | <= | >= | && | < | > | = | \+ | - )
    """,
    re.VERBOSE,
)
OTHER = {
    "<": "<=",
    "<=": "<",
    ">": ">=",
    ">=": ">",
    "=": "<>",
    "<>": "=",
    "!=": "=",
    "+": "-",
    "-": "+",
    "AND": "OR",
    "OR": "AND",
    "LEAST": "GREATEST",
    "GREATEST": "LEAST",
    "min": "max",
    "max": "min",
    "bool_or": "bool_and",
    "bool_and": "bool_or",
    "NOT": "",
    "0": "1",
    "1": "0",
}
COLUMN = re.compile(r"(?:GROUP|ORDER) BY [\d, ]*$")


def is_sql(text):
    """Does a string look like a part of a statement?

    ``%s`` alone makes it one: ``SQL("%s > %s", ...)``; so does a cast.
    """
    return bool(SPEAKS_SQL.search(text))


def changes(text):
    """Each small change: (start, end, what to write there)."""
    between = False
    for match in TOKEN.finditer(text):
        found = match.group()
        if match.lastgroup == "is":
            yield match.start(), match.end(), _denied(found)
        if match.lastgroup in (None, "skip", "is"):
            continue
        if found == "BETWEEN":
            between = True
        elif found == "AND" and between:
            between = False
        elif found in OTHER and not COLUMN.search(text[: match.start()]):
            yield match.start(), match.end(), OTHER[found]


def changed(text, change):
    """The text with one change in it."""
    start, end, other = change
    return f"{text[:start]}{other}{text[end:]}"


def shown(text, change):
    """One change in words, with what stands around it."""
    start, end, other = change
    before = " ".join(text[:start].split())[-34:]
    after = " ".join(text[end:].split())[:34]
    return f"SQL `{text[start:end]}` to `{other}`: {before} [] {after}".strip()


def _denied(found):
    if re.search(r"\bNOT\b", found):
        return re.sub(r"\s+NOT\b", "", found)
    return re.sub(r"^IS\b", "IS NOT", found)
