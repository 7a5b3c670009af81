"""Where things lie. Everything fetched or made is under one ignored folder."""

import os
from pathlib import Path

ADDON = "mass_mailing_contact_strategy"
SERIES = (19, 0)

ROOT = Path(__file__).resolve().parents[2]
DEV = ROOT / "dev"
CACHE = ROOT / ".dev"

DOWNLOADS = CACHE / "downloads"
LOGS = CACHE / "logs"
RUN = CACHE / "run"  # lock files and stamps
BIN = CACHE / "bin"  # first on PATH of what we start
VENV = CACHE / "venv"
ODOO_PACKAGE = CACHE / "odoo"
NODE = CACHE / "node"
ADDONS = CACHE / "addons"
OCA = CACHE / "oca"
VENV_PYTHON = VENV / "bin" / "python"


def link_addon() -> Path:
    """Link the checkout under the addon's name, and return the folder of the link.

    Odoo takes an addon's name from its folder; the checkout may be called anything.
    """
    ADDONS.mkdir(parents=True, exist_ok=True)
    link = ADDONS / ADDON
    if not (link.is_symlink() and link.resolve() == ROOT):
        fresh = ADDONS / f".{ADDON}.{os.getpid()}"
        fresh.symlink_to(Path("..") / "..", target_is_directory=True)
        fresh.replace(link)
    return ADDONS
