"""Where a file of Python can be changed a little, for ``./dev/mutate``.

A site is one change at one place. They are numbered in the order of the file, so that
a number is enough to make the change again in another process.
"""

import ast
from dataclasses import dataclass

from . import mutate_sql

COMPARED = {
    ast.Lt: (ast.LtE, "<", "<="),
    ast.LtE: (ast.Lt, "<=", "<"),
    ast.Gt: (ast.GtE, ">", ">="),
    ast.GtE: (ast.Gt, ">=", ">"),
    ast.Eq: (ast.NotEq, "==", "!="),
    ast.NotEq: (ast.Eq, "!=", "=="),
    ast.In: (ast.NotIn, "in", "not in"),
    ast.NotIn: (ast.In, "not in", "in"),
    ast.Is: (ast.IsNot, "is", "is not"),
    ast.IsNot: (ast.Is, "is not", "is"),
}
CALLED = {"min": "max", "max": "min", "any": "all", "all": "any"}
DOMAIN = {
    "<": "<=",
    "<=": "<",
    ">": ">=",
    ">=": ">",
    "=": "!=",
    "!=": "=",
    "in": "not in",
    "not in": "in",
    "&": "|",
    "|": "&",
}
"""The operators of Odoo's domains are strings of their own."""
SPOKEN = {"_", "_lt", "Char", "Text", "Selection"}
"""What is called with words for people: nothing in them decides."""


@dataclass(frozen=True)
class Site:
    """One change: what it is, and which lines a test must run to notice it."""

    file: str
    number: int
    line: int
    scope: str  # the function, or "" at the top of the module
    what: str
    lines: tuple  # first and last line of the statement
    names: tuple = ()  # at the top of the module: the constants that change


def find(file, source):
    """All sites of a file, in order."""
    finder = _Finder(file)
    finder.visit(ast.parse(source))
    return finder.sites


def mutated(source, number):
    """The syntax tree with the change of one site in it."""
    finder = _Finder("", wanted=number)
    tree = finder.visit(ast.parse(source))
    return ast.fix_missing_locations(tree)


