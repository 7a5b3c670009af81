"""Chromium: the one thing that only the system's package manager can give."""

import os
import shlex
import shutil

from . import console, paths, process

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--disable-quic",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# The first name that Odoo's tests look for, in the folder that is first on PATH
WRAPPER = paths.BIN / "google-chrome"
MISSING = (
    "no Chromium: install your system's chromium package (with apt, as root: "
    "./dev/setup --install-system)"
)


def find():
    """The browser's path, or ``None``. ``CHROME_BIN`` comes first."""
    own = str(paths.BIN)
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    search = os.pathsep.join(folder for folder in folders if folder != own)
    names = (os.environ.get("CHROME_BIN"), *NAMES)
    found = (shutil.which(name, path=search) for name in names if name)
    return next(filter(None, found), None)


def flags():
    """Flags for a headless run; root has no sandbox."""
    return [*FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]


def _script():
    flag_text = " ".join(flags())
    return f'#!/bin/sh\nexec {shlex.quote(find())} {flag_text} "$@"\n'


def is_ready():
    """Does the wrapper call the browser that is there (or is there none)?"""
    if find() is None:
        return True
    return WRAPPER.is_file() and WRAPPER.read_text(encoding="utf-8") == _script()


def ensure_wrapper():
    """Write the wrapper by which Odoo's tests start the browser with our flags."""
    if is_ready():
        return
    paths.BIN.mkdir(parents=True, exist_ok=True)
    partial = WRAPPER.with_suffix(f".{os.getpid()}")
    partial.write_text(_script(), encoding="utf-8")
    partial.chmod(0o755)
    partial.replace(WRAPPER)


def may_install(asked=False):
    """Installing a system package needs root, apt, and somebody's word for it."""
    allowed = asked or os.environ.get("CI", "").lower() in ("1", "true", "yes")
    return allowed and os.geteuid() == 0 and shutil.which("apt-get") is not None


def ensure(asked=False):
    """Return the browser's path, installed when that is allowed, else ``None``."""
    if find() is None and may_install(asked):
        with console.progress("install the system package chromium"):
            apt = ["apt-get", "-q", "-y"]
            quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
            process.run([*apt, "update"], "update apt", env=quiet)
            packages = ["chromium", "fonts-liberation"]
            install = [*apt, "install", "--no-install-recommends", *packages]
            process.run(install, "install chromium", env=quiet)
    ensure_wrapper()
    return find()
