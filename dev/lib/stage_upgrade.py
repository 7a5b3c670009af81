"""Installed, updated, uninstalled and installed again, on years of mailings.

Nothing is lost that Odoo does not lose, nothing is left behind, no warning is logged.
"""

from . import databases, logwatch, paths, upgrade_dump
from .outcome import Outcome

HISTORY = paths.DEV / "lib" / "upgrade_history.py"
UNINSTALL = paths.DEV / "lib" / "upgrade_uninstall.py"


def run(env):
    """Walk a database through the addon's life and compare."""
    outcome = Outcome("upgrades and uninstalls")
    template = databases.ensure_template(env, databases.LEAN, with_addon=False)
    database = databases.scratch_name("upgrade")
    databases.duplicate(env, template, database)
    try:
        _walk(env, outcome, database)
    finally:
        databases.drop(env, database)
    return outcome


def _walk(env, outcome, database):
    if env.run_script(database, HISTORY, log=_log("history")):
        outcome.fail(f"the years could not be made: see {_log('history')}")
        return
    before = upgrade_dump.dump(env, database)
    _odoo(env, outcome, database, "install", "-i")
    first = upgrade_dump.dump(env, database)
    ledger = upgrade_dump.dump(env, database, upgrade_dump.HISTORY)
    _judge(outcome, "the ledger has the years", [] if ledger["touches"] else ["empty"])
    for number in ("once", "twice"):
        _odoo(env, outcome, database, f"update-{number}", "-u")
        _compare(outcome, f"updated {number}", first, upgrade_dump.dump(env, database))
        again = upgrade_dump.dump(env, database, upgrade_dump.HISTORY)
        _compare(outcome, f"ledger after updating {number}", ledger, again)
    if env.run_script(database, UNINSTALL, log=_log("uninstall")):
        outcome.fail(f"it could not be uninstalled: see {_log('uninstall')}")
        return
    _judge(outcome, "log of uninstall", logwatch.problems(_log("uninstall")))
    _compare(outcome, "uninstalled", before, upgrade_dump.dump(env, database))
    _odoo(env, outcome, database, "reinstall", "-i")
    _compare(outcome, "installed again", first, upgrade_dump.dump(env, database))
    again = upgrade_dump.dump(env, database, upgrade_dump.HISTORY)
    _compare(outcome, "ledger after installing again", ledger, again)


def _log(name):
    return paths.LOGS / f"upgrade-{name}.log"


def _odoo(env, outcome, database, name, option):
    log = _log(name)
    log.unlink(missing_ok=True)
    arguments = ("-d", database, option, paths.ADDON, "--stop-after-init", "--no-http")
    env.odoo(*arguments, step=name, log=log)
    _judge(outcome, f"log of {name}", logwatch.problems(log))


def _compare(outcome, title, before, after):
    _judge(outcome, title, upgrade_dump.differences(before, after))


def _judge(outcome, title, complaints):
    if complaints:
        shown = "\n".join(complaints[:40])
        outcome.fail(f"{title}: {len(complaints)} complaints\n{shown}")
    else:
        outcome.passed += 1
