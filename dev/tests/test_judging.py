"""How results, logs and sizes are judged."""

from pathlib import Path

import build_backend
import pytest
from lib import baseline, logwatch, paths, pytest_plugin, sizes
from lib.outcome import Outcome, total

PASS, FAIL = {"outcome": "passed"}, {"outcome": "failed", "detail": "no"}
NO_CHROME = {"outcome": "skipped", "detail": "Chrome executable not found"}
OTHER_SKIP = {"outcome": "skipped", "detail": "not today"}
KNOWN = {"reason": "slow", "flaky": False}
FLAKY = {"reason": "slow", "flaky": True}


@pytest.mark.parametrize(
    ("before", "now", "known", "sums"),
    [
        ("passed", PASS, None, (1, 0, 0)),
        ("passed", FAIL, None, (0, 1, 0)),  # broken by us
        ("passed", None, None, (0, 1, 0)),  # did not run
        ("passed", NO_CHROME, None, (0, 0, 1)),
        ("passed", OTHER_SKIP, None, (0, 1, 0)),
        ("failed", FAIL, KNOWN, (0, 0, 1)),
        ("failed", PASS, KNOWN, (0, 1, 0)),  # must leave the list
        ("failed", PASS, FLAKY, (1, 0, 0)),
        ("failed", FAIL, FLAKY, (0, 0, 1)),
        ("skipped", OTHER_SKIP, None, (0, 0, 1)),
        (None, PASS, None, (1, 0, 0)),  # a test that is new
        (None, FAIL, None, (0, 1, 0)),
    ],
)
def test_comparison(before, now, known, sums):
    """A test is judged by its outcome before, now, and the known failures."""
    recorded = {"other": "passed", **({"t": before} if before else {})}
    results = {"other": PASS, **({"t": now} if now else {})}
    outcome = baseline.compare("x", recorded, {"t": known} if known else {}, results)
    passed, failed, skipped = sums
    assert (outcome.passed - 1, outcome.failed, outcome.skipped) == (
        passed,
        failed,
        skipped,
    )


def test_nothing_recorded():
    """Without a baseline nothing can be said to hold."""
    assert baseline.compare("x", {}, {}, {}).failed == 1


def test_recording_keeps_reasons():
    """A recorded failure keeps its reason; one that passes leaves the list."""
    kept = {"a": dict(KNOWN), "b": dict(KNOWN), "c": dict(FLAKY)}
    recorded = {"suites": {}, "known_failures": kept}
    baseline.record(recorded, "s", {"a": FAIL, "b": PASS, "c": PASS, "d": FAIL})
    assert set(recorded["known_failures"]) == {"a", "c", "d"}
    assert recorded["known_failures"]["a"]["reason"] == "slow"


LOG = """\
2026-01-01 00:00:00,000 1 INFO db odoo.addons.{us}: fine
2026-01-01 00:00:00,000 1 WARNING db odoo.addons.{us}.models: bad one
2026-01-01 00:00:00,000 1 WARNING db odoo.addons.mail: not ours
2026-01-01 00:00:00,000 1 ERROR db odoo.http: oops
Traceback (most recent call last):
  File "/x/{us}/models/a.py", line 1
2026-01-01 00:00:00,000 1 WARNING db odoo.registry: contact.touch has no index
2026-01-01 00:00:00,000 1 ERROR db odoo.addons.mail.tests.x: FAIL: TestX.test_y
  File "/x/{us}/models/a.py", line 1
"""


def test_log(tmp_path):
    """Warnings and errors count when they name the addon, wherever they come from."""
    log = tmp_path / "log"
    log.write_text(LOG.format(us=paths.ADDON))
    found = logwatch.problems(log, {"contact.touch"})
    assert [record.split(" ")[3] for record in found] == ["WARNING", "ERROR", "WARNING"]
    assert logwatch.problems(tmp_path / "none", set()) == []


def test_sizes(tmp_path):
    """Long files, long functions and silent public methods are complained about."""
    (tmp_path / "models").mkdir()
    body = "\n".join(f"        x = {number}" for number in range(50))
    text = f"class A:\n    def b(self):\n{body}\n\n    def _c(self):\n        pass\n"
    (tmp_path / "models" / "a.py").write_text(text)
    (tmp_path / "long.py").write_text("x = 1\n" * 301)
    complaints = sizes.check(tmp_path, [Path("models/a.py"), Path("long.py")])
    assert [c.split(" ", 1)[1][:14] for c in complaints] == [
        "301 lines, 300",
        "b has 51 lines",
        "b is public: s",
    ]


def test_closing_line():
    """The last line of a run, in its plain form."""
    one, two = Outcome("a", passed=3, skipped=1), Outcome("b")
    two.fail("x")
    assert total([one, two]).sums() == "3 passed, 1 failed, 1 skipped"


def test_names_of_test_modules():
    """A test file of a checkout of any name gets its place under odoo.addons."""
    found = pytest_plugin.resolve_pkg_root_and_module_name(
        paths.ROOT / "tests" / "test_x.py"
    )
    assert found[1] == f"odoo.addons.{paths.ADDON}.tests.test_x"


def test_shipped_files(tmp_path):
    """The wheel gets the addon's files and none of the tooling's."""
    for name in (
        "__manifest__.py",
        "dev/x.py",
        ".dev/y",
        "core/ruff.toml",
        "models/m.py",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    shipped = {str(name) for name in build_backend.shipped_files(tmp_path)}
    assert shipped == {"__manifest__.py", "models/m.py"}
