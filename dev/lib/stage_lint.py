"""The linters, the tooling's own tests, the wheel and the translations' template.

Each check counts as one test. ``fix=True`` lets those repair that can.
"""

import re
import xml.etree.ElementTree as ElementTree
import zipfile
from functools import partial

from . import node, paths, process, sizes, staging, translations
from .outcome import Outcome

LIMIT = 300
SHOWN = 30  # lines of a linter's output
PRETTY = {".xml", ".js", ".css", ".scss"}


def run(env, fix=False):
    """Run all checks and return their outcome."""
    outcome = Outcome("linters")
    tree = staging.stage("lint")
    names = staging.files()
    tools = paths.VENV / "bin"
    addon_files = [name for name in names if name.parts[0] != "dev"]
    repair = ["--fix"] if fix else []
    commands = {
        "ruff check": [tools / "ruff", "check", *repair, "."],
        "ruff format": [tools / "ruff", "format", *([] if fix else ["--check"]), "."],
        "prettier": _prettier(addon_files, fix),
        "pylint-odoo": [
            *(tools / "pylint", f"--rcfile={paths.ROOT / '.pylintrc'}"),
            *("--ignore=dev", tree),
        ],
        "oca-checks-odoo-module": [
            *(
                tools / "oca-checks-odoo-module",
                "--disable=xml-header-wrong,prefer-readme-rst",
                *repair,
            ),
            paths.ADDONS / paths.ADDON if fix else tree,
        ],
        "oca-checks-po": _po_check(tools / "oca-checks-po", names),
    }
    for title, command in commands.items():
        if command:
            _run(env, outcome, title, command)
    _judge(outcome, "sizes and docstrings", sizes.check(paths.ROOT, names))
    for title, check in {
        "wheel": partial(_wheel, env),
        "translations": partial(_translations, env),
    }.items():
        _judge(outcome, title, check())
    _tooling_tests(env, outcome)
    return outcome


def _judge(outcome, title, complaints):
    """Count a check of ours."""
    if complaints:
        more = [f"... and {len(complaints) - SHOWN} more"] * (len(complaints) > SHOWN)
        outcome.fail(f"{title}:\n" + "\n".join([*complaints[:SHOWN], *more]))
    else:
        outcome.passed += 1


def _run(env, outcome, title, command):
    """Run a linter; its output is what it complains about."""
    log = paths.LOGS / f"lint-{title.replace(' ', '-')}.log"
    log.unlink(missing_ok=True)
    variables = env.process_environment(NODE_PATH=str(node.PACKAGES), NO_COLOR="1")
    code = process.call(command, log, LIMIT, cwd=paths.ROOT, env=variables)
    lines = [line for line in process.tail(log).splitlines() if line.strip()]
    if code is None:
        lines = [f"stopped after {LIMIT} s", *lines]
    staged = re.compile(rf"\S*stage/lint/{paths.ADDON}/")
    shown = [staged.sub("", line) for line in lines]
    _judge(outcome, title, (shown or [f"exit code {code}"]) if code else [])


def _prettier(names, fix):
    """The command for the web files and XML; ``None`` when there are none."""
    chosen = [
        name for name in names if name.suffix in PRETTY and "lib" not in name.parts
    ]
    if not chosen:
        return None
    plugin = node.PACKAGES / "@prettier/plugin-xml/src/plugin.js"
    return [
        *(node.find("node"), node.PACKAGES / "prettier/bin/prettier.cjs"),
        *("--write" if fix else "--check", "--log-level=warn", f"--plugin={plugin}"),
        *chosen,
    ]


def _po_check(tool, names):
    chosen = [name for name in names if name.suffix in (".po", ".pot")]
    return [tool, *chosen] if chosen else None


def _wheel(env):
    """Build the wheel; it must hold the addon and nothing of ``dev/``."""
    tree = staging.stage("wheel")
    target = tree.parent / "dist"
    build = [env.python, "-m", "build", "--wheel", "--no-isolation", "-o", target, tree]
    log = paths.LOGS / "lint-wheel.log"
    log.unlink(missing_ok=True)
    code = process.call(build, log, LIMIT, env=env.process_environment())
    wheels = list(target.glob("*.whl"))
    if code or len(wheels) != 1:
        return [process.explain(process.tail(log)) or f"no wheel was built: see {log}"]
    with zipfile.ZipFile(wheels[0]) as wheel:
        names = set(wheel.namelist())
    root = f"odoo/addons/{paths.ADDON}/"
    complaints = [
        f"{name} is in the wheel"
        for name in sorted(names)
        if name.startswith((f"{root}dev/", f"{root}.")) or "__pycache__" in name
    ]
    needed = {root + name for name in ("__manifest__.py", "models/__init__.py")}
    return complaints + [f"{name} is not in the wheel" for name in needed - names]


def _translations(env):
    """The terms in the tree are those that Odoo exports."""
    if translations.is_current(translations.export(env)):
        return []
    return [f"{translations.POT.name} is out of date: run ./dev/pot and commit it"]


def _tooling_tests(env, outcome):
    """The tests of ``dev/`` itself: fast, without Odoo."""
    log, report = paths.LOGS / "test-dev.log", paths.LOGS / "test-dev.xml"
    for path in (log, report):
        path.unlink(missing_ok=True)
    command = [env.python, "-m", "pytest", "-q", f"--junitxml={report}", "dev/tests"]
    variables = env.process_environment()
    code = process.call(command, log, LIMIT, cwd=paths.ROOT, env=variables)
    before = outcome.failed
    cases = ElementTree.parse(report).iter("testcase") if report.is_file() else ()
    for case in cases:
        if any(case.find(kind) is not None for kind in ("failure", "error")):
            outcome.fail(f"dev/tests: {case.get('classname')}.{case.get('name')}")
        else:
            outcome.passed += 1
    if code and outcome.failed == before:
        outcome.fail(f"dev/tests ended with code {code}: see {log}")
