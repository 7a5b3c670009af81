"""Run one of the measurements with ``env`` open (fed to ``odoo shell``)."""

import os
import sys

try:
    import importlib

    name, *arguments = os.environ["CS_ARGUMENTS"].split("\n")
    importlib.import_module(f"lib.{name}").main(env, *arguments)  # noqa: F821
except Exception:  # noqa: BLE001  (the shell would go on)
    sys.excepthook(*sys.exc_info())
    sys.stderr.flush()
    os._exit(1)
