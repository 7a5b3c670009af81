"""How the database should go about a decision."""

import contextlib

from odoo.tools import SQL

MANY = 10_000
"""From so many people on, the database's workers share the reading."""
SHARING = {
    "min_parallel_index_scan_size": "0",
    "parallel_setup_cost": "0",
    "parallel_tuple_cost": "0",
    # Pages in memory, as they are for the most part
    "seq_page_cost": "0.5",
    "random_page_cost": "0.5",
}


@contextlib.contextmanager
def used(cr, is_shared):
    """The settings that hold for the statements in between.

    :param cr: cursor to set them for, in its transaction
    :param bool is_shared: several of the database's workers should do it
    """
    # Short index look-ups for many people: compiling them costs more than it saves;
    # and a million of them should fit into memory.
    cr.execute("SET LOCAL jit = off; SET LOCAL work_mem = '256MB'")
    settings = {
        # It takes households for fewer than they are, and would compare each person
        # with each of them.
        "enable_material": "off",
        # Sorted, those who follow each other are neighbours in the indexes, too: what
        # was read for one of them is still at hand for the next.
        "enable_hashagg": "off",
    }
    if is_shared:
        # It takes a long list of ids for one page of the index, and would not share
        # that: one worker looks up the people while another one counts.
        settings |= SHARING
    for name, value in settings.items():
        cr.execute(SQL("SET LOCAL %s = %s", SQL.identifier(name), value))
    yield
    for name in settings:
        cr.execute(SQL("SET LOCAL %s TO DEFAULT", SQL.identifier(name)))
