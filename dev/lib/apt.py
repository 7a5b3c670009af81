"""A private apt: fetch Debian packages without touching the system's state.

Its configuration is this machine's own Debian source with another suite. Nothing is
installed: packages are downloaded and unpacked into a folder. Works without root.
"""

import os
import shutil
import subprocess
from pathlib import Path

from . import console, locks, paths, process
from .apt_sources import find_source, render

CLEARED = ("APT::Update::Post-Invoke", "APT::Update::Post-Invoke-Success")


def is_available():
    """Is there apt, and a Debian source to derive ours from?"""
    tools = ("apt-get", "dpkg-deb")
    return all(map(shutil.which, tools)) and find_source() is not None


def _options(suite):
    """Write the configuration for ``suite``; return the options that use it."""
    folder = paths.CACHE / "apt" / suite
    for name in ("lists/partial", "cache/archives/partial", "parts"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    sources = folder / "debian.sources"
    sources.write_text(render(find_source(), suite), encoding="utf-8")
    settings = {
        "Dir::State::Lists": folder / "lists",
        "Dir::Cache": folder / "cache",
        "Dir::Etc::sourcelist": sources,
        "Dir::Etc::sourceparts": folder / "parts",
        "APT::Get::List-Cleanup": "false",
        "Acquire::Languages": "none",
        "Acquire::Retries": "3",
    }
    if os.geteuid() == 0:
        settings["APT::Sandbox::User"] = "root"  # the checkout may be closed to others
    lines = [f"#clear {name};" for name in CLEARED]
    lines += [f'{name} "{value}";' for name, value in settings.items()]
    config = folder / "apt.conf"
    config.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return ["-c", config]


def _update(suite, options):
    step = f"read Debian's package list ({suite})"
    with console.progress(step):
        process.run(["apt-get", *options, "update"], step, timeout=600)


def fetch(suite, names):
    """Download the newest ``names`` of ``suite``; return the files.

    What was downloaded completely before is not downloaded again.
    """
    paths.DOWNLOADS.mkdir(parents=True, exist_ok=True)
    missing = [name for name in names if not _downloaded(name)]
    if missing:
        if not is_available():
            console.fail(
                "there is no apt with a Debian source here: set ODOO_HOME to an Odoo "
                "19 (a source checkout or an unpacked package)"
            )
        options = _options(suite)
        _update(suite, options)
        for name in missing:
            _download(name, suite, options)
    return [_downloaded(name) for name in names]


def _downloaded(name):
    return next(iter(sorted(paths.DOWNLOADS.glob(f"{name}_*.deb"), reverse=True)), None)


def _download(name, suite, options):
    """Download to a folder of its own and move the complete file."""
    partial = paths.DOWNLOADS / f"part-{name}"
    partial.mkdir(exist_ok=True)
    step = f"download {name} ({suite})"
    with console.progress(step):
        process.run(
            ["apt-get", *options, "download", name], step, timeout=1800, cwd=partial
        )
    for package in partial.glob("*.deb"):
        package.replace(paths.DOWNLOADS / package.name)
    shutil.rmtree(partial)


def field(package: Path, name: str) -> str:
    """One field of a package's control file, such as ``Version``."""
    found = subprocess.run(
        ["dpkg-deb", "-f", str(package), name],
        capture_output=True,
        text=True,
        check=False,
    )
    if found.returncode:
        package.unlink()
        console.fail(f"{package.name} was damaged and is removed: run it again")
    return found.stdout.strip()


def unpack(package, folder):
    """Unpack a package into ``folder``, which may hold others already."""
    folder.mkdir(parents=True, exist_ok=True)
    process.run(["dpkg-deb", "-x", package, folder], f"unpack {package.name}")


def fetch_and_unpack(suite, names, folder):
    """Fetch packages and unpack them into one folder."""
    with locks.exclusive("apt"):
        for package in fetch(suite, names):
            unpack(package, folder)
