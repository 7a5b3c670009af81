"""Fetch what is missing. Each step has a stamp, so an interrupted run goes on."""

import os

from . import browser, locks, node, odoo_source, paths, python_env


def ensure():
    """Make sure that everything the commands need is there."""
    paths.CACHE.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("PYTHONWARNINGS", "ignore::RuntimeWarning:platformdirs")
    if _is_complete():
        return
    with locks.exclusive("setup"):
        odoo_source.ensure()  # first: it tells at once that ODOO_HOME does not fit
        python_env.ensure()
        node.ensure()
        odoo_source.complete_assets()
        browser.ensure_wrapper()


def _is_complete():
    """Look at the stamps only: this runs at the start of each command."""
    return (
        python_env.is_ready()
        and odoo_source.is_ready()
        and node.is_ready()
        and browser.is_ready()
    )
