"""Where Odoo 19 comes from: the user's own, Debian's package, or the 19.0 branch.

The first that there is: ``ODOO_HOME`` (a source checkout or an unpacked package), an
importable ``odoo``, the Debian package (unpacked, not installed), a clone of
``ODOO_GIT``. What was found is remembered in ``.dev/run/odoo.json``.
"""

import importlib.util
import json
import os
import re
import shutil
from pathlib import Path

from . import apt, console, locks, node, paths, process

TESTED_BUILD = "19.0.0+dfsg-1"
PACKAGE = "odoo-19"
SMALLEST = 80_000_000  # bytes; the real package has 123 MB
# The package links some web files to other packages, by relative path.
COMPANIONS = {
    "sid": (
        "libjs-jquery",
        "libjs-underscore",
        "libjs-jquery-form",
        "fonts-roboto-unhinted",
        "fonts-montserrat",
        "fonts-ocr-b",
    ),
    # newer versions of these lack the files that Odoo 19 wants
    "bookworm": ("fonts-font-awesome", "fonts-inconsolata"),
}
IN_PACKAGE = "usr/lib/python3/dist-packages"
SELFIE = "selfie_segmentation.js"
RECORD = paths.RUN / "odoo.json"


def _asked():
    return os.environ.get("ODOO_HOME", "")


def read_version(path: Path):
    """``(19, 0)`` for a folder that holds the ``odoo`` package, else ``None``."""
    release = path / "odoo" / "release.py"
    if not release.is_file():
        return None
    text = release.read_text(encoding="utf-8")
    match = re.search(r"^version_info = \(\D*(\d+)\D+(\d+)", text, re.M)
    return (int(match[1]), int(match[2])) if match else (0, 0)


def location():
    """The folder for ``PYTHONPATH``, and a text that identifies this Odoo."""
    record = json.loads(RECORD.read_text(encoding="utf-8"))
    return Path(record["path"]), record["build"]


def is_ready():
    """Is the remembered Odoo still there, and still the one that is asked for?"""
    try:
        record = json.loads(RECORD.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    path = Path(record["path"])
    return record["asked"] == _asked() and read_version(path) == paths.SERIES


def ensure():
    """Find or fetch Odoo 19 and remember where it is."""
    if is_ready():
        return
    path, build = _from_home() or _importable() or _package() or _clone()
    record = {"asked": _asked(), "path": str(path), "build": build}
    paths.RUN.mkdir(parents=True, exist_ok=True)
    RECORD.write_text(json.dumps(record), encoding="utf-8")


def _from_home():
    if not _asked():
        return None
    home = Path(_asked()).expanduser().resolve()
    for path in (home, home / IN_PACKAGE, home.parent):
        version = read_version(path)
        if version == paths.SERIES:
            return path, f"home-{locks.fingerprint(str(path))}"
        if version:
            shown = ".".join(map(str, version))
            console.fail(f"ODOO_HOME={home} is Odoo {shown}: this addon needs 19.0")
    raise console.Failure(
        f"ODOO_HOME={home} holds no Odoo: give a source checkout or an unpacked package"
    )


def _importable():
    """An ``odoo`` that this Python can import (Odoo 19 is a namespace package)."""
    spec = importlib.util.find_spec("odoo")
    for place in (spec and spec.submodule_search_locations) or ():
        path = Path(place).resolve().parent
        version = read_version(path)
        if version == paths.SERIES:
            return _linked(path), f"import-{locks.fingerprint(str(path))}"
        if version:
            shown = ".".join(map(str, version))
            console.note(f"note: the Odoo {shown} in {path} is not 19.0: not used")
    return None


def _linked(path):
    """Offer that ``odoo`` alone, without the other packages beside it."""
    folder = paths.CACHE / "odoo-link"
    folder.mkdir(exist_ok=True)
    for name in ("odoo", "addons"):
        link = folder / name
        link.unlink(missing_ok=True)
        if (path / name).is_dir():
            link.symlink_to(path / name)
    return folder


def _package():
    """Debian's package, unpacked with its companions."""
    target, marker = paths.ODOO_PACKAGE, paths.ODOO_PACKAGE / IN_PACKAGE
    if read_version(marker) == paths.SERIES:
        return marker, f"package-{_package_build()}"
    if not apt.is_available():
        return None
    partial = target.with_suffix(".part")
    shutil.rmtree(partial, ignore_errors=True)
    with locks.exclusive("apt"):
        (main,) = apt.fetch("sid", [PACKAGE])
        _check_package(main)
        packages = [main]
        for suite, names in COMPANIONS.items():
            packages += apt.fetch(suite, names)
        with console.progress(f"unpack Odoo ({apt.field(main, 'Version')})"):
            for package in packages:
                apt.unpack(package, partial)
    if dangling := [link for link in partial.rglob("*") if _is_dangling(link)]:
        names = ", ".join(link.name for link in dangling[:3])
        console.fail(f"Odoo's package links to files that no package gave: {names}")
    partial.replace(target)
    return marker, f"package-{_package_build()}"


def _is_dangling(path):
    return path.is_symlink() and not path.exists()


def _package_build():
    package = next(paths.DOWNLOADS.glob(f"{PACKAGE}_*.deb"), None)
    return package.name.split("_")[1] if package else "unknown"


def _check_package(package):
    version = apt.field(package, "Version")
    if not version.startswith("19.0") or package.stat().st_size < SMALLEST:
        package.unlink()
        console.fail(
            f"Debian's {PACKAGE} is {version}, not a whole 19.0: set ODOO_HOME to an "
            "Odoo 19 of your own"
        )
    if version != TESTED_BUILD:
        console.note(f"note: Odoo {version} is newer than the tested {TESTED_BUILD}")


def _clone():
    """The official 19.0 branch, from wherever the user says it is."""
    address = os.environ.get("ODOO_GIT")
    if not address:
        console.fail(
            "no Odoo 19 here and no Debian source to fetch it from: set ODOO_HOME to "
            "an Odoo 19, or ODOO_GIT to the address of its git repository"
        )
    target = paths.CACHE / "odoo-git"
    if read_version(target) != paths.SERIES:
        partial = target.with_suffix(".part")
        shutil.rmtree(partial, ignore_errors=True)
        command = ["git", "clone", "--depth=1", "--branch=19.0", address, partial]
        with console.progress("clone Odoo 19.0"):
            process.run(command, "clone Odoo 19.0", timeout=7200)
        shutil.rmtree(target, ignore_errors=True)
        partial.replace(target)
    return target, "git-19.0"


def complete_assets():
    """Put back the one web file that Debian took out of its package.

    Without it each backend page logs a console error and every browser tour fails.
    """
    path, _build = location()
    if not path.is_relative_to(paths.ODOO_PACKAGE):
        return
    target = path / "odoo/addons/mail/static/lib/selfie_segmentation" / SELFIE
    source = node.PACKAGES / "@mediapipe/selfie_segmentation" / SELFIE
    if not target.is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_suffix(".part")
        shutil.copyfile(source, partial)
        partial.replace(target)
