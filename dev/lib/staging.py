"""A copy of what is in the repository (or about to be), named as the addon."""

import shutil
import subprocess
from pathlib import Path

from . import console, paths


def listed(*options):
    """The checkout's files as git lists them, relative, existing ones only."""
    command = ["git", "ls-files", "-z", *options]
    found = subprocess.run(
        command, cwd=paths.ROOT, capture_output=True, text=True, check=False
    )
    if found.returncode:
        console.fail("git does not know this folder: make the checkout with git clone")
    names = {Path(name) for name in found.stdout.split("\0") if name}
    return sorted(name for name in names if (paths.ROOT / name).is_file())


def files():
    """Everything tracked, and what is new and not ignored."""
    return listed("--cached", "--others", "--exclude-standard")


def stage(purpose):
    """Make a fresh copy of the checkout's files under the addon's name."""
    target = paths.CACHE / "stage" / purpose / paths.ADDON
    shutil.rmtree(target.parent, ignore_errors=True)
    for name in files():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(paths.ROOT / name, target / name)
    return target
