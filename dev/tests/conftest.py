"""A checkout's cache of its own for each test."""

import pytest
from lib import paths

FOLDERS = ("CACHE", "DOWNLOADS", "LOGS", "RUN", "BIN", "NODE", "VENV")


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """No test touches the real ``.dev``."""
    for name in (*FOLDERS, "ODOO_PACKAGE"):
        monkeypatch.setattr(paths, name, tmp_path / ".dev" / name.lower())
    monkeypatch.delenv("ODOO_HOME", raising=False)
    monkeypatch.delenv("ODOO_GIT", raising=False)
    return tmp_path
