"""Generate the web assets of a template database (fed to ``odoo shell``)."""

import os
import sys

try:
    env["ir.qweb"]._pregenerate_assets_bundles()  # noqa: F821  (given by the shell)
    env.cr.commit()  # noqa: F821
except Exception:  # noqa: BLE001  (the shell would go on, with code 0)
    sys.excepthook(*sys.exc_info())
    sys.stderr.flush()
    os._exit(1)
