"""``./dev/odoo ARGS``: Odoo with this checkout's addons path, server and data.

Without ``-d`` the database is ``contact_strategy``; it is made on first use. What
takes no database (``--help``, ``db``, ...) is passed on as it is.
"""

import subprocess

from . import console, databases, environment

DEFAULT = "contact_strategy"
SERVER_LIKE = ("server", "shell")


def main(argv):
    """Run Odoo in the foreground and return its exit code."""
    env = environment.setup()
    return run(env, with_database(env, argv))


def run(env, arguments):
    """Run Odoo in the foreground; Ctrl-C goes to Odoo."""
    process = subprocess.Popen(
        env.odoo_command(*arguments), env=env.process_environment()
    )
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue


def with_database(env, argv):
    """Add the default database where one is wanted and none is named."""
    command = argv[0] if argv and not argv[0].startswith("-") else "server"
    informative = {"-h", "--help", "--version"} & set(argv)
    names_one = any(
        a.startswith(("-d", "--database", "--db_name", "-c", "--config")) for a in argv
    )
    if command not in SERVER_LIKE or informative or names_one:
        return argv
    ensure_database(env)
    at = 1 if argv and argv[0] == command else 0
    return [*argv[:at], "-d", DEFAULT, *argv[at:]]


def ensure_database(env, name=DEFAULT):
    """Make the default database, with the addon; any other must be there."""
    if databases.exists(env, name):
        return
    if name != DEFAULT:
        console.fail(f"there is no database {name}: ./dev/odoo db --help tells more")
    template = databases.ensure_template(env)
    with console.progress(f"create the database {name}"):
        databases.duplicate(env, template, name)