class _Finder(ast.NodeTransformer):
    """Walks a module; changes the wanted site, and notes all others."""

    def __init__(self, file, wanted=None):
        self.sites = []
        self._file = file
        self._wanted = wanted
        self._scope = []  # names, and whether each is a function
        self._statement = None

    # ------------------------------------------------------------
    # What is walked through
    # ------------------------------------------------------------

    def visit(self, node):
        """Remember the statement; leave out what is no code that can be exchanged."""
        if isinstance(node, ast.stmt):
            outer, self._statement = self._statement, node
            try:
                return super().visit(node)
            finally:
                self._statement = outer
        return super().visit(node)

    def visit_Module(self, node):
        """The words at the top decide nothing."""
        return self._body(node)

    def visit_ClassDef(self, node):
        """Only the methods: what stands in the class itself has done its work."""
        return self._inside(node, is_function=False)

    def visit_FunctionDef(self, node):
        """Only the body: defaults and decorators have done their work."""
        return self._inside(node, is_function=True)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Lambda(self, node):
        """A function too."""
        self._scope.append(("lambda", True))
        node.body = self.visit(node.body)
        self._scope.pop()
        return node

    def visit_AnnAssign(self, node):
        """The value, not the type."""
        if node.value:
            node.value = self.visit(node.value)
        return node

    def _inside(self, node, is_function):
        self._scope.append((node.name, is_function))
        node = self._body(node)
        self._scope.pop()
        return node

    def _body(self, node):
        node.body = [
            statement
            if isinstance(statement, ast.Expr)
            and isinstance(statement.value, ast.Constant)
            else self.visit(statement)
            for statement in node.body
        ]
        return node

    # ------------------------------------------------------------
    # What is changed
    # ------------------------------------------------------------

    def visit_Compare(self, node):
        """``<`` to ``<=`` and so on."""
        for place, operator in enumerate(node.ops):
            other, sign, new = COMPARED[type(operator)]
            if self._at(node, f"`{sign}` to `{new}`"):
                node.ops[place] = other()
        return self.generic_visit(node)

    def visit_BoolOp(self, node):
        """``and`` to ``or``."""
        is_and = isinstance(node.op, ast.And)
        if self._at(node, "`and` to `or`" if is_and else "`or` to `and`"):
            node.op = ast.Or() if is_and else ast.And()
        return self.generic_visit(node)

    def visit_UnaryOp(self, node):
        """A ``not`` or a minus is forgotten."""
        signs = {ast.Not: "not", ast.USub: "-"}
        sign = signs.get(type(node.op))
        if sign and self._at(node, f"`{sign}` to nothing"):
            return node.operand
        return self.generic_visit(node)

    def visit_BinOp(self, node):
        """``+`` to ``-`` and back, of numbers and times."""
        if isinstance(node.op, (ast.Add, ast.Sub)) and not _joins(node):
            is_add = isinstance(node.op, ast.Add)
            if self._at(node, "`+` to `-`" if is_add else "`-` to `+`"):
                node.op = ast.Sub() if is_add else ast.Add()
        return self.generic_visit(node)

    def visit_AugAssign(self, node):
        """``+=`` to ``-=`` and back."""
        if isinstance(node.op, (ast.Add, ast.Sub)) and not _is_text(node.value):
            is_add = isinstance(node.op, ast.Add)
            if self._at(node, "`+=` to `-=`" if is_add else "`-=` to `+=`"):
                node.op = ast.Sub() if is_add else ast.Add()
        return self.generic_visit(node)

    def visit_Call(self, node):
        """``min`` to ``max`` and so on; nothing in words for people."""
        function = node.func
        name = getattr(function, "attr", None) or getattr(function, "id", "")
        if name in SPOKEN:
            return node
        is_known = isinstance(function, ast.Name) and name in CALLED
        if is_known and self._at(node, f"`{name}` to `{CALLED[name]}`"):
            function.id = CALLED[name]
        return self.generic_visit(node)

    def visit_Constant(self, node):
        """0 and 1, operators of domains, SQL."""
        value = node.value
        if type(value) is int and value in (0, 1):
            if self._at(node, f"`{value}` to `{1 - value}`", self._statement):
                return ast.copy_location(ast.Constant(1 - value), node)
        elif isinstance(value, str) and value in DOMAIN:
            other = DOMAIN[value]
            if self._at(node, f'"{value}" to "{other}"', self._statement):
                return ast.copy_location(ast.Constant(other), node)
        elif isinstance(value, str) and mutate_sql.is_sql(value):
            for change in mutate_sql.changes(value):
                row = value[: change[0]].count("\n")
                if self._at(node, mutate_sql.shown(value, change), row=row):
                    value = mutate_sql.changed(value, change)
                    return ast.copy_location(ast.Constant(value), node)
        return node

    def _at(self, node, what, around=None, row=0):
        """Note a site; is it the wanted one?"""
        names = ()
        if not any(is_function for _name, is_function in self._scope):
            names = assigned(self._statement)
            if self._scope or not names:
                return False
        if not what.startswith("SQL"):
            what = f"{what}: {_text(around or node)}"
        scope = ".".join(name for name, _is_function in self._scope)
        lines = _lines(self._statement)
        number = len(self.sites)
        self.sites.append(
            Site(self._file, number, node.lineno + row, scope, what, lines, names)
        )
        return number == self._wanted


def assigned(statement):
    """The names that a statement gives a value."""
    if isinstance(statement, ast.Assign):
        targets = statement.targets
    elif isinstance(statement, ast.AnnAssign):
        targets = [statement.target]
    else:
        return ()
    return tuple(target.id for target in targets if isinstance(target, ast.Name))


def _lines(statement):
    """First and last line; of a statement with others in it, its head alone."""
    body = getattr(statement, "body", None)
    if isinstance(body, list) and body:
        return statement.lineno, max(statement.lineno, body[0].lineno - 1)
    return statement.lineno, statement.end_lineno


def _joins(node):
    """Are texts or lists joined, so that a minus would only be an error?"""
    return _is_text(node.left) or _is_text(node.right)


def _is_text(node):
    kinds = (ast.JoinedStr, ast.List, ast.Tuple, ast.ListComp, ast.Dict)
    is_string = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return is_string or isinstance(node, kinds)


def _text(node):
    """The code in one short line; of a statement with others in it, its head."""
    if isinstance(node, ast.stmt):
        head = ast.unparse(node).splitlines()[0]
    else:
        head = ast.unparse(node)
    return " ".join(head.split())[:90]
