"""Limits that keep the code readable, and docstrings where others call.

A file has at most 300 lines, a function 40 (docstring included), and what is public in
the models and in the core says what it is for.
"""

import ast

MAX_FILE = 300
MAX_FUNCTION = 40
DOCUMENTED = ("models", "core", "wizards", "controllers", "report")
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def check(root, files):
    """Return complaints, one line each, about Python files relative to ``root``."""
    complaints = []
    for name in sorted(files):
        if name.suffix != ".py" or name.name == "__manifest__.py":
            continue
        text = (root / name).read_text(encoding="utf-8")
        lines = len(text.splitlines())
        if lines > MAX_FILE:
            complaints.append(f"{name}: {lines} lines, {MAX_FILE} at most: split it")
        try:
            tree = ast.parse(text)
        except SyntaxError as error:
            complaints.append(f"{name}:{error.lineno}: {error.msg}")
            continue
        if "tests" not in name.parts:
            complaints += _long_functions(name, tree)
        if name.parts[0] in DOCUMENTED:
            complaints += _undocumented(name, tree)
    return complaints


def _long_functions(name, tree):
    for node in ast.walk(tree):
        if isinstance(node, FUNCTIONS):
            length = node.end_lineno - node.lineno + 1
            if length > MAX_FUNCTION:
                yield (
                    f"{name}:{node.lineno}: {node.name} has {length} lines, "
                    f"{MAX_FUNCTION} at most: split it"
                )


def _undocumented(name, tree):
    """Public functions and methods (not those inside functions) want a docstring."""
    scopes = [tree]
    while scopes:
        for node in scopes.pop().body:
            if isinstance(node, ast.ClassDef):
                scopes.append(node)
            elif (
                isinstance(node, FUNCTIONS)
                and not node.name.startswith("_")
                and not ast.get_docstring(node)
            ):
                yield f"{name}:{node.lineno}: {node.name} is public: say what it does"
