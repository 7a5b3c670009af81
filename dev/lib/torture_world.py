"""The database of torture: made, watched, moved through time, brought to rest."""

import contextlib
import json
import random
import time

import psycopg2

from . import console, databases, paths, postgres

SCRIPT = paths.DEV / "lib" / "bench_script.py"
SQL = paths.DEV / "lib" / "torture_sql"
AUDITS = [SQL / f"audit{what}.sql" for what in ("", "_insight", "_segments")]
PARALLEL_FROM = 40  # with --jobs, mailings to so many go in parts
BROKEN = "contact_strategy_broken"
# Everything that is a moment in the life of a mailing
MOMENTS = {
    "contact_touch": ("date",),
    "contact_hold": ("date", "next_allowed"),
    "mailing_mailing": ("useful_until", "sent_date", "schedule_date"),
    "contact_override": ("until",),
    "mail_mail": ("scheduled_date",),
    "contact_signal": ("evaluated_date", "full_date"),
    "contact_segment": ("refreshed_date", "full_date"),
    "contact_segment_member": ("since", "until"),
    "mailing_trace": (
        "sent_datetime",
        "open_datetime",
        "reply_datetime",
        "links_click_datetime",
    ),
}
UNFINISHED = """
    SELECT (SELECT count(*) FROM mailing_mailing
             WHERE state IN ('draft', 'in_queue') OR state = 'sending'
               AND NOT is_waiting),
           (SELECT count(*) FROM mail_mail WHERE state = 'outgoing'
               AND (scheduled_date IS NULL
                    OR scheduled_date <= now() AT TIME ZONE 'UTC'))
         + (SELECT count(*) FROM sms_sms WHERE state = 'outgoing' AND NOT to_delete)
         + (SELECT count(*) FROM mailing_trace
             WHERE trace_type = 'sms' AND trace_status = 'pending'),
           (SELECT count(*) FROM contact_touch WHERE state = 'reserved'),
           (SELECT count(*) FROM mailing_mailing WHERE state = 'sending')
"""

# A scheduled action that runs locks its row until it ends.
RUNNING = """
    SELECT (SELECT count(*) FROM ir_cron WHERE active)
         - (SELECT count(*)
              FROM (SELECT FROM ir_cron WHERE active FOR SHARE SKIP LOCKED) idle)
"""


