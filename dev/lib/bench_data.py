"""Databases of any size for ``./dev/bench``, made by set-based SQL and kept.

A kept database is named by its sizes. When the addon's files have changed since it was
made, it is updated instead of made again; when the statements that fill it have
changed, it is made again.
"""

import contextlib
import json
import queue
import threading
from datetime import datetime, timezone

from . import console, databases, locks, paths

SQL = paths.DEV / "lib" / "bench_sql"
TABLES = ("res_partner", "contact_profile", "contact_touch")
LOAD = ("people", "messages", "touches")
BUILDERS = 2  # connections that make indexes at the same time


def sql(name):
    """The text of one of the statements beside this file."""
    return (SQL / f"{name}.sql").read_text(encoding="utf-8")


def ensure(env, contacts, touches, thin=False):
    """Return the database with so many contacts and touches.

    :param bool thin: of the history older than any window only a tenth; all else is
        the same
    """
    checkout = locks.fingerprint(str(paths.ROOT))[:4]
    name = f"cs{checkout}_bench_{contacts}_{touches}{'_thin' if thin else ''}"
    with locks.exclusive(f"{env.pg.cluster}-{name}"):
        made = _facts(env, name)
        if made.get("data") != _fingerprint():
            _make(env, name, contacts, touches, thin)
        elif made.get("addon") != databases.addon_fingerprint():
            _update(env, name)
        _know(env, name)
    return name


def _fingerprint():
    return locks.fingerprint(*map(sql, LOAD))


def _record(env, name):
    return paths.RUN / f"{env.pg.cluster}-{name}.json"


def _facts(env, name):
    record = _record(env, name)
    if not record.is_file() or not databases.exists(env, name):
        return {}
    return json.loads(record.read_text(encoding="utf-8"))


def _write_record(env, name, addon):
    facts = {"addon": addon, "data": _fingerprint()}
    _record(env, name).write_text(json.dumps(facts), encoding="utf-8")


def _make(env, name, contacts, touches, thin):
    addon = databases.addon_fingerprint()
    template = databases.ensure_template(env)
    what = f"{contacts:,} people, {touches:,} touches{' (thinned)' if thin else ''}"
    with console.progress(f"make a database: {what}"):
        databases.duplicate(env, template, name)
        with contextlib.closing(env.pg.connect(name)) as link, link.cursor() as cursor:
            _fill(env, name, cursor, contacts, touches, thin)
    _write_record(env, name, addon)


def _update(env, name):
    addon = databases.addon_fingerprint()
    with console.progress(f"the addon has changed: update {name}"):
        arguments = ["-d", name, "-u", paths.ADDON, "--stop-after-init", "--no-http"]
        env.odoo(*arguments, step=f"update {name}", timeout=7200)
    _write_record(env, name, addon)


def _know(env, name):
    """What was concluded about the people, once; then the tables are put in order, as
    the database itself does where nobody measures."""
    with contextlib.closing(env.pg.connect(name)) as link, link.cursor() as cursor:
        cursor.execute("SELECT to_regclass('bench.insight')")
        if cursor.fetchone()[0]:
            return
        with console.progress("  personas, stages and grades"):
            cursor.execute("SET session_replication_role = replica")
            cursor.execute(sql("insight"))
            cursor.execute("VACUUM FULL ANALYZE contact_profile")
            cursor.execute("VACUUM ANALYZE contact_profile_quality_rel")


def _fill(env, name, cursor, contacts, touches, thin):
    """Load without triggers and indexes: they are made again at the end."""
    cursor.execute("SET session_replication_role = replica")
    cursor.execute("SET work_mem = '1GB'; SET jit = off")
    cursor.execute("DROP SCHEMA IF EXISTS bench CASCADE; CREATE SCHEMA bench")
    values = {
        "contacts": contacts,
        "touches": touches,
        "thin": thin,
        "moment": datetime.now(timezone.utc).replace(microsecond=0, tzinfo=None),
        "partner": _last(cursor, "res_partner"),
        "profile": _last(cursor, "contact_profile"),
        "mailing": _last(cursor, "mailing_mailing") + 1,
    }
    cursor.execute("SELECT id FROM contact_category WHERE code = 'newsletter'")
    values["category"] = cursor.fetchone()[0]
    indexes = _drop_indexes(cursor)
    for step in LOAD:
        with console.progress(f"  {step}"):
            cursor.execute(sql(step), values)
        if step == "messages":
            cursor.execute("SELECT count(*) FROM bench.message")
            values["drawn"] = cursor.fetchone()[0]
            if values["drawn"] < touches:
                console.fail("so few people cannot have so many touches in a year")
    with console.progress(f"  {len(indexes)} indexes"):
        _build(env, name, indexes)
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
    with console.progress("  vacuum and statistics"):
        cursor.execute("VACUUM ANALYZE")


def _last(cursor, table):
    cursor.execute(f"SELECT COALESCE(max(id), 0) FROM {table}")
    return cursor.fetchone()[0]


def _drop_indexes(cursor):
    """Drop what a load would have to keep in order; return how to make it again,
    those of the largest table first.

    With its comment: an index that has none Odoo takes for somebody's own, and leaves
    it when the addon wants another.
    """
    cursor.execute(
        "SELECT i.indexdef || COALESCE(format('; COMMENT ON INDEX %%I IS %%L',"
        " i.indexname, obj_description(i.indexname::regclass, 'pg_class')), ''),"
        " format('DROP INDEX %%I', i.indexname) FROM pg_indexes i"
        " LEFT JOIN pg_constraint c ON c.conname = i.indexname"
        " WHERE i.tablename = ANY(%s) AND c.oid IS NULL"
        " ORDER BY array_position(%s, i.tablename::text) DESC, i.indexname",
        (list(TABLES), list(TABLES)),
    )
    rows = cursor.fetchall()
    for _definition, drop in rows:
        cursor.execute(drop)
    return [definition for definition, _drop in rows]


def _build(env, name, definitions):
    """Make indexes, several at a time: one build keeps one processor busy."""
    waiting, errors = queue.SimpleQueue(), []
    for definition in definitions:
        waiting.put(definition)

    def work():
        try:
            with contextlib.closing(env.pg.connect(name)) as link:
                cursor = link.cursor()
                cursor.execute("SET maintenance_work_mem = '1GB'")
                cursor.execute("SET max_parallel_maintenance_workers = 0")
                while True:
                    cursor.execute(waiting.get_nowait())
        except queue.Empty:
            return
        except Exception as error:  # noqa: BLE001  (told by the thread that waits)
            errors.append(error)

    threads = [threading.Thread(target=work) for _number in range(BUILDERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
