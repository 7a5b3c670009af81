"""What goes wrong during torture: processes die, the database restarts, disks fill."""

import contextlib
import json
import os
import random
import signal
import threading
import time

import psycopg2

from . import postgres, torture_sms, torture_smtp

KILL_PACE = 2.5  # seconds between two kills, on average
DAY = (18, 30)  # seconds until the next day
MOMENTS = (
    "%INSERT INTO contact_touch%",
    "%INSERT INTO contact_hold%",
    "%UPDATE contact_touch%",
    "%pg_advisory%",
    '%INSERT INTO "mailing_trace"%',
    '%UPDATE "mailing_trace"%',
    '%INSERT INTO "mail_mail"%',
    '%UPDATE "mail_mail"%',
    '%DELETE FROM "mail_mail"%',
    '%INSERT INTO "sms_sms"%',
    '%UPDATE "sms_sms"%',
    '%UPDATE "sms_tracker"%',
    '%UPDATE "mailing_mailing"%',
    '%UPDATE "contact_hold"%',
    "%contact_signal_hit%",
    "%contact_signal_found%",
    "%contact_tag_assignment%",
    "%contact_journey_move%",
    "%contact_persona_c%",
    "%UPDATE contact_profile profile%",
    "%contact_segment_member%",
    "%contact_segment_found%",
    "%contact_segment_scope%",
    "%contact_segment_first%",
    '%UPDATE "contact_segment%',
    "%torture_told%",
    "COMMIT",
)
JOB_MOMENTS = (
    '%INSERT INTO "queue_job"%',
    '%UPDATE "queue_job"%',
    "%queue_job_lock%",
    "%UPDATE queue_job SET%",
)
WATCHED = """
    SELECT application_name FROM pg_stat_activity
     WHERE datname = %s AND application_name LIKE 'odoo-%%' AND query ILIKE %s
       AND (state <> 'idle'
            OR query = 'COMMIT' AND state_change > now() - interval '20 ms')
     ORDER BY random() LIMIT 1
"""

# The job runner that was elected has this lock.
RUNNER = """
    SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a USING (pid)
     WHERE l.locktype = 'advisory' AND a.datname = %s
       AND l.classid::bigint << 32 | l.objid::bigint = 2293787760715711918
"""


class Faults:
    """Everything bad, on its own clocks, until stopped."""

    def __init__(self, world, servers, seed, jobs=False):
        self.world, self.servers = world, servers
        self.random = random.Random(seed)
        self.kills = self.pg_restarts = self.full_disks = self.days = 0
        self.jobs, self.runner_kills = jobs, 0
        self.stopping = threading.Event()
        self.database = threading.Lock()
        self.threads = []

    def start(self):
        """Everything begins to go wrong."""
        self.tell_far_ends({**torture_smtp.FAULTS, **torture_sms.FAULTS})
        for job in (
            self._kill,
            self._restart_database,
            self._fill_disks,
            self._pass_days,
            self._wake,
        ):
            thread = threading.Thread(target=job, daemon=True)
            thread.start()
            self.threads.append(thread)

    def stop(self):
        """Nothing goes wrong any more."""
        self.stopping.set()
        for thread in self.threads:
            thread.join(60)
        self.tell_far_ends({})
        self.name_victims()
        for server in self.servers:
            server.free_disk()
            server.revive()

    def tell_far_ends(self, faults):
        """How mail server and provider are to behave from now on."""
        target = self.world.folder / "faults.json"
        partial = target.with_suffix(".partial")
        partial.write_text(json.dumps(faults), encoding="utf-8")
        partial.replace(target)

    def name_victims(self):
        """Tell the mail server whose workers it may kill."""
        masters = [str(server.process.pid) for server in self.servers]
        (self.world.folder / "victims").write_text(" ".join(masters), encoding="utf-8")

    def _pause(self, seconds):
        return not self.stopping.wait(seconds)

    def _kill(self):
        self.name_victims()
        while self._pause(self.random.expovariate(1 / KILL_PACE)):
            chance = self.random.random()
            with contextlib.suppress(OSError, psycopg2.Error):
                if chance < 0.05:
                    self._kill_server()
                elif chance < 0.35:
                    self._kill_any()
                elif self.jobs and chance < 0.43:
                    self._kill_runner()
                else:
                    self._kill_in_statement()

    def _shoot(self, pid):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            self.kills += 1

    def _kill_server(self):
        victim = self.random.choice(self.servers)
        self._shoot(victim.process.pid)
        victim.process.wait(10)
        victim.revive()
        self.name_victims()

    def _kill_any(self):
        workers = [pid for server in self.servers for pid in server.workers()]
        if workers:
            self._shoot(self.random.choice(workers))

    def _kill_runner(self):
        """Kill the job runner in office; the other one takes over."""
        for (name,) in self.world.query(RUNNER, (self.world.name,)):
            self._shoot(int(name.removeprefix("odoo-")))
            self.runner_kills += 1

    def _kill_in_statement(self):
        """Wait until some worker runs a certain statement, and kill it there."""
        moments = MOMENTS + (JOB_MOMENTS if self.jobs else ())
        pattern = self.random.choice(moments)
        deadline = time.monotonic() + 2
        with self.world.connect("postgres") as link, link.cursor() as cursor:
            while time.monotonic() < deadline and not self.stopping.is_set():
                cursor.execute(WATCHED, (self.world.name, pattern))
                row = cursor.fetchone()
                if row:
                    pid = int(row[0].removeprefix("odoo-"))
                    if any(pid in server.workers() for server in self.servers):
                        time.sleep(self.random.choice((0, 0, 0.002, 0.02)))
                        self._shoot(pid)
                        return
                time.sleep(0.003)
        self._kill_any()

    def _restart_database(self):
        modes = ("immediate", "fast")
        while self._pause(self.random.uniform(30, 60)):
            with self.database:
                mode = modes[self.pg_restarts % 2]
                with contextlib.suppress(Exception):
                    postgres.restart(self.world.env.pg.cluster, mode)
                    self.pg_restarts += 1

    def _fill_disks(self):
        while self._pause(self.random.uniform(20, 50)):
            server = self.random.choice(self.servers)
            if server.fill_disk():
                self.full_disks += 1
                self._pause(self.random.uniform(2, 6))
            server.free_disk()

    def _pass_days(self):
        while self._pause(self.random.uniform(*DAY)):
            self.days += self.world.pass_a_day()

    def _wake(self):
        while self._pause(0.7):
            with contextlib.suppress(psycopg2.Error):
                self.world.wake_queues()
            for server in self.servers:
                server.revive()
