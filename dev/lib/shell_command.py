"""``./dev/shell [DB]``: an Odoo shell, ``env`` is there. Reads a script from stdin."""

import argparse

from . import environment, odoo_command


def main(argv):
    """Open the shell on the named database (``contact_strategy``)."""
    parser = argparse.ArgumentParser(prog="dev/shell", description=__doc__)
    parser.add_argument("database", nargs="?", default=odoo_command.DEFAULT)
    options, rest = parser.parse_known_args(argv)
    env = environment.setup()
    odoo_command.ensure_database(env, options.database)
    command = ["shell", "-d", options.database, "--no-http", "--log-level=warn", *rest]
    return odoo_command.run(env, command)
