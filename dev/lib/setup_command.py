"""``./dev/setup``: fetch what is missing, and say what there is."""

import argparse

from . import browser, console, environment, node, odoo_source, paths, postgres


def main(argv):
    """Fetching happened before this is called; the rest is on demand."""
    parser = argparse.ArgumentParser(prog="dev/setup", description=__doc__)
    parser.add_argument(
        "--install-system",
        action="store_true",
        help="install the system package chromium with apt (as root)",
    )
    parser.add_argument(
        "--stop", action="store_true", help="stop the private PostgreSQL servers"
    )
    options = parser.parse_args(argv)
    if options.stop:
        for cluster in postgres.CLUSTERS:
            if postgres.finally_stop(cluster):
                console.note(f"stopped the PostgreSQL cluster {cluster}")
        return 0
    chromium = browser.ensure(options.install_system)
    env = environment.setup()
    path, build = odoo_source.location()
    console.note(f"Odoo        {build} in {path}")
    console.note(f"Python      {paths.VENV_PYTHON}")
    console.note(f"Node.js     {node.find('node')}")
    console.note(f"PostgreSQL  {env.pg.cluster}: {env.pg.host}, port {env.pg.port}")
    console.note(f"Chromium    {chromium or browser.MISSING}")
    return 0
