"""Build the addon's wheel with whool, whatever the checkout is called.

whool names the wheel after the folder and ships every file of the repository. Here it
works in a copy that has the addon's name and holds the addon alone: nothing of
``dev/``, no documentation sources, no configuration of tools.
"""

import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

from whool import buildapi

ADDON = "mass_mailing_contact_strategy"
NOT_SHIPPED = {"dev", "docs", "build", "dist", "node_modules", "__pycache__"}
BACKEND = "dev/build_backend.py"  # an sdist needs it to become a wheel


def shipped_files(root):
    """The addon's files, relative to the checkout."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True, check=False
    )
    if listed.returncode == 0 and listed.stdout and (root / ".git").exists():
        names = [Path(name) for name in listed.stdout.split("\0") if name]
    else:
        names = [path.relative_to(root) for path in root.rglob("*") if path.is_file()]
    return [
        name
        for name in names
        if not NOT_SHIPPED & set(name.parts)
        and not any(part.startswith(".") for part in name.parts)
        and name.name != "ruff.toml"
        and (root / name).is_file()
    ]


@contextmanager
def _copy(*extra):
    """Work in a copy with the addon's files (and ``extra``) alone."""
    root = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / ADDON
        for name in (*shipped_files(root), *map(Path, extra)):
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(root / name, target / name)
        os.chdir(target)
        try:
            yield
        finally:
            os.chdir(root)


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    """PEP 517: build the wheel."""
    wheel_directory = os.path.abspath(wheel_directory)
    with _copy():
        return buildapi.build_wheel(wheel_directory, config_settings)


def build_sdist(sdist_directory, config_settings=None):
    """PEP 517: build the source distribution."""
    sdist_directory = os.path.abspath(sdist_directory)
    with _copy(BACKEND):
        return buildapi.build_sdist(sdist_directory, config_settings)


def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    """PEP 517: write the metadata alone."""
    metadata_directory = os.path.abspath(metadata_directory)
    with _copy():
        return buildapi.prepare_metadata_for_build_wheel(
            metadata_directory, config_settings
        )


build_editable = buildapi.build_editable
prepare_metadata_for_build_editable = buildapi.prepare_metadata_for_build_editable
