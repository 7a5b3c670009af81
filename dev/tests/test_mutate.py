"""Small changes are made, and what a test notices is told from what it does not."""

import importlib.util
import json
import sys

import pytest
from lib import (
    console,
    mutate_child,
    mutate_command,
    mutate_judged,
    mutate_sites,
    mutate_sql,
)
from lib.mutate_apply import Loaded

PACKAGE = "mutated_example"
SOURCE = '''"""Nothing in here: 1 < 2."""
CAP = 1
ROOM = CAP + 1


class Rule:
    least = 0

    def is_free(self, age, used=0):
        """Never > this."""
        return age >= 7 and used < CAP

    def domain(self):
        return [("date", "<", "today")]

    def room(self):
        return ROOM
'''


@pytest.fixture
def example(tmp_path):
    """A module that is loaded, and its sites."""
    path = tmp_path / "rule.py"
    path.write_text(SOURCE, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(PACKAGE, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[PACKAGE] = module
    spec.loader.exec_module(module)
    yield module, mutate_sites.find("rule.py", SOURCE), Loaded(tmp_path, PACKAGE)
    del sys.modules[PACKAGE]


def _fate(example, what, test):
    """What a test says of one change, in a copy of this process."""
    module, sites, loaded = example
    (site,) = (s for s in sites if s.what.startswith(what))

    def work():
        changed = loaded.change(site)
        return {"changed": changed, "passes": bool(test(module))}

    return mutate_child.in_child(work, 30)


def test_a_known_change_is_noticed_and_another_survives(example):
    """At seven the border is tested, at the cap it is not."""

    def test(module):
        rule = module.Rule()
        return rule.is_free(7) and not rule.is_free(6)

    changed = _fate(example, "`>=` to `>`", test)
    assert changed == {"changed": 1, "passes": False}
    assert _fate(example, "`<` to `<=`", test) == {"changed": 1, "passes": True}
    assert test(example[0])  # nothing stays


def test_constants_and_what_hangs_on_them(example):
    """The number, what was computed from it, and a domain."""
    fate = _fate(example, "`1` to `0`: CAP", lambda module: module.Rule().room() == 2)
    assert fate == {"changed": 2, "passes": False}
    fate = _fate(example, '"<" to "<="', lambda module: module.Rule().domain()[0][1])
    assert fate == {"changed": 1, "passes": True}


def test_what_has_done_its_work_is_left_alone(example):
    """Words, defaults, and what stands in a class."""
    assert [(site.line, site.scope) for site in example[1]] == [
        (2, ""),
        (3, ""),
        (3, ""),
        (11, "Rule.is_free"),
        (11, "Rule.is_free"),
        (11, "Rule.is_free"),
        (14, "Rule.domain"),
    ]


def test_a_change_that_never_ends_is_late():
    """It is noticed too."""

    def work():
        while True:
            pass

    assert mutate_child.in_child(work, 0.2) == mutate_child.LATE


@pytest.mark.parametrize(
    ("statement", "others"),
    [
        ("a < %s", ["a <= %s"]),
        ("a <> '<' AND \"=\"", ["a = '<' AND \"=\"", "a <> '<' OR \"=\""]),
        ("t BETWEEN %s AND %(b)s", []),
        ("x IS NOT NULL", ["x IS NULL"]),
        ("GREATEST(x - 1, 10)", ["LEAST(x - 1, 10)", "GREATEST(x + 1, 10)", None]),
        ("GROUP BY 1, 2 ORDER BY 1", []),
        ("a::int = b->>'x'", ["a::int <> b->>'x'"]),
    ],
)
def test_sql(statement, others):
    """Each change alone; names, values and numbers of columns stay."""
    found = [
        mutate_sql.changed(statement, change)
        for change in mutate_sql.changes(statement)
    ]
    assert len(found) == len(others)
    for one, other in zip(found, others, strict=True):
        assert other in (one, None)


def test_judged(tmp_path):
    """A reason makes a survivor harmless; one that nobody needs is named."""
    file = tmp_path / "equivalent.toml"
    entry = '[[equivalent]]\nfile = "{}"\nscope = "f"\nwhat = "x"\nreason = "{}"\n'
    file.write_text(entry.format("a.py", "Never both.") + entry.format("b.py", "No."))
    results = [
        {"file": "a.py", "line": 1, "scope": "f", "what": "x", "outcome": "survived"},
        {"file": "b.py", "line": 1, "scope": "f", "what": "x", "outcome": "killed"},
        {"file": "b.py", "line": 2, "scope": "g", "what": "x", "outcome": "survived"},
    ]
    sorted_, idle = mutate_judged.sort(results, mutate_judged.load(file))
    figures = mutate_command.summary(sorted_)
    assert (figures["mutants"], figures["killed"]) == (3, 1)
    assert [one["reason"] for one in figures["equivalent"]] == ["Never both."]
    assert [one["scope"] for one in figures["survived"]] == ["g"]
    assert idle == [("b.py", "f", "x")]
    assert json.dumps(figures)
    file.write_text(entry.format("a.py", " "))
    with pytest.raises(console.Failure):
        mutate_judged.load(file)
