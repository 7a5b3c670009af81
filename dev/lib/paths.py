"""Where things lie. Everything fetched or made is under one ignored folder."""

import contextlib
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


# Beside the addon in the checkout, and nothing that Odoo should walk through
NOT_THE_ADDON = {"dev", "docs", "build", "dist", "node_modules", "__pycache__"}


def link_addon() -> Path:
    """Offer the checkout under the addon's name; return the folder for Odoo.

    Odoo takes an addon's name from its folder, and the checkout may be called
    anything. The folder is real and its entries are links: a link to the checkout as a
    whole would lead Odoo, which follows links, through ``.dev`` for ever.
    """
    folder = ADDONS / ADDON
    if folder.is_symlink():
        folder.unlink()
    folder.mkdir(parents=True, exist_ok=True)
    wanted = {
        path.name
        for path in ROOT.iterdir()
        if not path.name.startswith(".") and path.name not in NOT_THE_ADDON
    }
    there = {path.name for path in folder.iterdir()}
    for name in there - wanted:
        if (folder / name).is_symlink():
            (folder / name).unlink(missing_ok=True)
    for name in wanted - there:
        with contextlib.suppress(FileExistsError):  # another command was faster
            (folder / name).symlink_to(Path("..", "..", "..", name))
    return ADDONS
