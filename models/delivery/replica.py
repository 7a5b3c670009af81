"""Heavy questions are asked on the read-only replica, where there is one."""

import logging
import time

import psycopg2

from odoo import modules
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

PATIENCE = 2
"""Seconds a replica may need to catch up before the primary is asked instead."""
PAUSE = 0.05


def ask_replica(records, method, *arguments):
    """Call a method that only reads, on the replica if that gives the same answer.

    The answer must be plain data: the records it is asked of belong to another cursor.
    It is asked on the primary as always where no replica is configured, while this
    transaction has written something that the replica cannot know, when the replica
    lags behind what was committed until now, and when it fails.

    :param records: recordset to ask
    :param str method: name of a method that writes nothing
    :return: what the method returns
    """
    position = _committed_position(records.env)
    if position:
        registry = records.env.registry
        try:
            with registry.cursor(readonly=True) as cr:
                if _is_replica(cr) and _has_caught_up(cr, position):
                    elsewhere = records.with_env(records.env(cr=cr))
                    return getattr(elsewhere, method)(*arguments)
        except (psycopg2.OperationalError, psycopg2.InternalError) as error:
            # Gone, or a conflict with what it replays; or the method wrote after all.
            _logger.info("The replica could not answer: %s", error)
    return getattr(records, method)(*arguments)


def _committed_position(env):
    """How far a replica must be to know all that this transaction sees.

    :return: position in the write-ahead log, or None: ask the primary
    """
    if modules.module.current_test or env.registry._db_readonly is None:
        return None
    if env.cr.readonly:
        return None  # we are there already
    env.flush_all()
    ((has_written, position),) = env.execute_query(
        SQL("SELECT pg_current_xact_id_if_assigned() IS NOT NULL, pg_current_wal_lsn()")
    )
    return None if has_written else position


def _is_replica(cr):
    """Without a replica that can be reached Odoo gives a cursor of the primary."""
    return cr.readonly


def _has_caught_up(cr, position):
    """Wait a moment for the replica; then let it take a new snapshot.

    A server that is nobody's replica (the same one, for tests) knows everything.
    """
    deadline = time.monotonic() + PATIENCE
    while True:
        cr.execute(
            SQL(
                """
                SELECT NOT pg_is_in_recovery()
                       OR COALESCE(pg_last_wal_replay_lsn() >= %s, FALSE)
                """,
                position,
            )
        )
        (caught_up,) = cr.fetchone()
        cr.rollback()
        if caught_up or time.monotonic() > deadline:
            return caught_up
        time.sleep(PAUSE)
