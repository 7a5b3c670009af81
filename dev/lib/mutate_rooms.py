"""What ``./dev/mutate`` changes, and which tests are asked about it."""

import ast
import re

from . import mutate_sites, paths

FOLDERS = {"core": "core", "policy": "models/policy"}
CORE_TESTS = (
    r"core_\w+|engagement_score|outline|ledger_fold_rules|quality_checks|preferences"
    r"|rule_validation|rule_kinds|identity_change|segment_conditions|sms_handover"
    r"|uncertain_handover|wish_rules|segment_fields|touch_import|preflight_people"
)
POLICY_TESTS = (
    r"allowance|category_channel|check_contact\w*|gate_(?:batches|duplicates|paths"
    r"|program|review|invariants)|hold_(?:review|waiting)|ledger_fold_rules|override"
    r"|policy_(?!version_commit)\w+|preferences|preflight_people|priority\w*"
    r"|profile_segments|quality_purchased|rights_policies|rule_\w+|screens_(?:overview|profile|timeline)"
    r"|segment_use_policy|wish\w*|touch_settle|core_\w+"
)
TESTS = {"core": CORE_TESTS, "policy": POLICY_TESTS}


def files(room, only=None):
    """The files of a room, as paths in the addon; ``only``: ends of paths."""
    found = sorted((paths.ROOT / FOLDERS[room]).glob("*.py"))
    names = [str(path.relative_to(paths.ROOT)) for path in found]
    return [name for name in names if not only or name.endswith(tuple(only))]


def tests(room):
    """The names of the test files that are asked about a room."""
    chosen = re.compile(rf"test_(?:{TESTS[room]})$")
    found = sorted((paths.ROOT / "tests").glob("test_*.py"))
    return [path.stem for path in found if chosen.match(path.stem)]


def sites(names):
    """All sites of some files."""
    return [site for name in names for site in mutate_sites.find(name, _source(name))]


def noticed_by(some, classes):
    """For each site the tests that run it.

    :param list some: sites
    :param dict classes: {class: {"tests": {test: (seconds, lines)}}}
    """
    by_line = {}
    for found in classes.values():
        for test, (_seconds, lines) in found["tests"].items():
            for file, line in lines:
                by_line.setdefault(file, {}).setdefault(line, set()).add(test)
    readers = _Readers(sorted({file for file in by_line} | {s.file for s in some}))
    answer = []
    for site in some:
        spans = readers.of(site) if site.names else [(site.file, *site.lines)]
        found = set()
        for file, first, last in spans:
            for line in range(first, last + 1):
                found |= by_line.get(file, {}).get(line, set())
        answer.append(sorted(found))
    return answer


class _Readers:
    """Which functions read a constant of a module, also by way of other constants."""

    def __init__(self, names):
        self._trees = {name: ast.parse(_source(name)) for name in names}

    def of(self, site):
        """Where: (file, first line, last line)."""
        wanted = set(site.names)
        for statement in self._trees[site.file].body:
            if _used(statement) & wanted:
                wanted |= set(mutate_sites.assigned(statement))
        return [
            (file, node.body[0].lineno, node.end_lineno)
            for file, tree in self._trees.items()
            for node in ast.walk(tree)
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
            and any(_used(part) & wanted for part in node.body)
        ]


def _used(node):
    found = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
    return found | {n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)}


def _source(name):
    return (paths.ROOT / name).read_text(encoding="utf-8")
