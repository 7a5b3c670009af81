"""Databases and their templates.

Installing modules takes most of a minute, duplicating a database with its filestore
two seconds. So each set of modules is installed once into a template, on top of a
smaller set where there is one; a template with the addon is a duplicate of the one
without, with the addon installed on top.
"""

import contextlib
import json
import os
import time
from pathlib import Path

from . import console, locks, paths, process

LEAN = ("contacts", "mass_mailing")  # what the addon depends on
BASE = (*LEAN, "mass_mailing_sms", "mass_mailing_crm")
TESTS = (*BASE, "test_mass_mailing")
RICH = (*TESTS, "event", "base_automation")
LAYERS = (LEAN, BASE, TESTS, RICH)  # each is made from the one before
PREPARE = paths.DEV / "lib" / "prepare_template.py"
# What lies in the checkout and does not change an installed database
UNRELATED = {"dev", "docs", "tests", "node_modules", "__pycache__", "i18n"}
KEPT = 1800  # seconds after its last use that an outdated template stays
SUFFIXES = {".py", ".xml", ".csv", ".js", ".scss", ".css", ".sql", ".svg"}


def exists(env, name):
    """Is there a database of this name?"""
    with contextlib.closing(env.pg.connect()) as link, link.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,))
        return cursor.fetchone() is not None


def drop(env, name):
    """Drop a database with its filestore, if there is one."""
    if exists(env, name):
        _disconnect(env, name)
        env.odoo("db", "drop", name, step=f"drop {name}")


def duplicate(env, source, target):
    """Copy a database with its filestore; an old ``target`` is replaced."""
    arguments = ("db", "duplicate", "-f", source, target)
    with reserved(env, source):
        _disconnect(env, source)
        _disconnect(env, target)
        env.odoo(*arguments, step=f"duplicate {source} to {target}")


def reserved(env, name):
    """Have a database for oneself: who copies it ends all other sessions."""
    return locks.exclusive(f"{env.pg.cluster}-use-{name}")


def _disconnect(env, name):
    """End the sessions of a database: a template must have none to be copied."""
    with contextlib.closing(env.pg.connect()) as link, link.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = %s AND pid <> pg_backend_pid()",
            (name,),
        )


def addon_fingerprint():
    """A hash of the addon's files, as far as they change an installed database."""
    files = []
    for folder, names, found in os.walk(paths.ROOT):
        names[:] = sorted(n for n in names if n not in UNRELATED and n[0] != ".")
        files += [os.path.join(folder, name) for name in sorted(found)]
    chosen = [name for name in files if os.path.splitext(name)[1] in SUFFIXES]
    parts = []
    for name in chosen:
        parts.append(os.path.relpath(name, paths.ROOT))
        with contextlib.suppress(FileNotFoundError):  # somebody is editing
            parts.append(Path(name).read_text(encoding="utf-8", errors="replace"))
    return locks.fingerprint(*parts)


def template_name(env, modules, with_addon, demo):
    """The name says what is inside; a changed addon makes another name."""
    kind = locks.fingerprint(env.odoo_build, *sorted(modules), str(demo))[:8]
    base = f"{_checkout()}_tpl_{kind}"
    return f"{base}_{addon_fingerprint()[:10]}" if with_addon else base


def install_log(name):
    """Where the log of a template's installation is kept."""
    return paths.LOGS / f"install-{name}.log"


def ensure_template(env, modules=BASE, with_addon=True, demo=False):
    """Return the name of a template with these modules, made when it is missing."""
    name = template_name(env, modules, with_addon, demo)
    record = paths.RUN / f"{env.pg.cluster}-{name}.json"
    with locks.exclusive(f"{env.pg.cluster}-{name}"):
        if record.is_file() and exists(env, name):
            record.touch()
            return name
        drop(env, name)
        if with_addon:
            source = ensure_template(env, modules, with_addon=False, demo=demo)
            _drop_outdated(env, source)
            with console.progress("install the addon into a template database"):
                duplicate(env, source, name)
                _install(env, name, [paths.ADDON], demo)
        else:
            _create(env, name, tuple(modules), demo)
        # unless somebody edited the addon meanwhile: then the name would be a lie
        if name == template_name(env, modules, with_addon, demo):
            record.write_text(json.dumps(sorted(modules)), encoding="utf-8")
    return name


def _create(env, name, modules, demo):
    """Install modules into a new database, or into a copy of a smaller template."""
    sizes = range(len(modules) - 1, 0, -1)
    parent = next((modules[:n] for n in sizes if modules[:n] in LAYERS), ())
    source = parent and ensure_template(env, parent, with_addon=False, demo=demo)
    more = modules[len(parent) :]
    with console.progress(f"install {', '.join(more)} into a template database"):
        if source:
            duplicate(env, source, name)
        _install(env, name, more, demo)


def _install(env, name, modules, demo):
    """Install modules and generate the web assets, so that copies have them."""
    log = install_log(name)
    arguments = ["-d", name, "-i", ",".join(modules), "--stop-after-init", "--no-http"]
    if demo:
        arguments.append("--with-demo")
    env.odoo(*arguments, step=f"install {', '.join(modules)}", log=log)
    if any(" CRITICAL " in line for line in process.tail(log).splitlines()):
        console.fail(f"the installation of {', '.join(modules)} failed: see {log}")
    if env.run_script(name, PREPARE, log=paths.LOGS / f"assets-{name}.log") != 0:
        console.fail(f"generating the web assets failed: see {paths.LOGS}")


def _drop_outdated(env, source):
    """Drop the templates made from ``source`` for older states of the addon."""
    with contextlib.closing(env.pg.connect()) as link, link.cursor() as cursor:
        cursor.execute(
            "SELECT datname FROM pg_database WHERE datname LIKE %s", (f"{source}\\_%",)
        )
        outdated = [row[0] for row in cursor.fetchall()]
    for name in outdated:
        record = paths.RUN / f"{env.pg.cluster}-{name}.json"
        used = record.stat().st_mtime if record.is_file() else 0
        with locks.if_free(f"{env.pg.cluster}-use-{name}") as free:
            if free and time.time() - used > KEPT:
                drop(env, name)
                record.unlink(missing_ok=True)


def scratch_name(purpose):
    """A database name of this process alone."""
    return f"{_checkout()}_tmp_{purpose}_{os.getpid()}"


def drop_abandoned(env):
    """Drop the scratch databases of processes that were killed."""
    with contextlib.closing(env.pg.connect()) as link, link.cursor() as cursor:
        cursor.execute(
            "SELECT datname FROM pg_database WHERE datname LIKE %s",
            (f"{_checkout()}\\_tmp\\_%",),
        )
        names = [row[0] for row in cursor.fetchall()]
    for name in names:
        if not os.path.exists(f"/proc/{name.rpartition('_')[2]}"):
            drop(env, name)


def _checkout():
    """Tells the databases of several checkouts apart on one server."""
    return f"cs{locks.fingerprint(str(paths.ROOT))[:4]}"
