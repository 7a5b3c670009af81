"""Databases of any size for ``./dev/bench``, made by set-based SQL and kept.

A kept database is named by its sizes. When the addon's files have changed since it was
made, it is updated instead of made again.
"""

import contextlib
import json
from datetime import datetime, timezone

from . import console, databases, locks, paths

SQL = paths.DEV / "lib" / "bench_sql"
TABLES = ("res_partner", "contact_profile", "contact_touch")


def sql(name):
    """The text of one of the statements beside this file."""
    return (SQL / f"{name}.sql").read_text(encoding="utf-8")


def ensure(env, contacts, touches):
    """Return the database with so many contacts and touches."""
    name = f"cs{locks.fingerprint(str(paths.ROOT))[:4]}_bench_{contacts}_{touches}"
    with locks.exclusive(f"{env.pg.cluster}-{name}"):
        made_for = _facts(env, name).get("addon")
        if not made_for:
            _make(env, name, contacts, touches)
        elif made_for != databases.addon_fingerprint():
            _update(env, name)
    return name


def _record(env, name):
    return paths.RUN / f"{env.pg.cluster}-{name}.json"


def _facts(env, name):
    record = _record(env, name)
    if not record.is_file() or not databases.exists(env, name):
        return {}
    return json.loads(record.read_text(encoding="utf-8"))


def _make(env, name, contacts, touches):
    addon = databases.addon_fingerprint()
    template = databases.ensure_template(env)
    with console.progress(f"make a database: {contacts:,} people, {touches:,} touches"):
        databases.duplicate(env, template, name)
        with contextlib.closing(env.pg.connect(name)) as link, link.cursor() as cursor:
            _fill(cursor, contacts, touches)
    _record(env, name).write_text(json.dumps({"addon": addon}), encoding="utf-8")


def _update(env, name):
    addon = databases.addon_fingerprint()
    with console.progress(f"the addon has changed: update {name}"):
        arguments = ["-d", name, "-u", paths.ADDON, "--stop-after-init", "--no-http"]
        env.odoo(*arguments, step=f"update {name}", timeout=7200)
    _record(env, name).write_text(json.dumps({"addon": addon}), encoding="utf-8")


def _fill(cursor, contacts, touches):
    """Load without triggers and indexes: they are made again at the end."""
    cursor.execute("SET session_replication_role = replica")
    cursor.execute("SET maintenance_work_mem = '512MB'; SET work_mem = '256MB'")
    cursor.execute("DROP SCHEMA IF EXISTS bench CASCADE; CREATE SCHEMA bench")
    values = {
        "contacts": contacts,
        "touches": touches,
        "moment": datetime.now(timezone.utc).replace(microsecond=0, tzinfo=None),
        "partner": _last(cursor, "res_partner"),
        "profile": _last(cursor, "contact_profile"),
        "mailing": _last(cursor, "mailing_mailing") + 1,
    }
    indexes = _drop_indexes(cursor)
    cursor.execute(sql("people"), values)
    cursor.execute(sql("touches"), values)
    for definition in indexes:
        cursor.execute(definition)
    # What happened "today" stays today, however long the database is kept.
    cursor.execute(
        "CREATE TABLE bench.facts AS SELECT %(moment)s::timestamp AS moment,"
        " %(partner)s AS partner, %(contacts)s AS contacts,"
        " (SELECT count(*) FROM contact_touch) AS touches",
        values,
    )
    # Nobody else shall work while we measure.
    for table in (*TABLES, "contact_hold"):
        cursor.execute(f"ALTER TABLE {table} SET (autovacuum_enabled = off)")
    cursor.execute("VACUUM ANALYZE")


def _last(cursor, table):
    cursor.execute(f"SELECT COALESCE(max(id), 0) FROM {table}")
    return cursor.fetchone()[0]


def _drop_indexes(cursor):
    """Drop what a load would have to keep in order; return how to make it again."""
    cursor.execute(
        "SELECT i.indexdef, format('DROP INDEX %%I', i.indexname) FROM pg_indexes i"
        " LEFT JOIN pg_constraint c ON c.conname = i.indexname"
        " WHERE i.tablename = ANY(%s) AND c.oid IS NULL",
        (list(TABLES),),
    )
    rows = cursor.fetchall()
    for _definition, drop in rows:
        cursor.execute(drop)
    return [definition for definition, _drop in rows]