class World:
    """One database, and what the actors must know about it."""

    def __init__(self, env, folder, name):
        self.env, self.folder, self.name = env, folder, name
        self.facts = {}

    def make(self, options, ports, broken_addons=None):
        """A fresh database with people, policies and the audit.

        :param ports: of the mail server, and of the provider of text messages
        """
        modules = (*databases.LEAN, "mass_mailing_sms")
        modules += ("queue_job",) if options.jobs else ()
        template = databases.ensure_template(self.env, modules)
        with console.progress("make people, lists and policies"):
            databases.duplicate(self.env, template, self.name)
            if broken_addons:
                self._install_broken(broken_addons)
            result = self.folder / "facts.json"
            log = self.folder / "inside.log"
            parallel_from = PARALLEL_FROM if options.jobs else 0
            arguments = (options.people, options.workers, *ports, parallel_from)
            arguments += (result,)
            code = self.env.run_script(
                self.name, SCRIPT, "torture_inside", *arguments, log=log
            )
            if code or not result.is_file():
                console.fail(f"the database could not be filled: see {log}")
            self.facts = json.loads(result.read_text(encoding="utf-8"))
            with self.connect() as link, link.cursor() as cursor:
                for audit in AUDITS:
                    cursor.execute(audit.read_text(encoding="utf-8"))
                # A copied database forgets after a crash which numbers its sequences
                # gave away since the copy, until there was a checkpoint.
                cursor.execute("CHECKPOINT")

    def _install_broken(self, addons):
        """The counter-proof: the gate without its lock's isolation."""
        path = ",".join(map(str, (*self.env.addons_path, addons)))
        arguments = ("-d", self.name, "-i", BROKEN, "--addons-path", path)
        log = self.folder / "broken.log"
        self.env.odoo(*arguments, "--stop-after-init", "--no-http", log=log)

    @contextlib.contextmanager
    def connect(self, database=None):
        """A connection that commits each statement."""
        link = self.env.pg.connect(database or self.name)
        try:
            yield link
        finally:
            with contextlib.suppress(psycopg2.Error):
                link.close()

    def query(self, statement, parameters=None):
        """All rows of a statement, waiting for a server that restarts."""
        deadline = time.monotonic() + 60
        while True:
            try:
                with self.connect() as link, link.cursor() as cursor:
                    cursor.execute(statement, parameters)
                    return cursor.fetchall() if cursor.description else []
            except (psycopg2.OperationalError, psycopg2.InterfaceError):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)

    def wake_queues(self):
        """What launching does: the queues are due, and the workers hear of it.

        The others (the sweeper, hourly in life) are due every few seconds.
        """
        self.query(
            """
            INSERT INTO ir_cron_trigger (cron_id, call_at)
            SELECT c.id, now() AT TIME ZONE 'UTC' FROM ir_cron c
              JOIN ir_act_server a ON a.id = c.ir_actions_server_id
             WHERE c.active
               AND NOT EXISTS (
                   SELECT FROM ir_cron_trigger t WHERE t.cron_id = c.id
                      AND t.call_at <= now() AT TIME ZONE 'UTC')
               AND (a.code LIKE '%queue%' OR c.lastcall IS NULL
                    OR c.lastcall < now() AT TIME ZONE 'UTC' - interval '5 seconds')
            """
        )
        with self.connect("postgres") as link, link.cursor() as cursor:
            cursor.execute("SELECT pg_notify('cron_trigger', %s)", (self.name,))
        # A job runner looks for dead jobs whenever any job says something.
        self.query("SELECT pg_notify('queue_job', 'none')")

    def pass_a_day(self, patience=40):
        """Let a day pass in an instant, as if everything had slept for it.

        All moments move back by 24 hours, in one transaction that has all tables for
        itself. For all of them together it waits less than the second after which the
        database looks for deadlocks: who stands in its way is not to be blamed.

        :return: False where the tables were never free
        """
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            try:
                self._move_moments()
            except psycopg2.errors.LockNotAvailable:
                time.sleep(random.uniform(0.05, 0.5))
            except psycopg2.Error:
                time.sleep(0.5)
            else:
                return True
        return False

    def _move_moments(self):
        with self.connect() as link, link.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SET LOCAL lock_timeout = '120ms'")
            tables = ", ".join(MOMENTS)
            cursor.execute(f"LOCK TABLE {tables} IN EXCLUSIVE MODE")
            for table, columns in MOMENTS.items():
                changes = ", ".join(f"{c} = {c} - interval '1 day'" for c in columns)
                cursor.execute(f"UPDATE {table} SET {changes}")
            cursor.execute("INSERT INTO torture_day VALUES (clock_timestamp())")
            cursor.execute("COMMIT")

    def unfinished(self):
        """What is left to do.

        :return: (mailings to be sent, messages due in the queues or not reported on,
            reservations, mailings that wait or are being sent)
        """
        return self.query(UNFINISHED)[0]

    def is_at_work(self):
        """Does any scheduled action run? It may write what nobody sees yet."""
        ((running,),) = self.query(RUNNING)
        return running > 0

    def deadlocks(self):
        """How many the server's log tells of, since the run began."""
        text = postgres.log_file(self.env.pg.cluster).read_bytes()
        return text[self.facts["log_offset"] :].count(b"deadlock detected")

    def remember_log(self):
        """From here on, what the server logs is ours."""
        log = postgres.log_file(self.env.pg.cluster)
        self.facts["log_offset"] = log.stat().st_size if log.is_file() else 0
