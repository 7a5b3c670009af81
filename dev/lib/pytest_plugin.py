"""Let pytest run the addon's tests from a checkout of any name.

pytest-odoo names a test module after the folder the addon really lies in, and a
``conftest.py`` in the addon's root would be imported under the wrong name. This plugin
(loaded by ``-p`` in ``pyproject.toml``) is there before: whatever lies below the
checkout becomes ``odoo.addons.<addon>.<path>``.
"""

import _pytest.pathlib

from . import paths

_original = _pytest.pathlib.resolve_pkg_root_and_module_name


def resolve_pkg_root_and_module_name(path, *, consider_namespace_packages=False):
    """Name a module of the checkout as Odoo does; leave all others alone."""
    resolved = path.resolve()
    if not resolved.is_relative_to(paths.ROOT) or resolved.is_relative_to(paths.DEV):
        return _original(path, consider_namespace_packages=consider_namespace_packages)
    parts = resolved.relative_to(paths.ROOT).with_suffix("").parts
    if parts[-1:] == ("__init__",):
        parts = parts[:-1]
    return paths.ADDONS, ".".join(("odoo", "addons", paths.ADDON, *parts))


_pytest.pathlib.resolve_pkg_root_and_module_name = resolve_pkg_root_and_module_name
