"""The virtual environment with the pinned Python packages."""

import os
import shutil
import subprocess
import sys

from . import apt, console, locks, paths, process

REQUIREMENTS = paths.DEV / "requirements.txt"


def _mark():
    return locks.fingerprint(REQUIREMENTS, "{}.{}".format(*sys.version_info[:2]))


def is_ready():
    """Is the environment complete for these pins (made by whichever Python)?"""
    if not paths.VENV_PYTHON.exists():
        return False
    return any(
        locks.is_done("python", locks.fingerprint(REQUIREMENTS, f"3.{minor}"))
        for minor in range(10, 14)
    )


def ensure():
    """Create the environment and install the pinned packages."""
    if is_ready():
        return
    if not _is_usable(paths.VENV_PYTHON):
        with console.progress("create the Python environment"):
            _create()
    with console.progress("install the pinned Python packages"):
        process.run([*pip(), "install", "-r", REQUIREMENTS], "install Python packages")
    locks.set_done("python", _mark())


def _is_usable(python):
    """Does the environment's Python start, and is it of this version?"""
    if not python.exists():
        return False
    check = "import sys; print(*sys.version_info[:2])"
    found = subprocess.run(
        [str(python), "-c", check], capture_output=True, text=True, check=False
    )
    return found.stdout.split() == [str(number) for number in sys.version_info[:2]]


def _create():
    """Make the environment, with its own pip where this Python can make one.

    Debian splits ``ensurepip`` off: there, pip comes from the private apt.
    """
    shutil.rmtree(paths.VENV, ignore_errors=True)
    options = [] if _has("ensurepip") else ["--without-pip"]
    if not _has("venv"):
        console.fail("this Python has no venv module: install the package python3-venv")
    process.run(
        [sys.executable, "-m", "venv", *options, paths.VENV],
        "create the Python environment",
    )


def _has(module):
    import importlib.util

    return importlib.util.find_spec(module) is not None


def pip():
    """The command that runs pip for the environment."""
    quiet = ["--disable-pip-version-check", "--no-input", "--quiet"]
    os.environ.setdefault("PIP_ROOT_USER_ACTION", "ignore")
    if next(paths.VENV.glob("lib/python3*/site-packages/pip"), None):
        return [paths.VENV_PYTHON, "-m", "pip", *quiet]
    wheels = paths.CACHE / "pip"
    if not next(wheels.rglob("pip-*.whl"), None):
        apt.fetch_and_unpack("stable", ["python3-pip-whl"], wheels)
    wheel = next(wheels.rglob("pip-*.whl"))
    return [paths.VENV_PYTHON, f"{wheel}/pip", *quiet]
