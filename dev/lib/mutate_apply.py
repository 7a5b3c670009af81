"""Change the code of modules that are loaded already, for ``./dev/mutate``.

Loading Odoo's registry anew for each change would take most of a minute. The functions
that are there get other code instead; what was computed from a constant of the module
is computed again. What runs once only, while a class is made, cannot be changed so.
"""

import ast
import gc
import os
import sys
import types

from . import mutate_sites


class Loaded:
    """The functions and modules of a checkout that this process has loaded.

    :param str root: the folder of the addon
    :param str package: its name in ``sys.modules``
    """

    def __init__(self, root, package):
        self._root = os.path.realpath(root)
        self._package = package
        self._modules = {}  # file: module
        self._functions = {}  # file: functions
        self._known = {}
        for module in self._all_modules():
            if path := getattr(module, "__file__", None):
                self._modules[self.name_of(path)] = module
        for found in gc.get_objects():
            if isinstance(found, types.FunctionType):
                name = self.name_of(found.__code__.co_filename)
                if name in self._modules:
                    self._functions.setdefault(name, []).append(found)

    def name_of(self, path):
        """The file's path inside the addon; None if it is none of its."""
        if path not in self._known:
            real = os.path.realpath(path)
            is_ours = real.startswith(self._root + os.sep)
            self._known[path] = real[len(self._root) + 1 :] if is_ours else None
        return self._known[path]

    def change(self, site):
        """Make the change of a site, here and now.

        :return: how many functions and constants are other than before
        """
        module = self._modules[site.file]
        with open(module.__file__, encoding="utf-8") as stream:
            source = stream.read()
        tree = mutate_sites.mutated(source, site.number)
        if site.names:
            return self._change_constants(module, tree, site)
        code = compile(tree, module.__file__, "exec")
        new = {(each.co_qualname, each.co_firstlineno): each for each in _codes(code)}
        changed = 0
        for function in self._functions.get(site.file, ()):
            old = function.__code__
            other = new.get((old.co_qualname, old.co_firstlineno))
            if other is not None and other != old:
                function.__code__ = other
                changed += 1
        return changed

    def _change_constants(self, module, tree, site):
        """Run the assignments again that hang on the constant, and tell importers."""
        values, names = vars(module), set(site.names)
        for statement in tree.body:
            if not isinstance(statement, (ast.Assign, ast.AnnAssign)):
                continue
            used = {n.id for n in ast.walk(statement) if isinstance(n, ast.Name)}
            if not used & names:
                continue
            given = mutate_sites.assigned(statement)
            before = {name: values.get(name) for name in given}
            part = ast.Module([statement], [])
            exec(compile(part, module.__file__, "exec"), values)
            names |= set(given)
            for other in self._all_modules():
                for name in given:
                    if vars(other).get(name, self) is before[name]:
                        setattr(other, name, values[name])
        return len(names)

    def _all_modules(self):
        return [
            module
            for name, module in list(sys.modules.items())
            if module is not None and name.startswith(self._package)
        ]


def _codes(code):
    """A piece of code and all those within."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _codes(constant)
