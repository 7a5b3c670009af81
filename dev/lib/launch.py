"""Start a command: with a fitting Python, after fetching, inside the environment.

This file must stay readable by old Pythons: it is what tells their users so.
"""

import os
import shutil
import sys

OLDEST, NEWEST = (3, 10), (3, 13)


def launch(module, fetch=True):
    """Run ``main(argv)`` of ``module`` and exit with what it returns."""
    _fitting_python()
    from . import console

    sys.exit(console.guarded(lambda argv: _start(module, fetch, argv), sys.argv[1:]))


def _start(module, fetch, argv):
    import importlib

    from . import bootstrap, paths

    if fetch:
        bootstrap.ensure()
        if not _runs_in(paths.VENV):
            python = str(paths.VENV_PYTHON)
            sys.stdout.flush()
            os.execv(python, [python, *sys.argv])
    return importlib.import_module(module).main(argv)


def _runs_in(venv):
    return os.path.realpath(sys.prefix) == os.path.realpath(str(venv))


def _fitting_python():
    """Go on with another Python when this one is too old or too new for Odoo 19."""
    if OLDEST <= sys.version_info[:2] <= NEWEST:
        return
    for minor in (12, 11, 13, 10):
        python = shutil.which("python3.%d" % minor)  # noqa: UP031
        if python:
            os.execv(python, [python] + sys.argv)  # noqa: RUF005
    sys.stderr.write(
        "error: Odoo 19 needs Python 3.10 to 3.13, this is %d.%d and there is no other "  # noqa: UP031
        "on PATH: install one (such as python3.12)\n" % sys.version_info[:2]
    )
    sys.exit(2)
