"""The Odoo servers of torture: real ones, whose workers may die at any moment."""

import contextlib
import os
import shutil
import signal
import subprocess
import threading
import time
import urllib.request

import psutil

from . import paths, process, server

LAUNCHER = paths.DEV / "lib" / "torture_odoo.py"
HTTP_WORKERS = 2
JOBS = 2  # at a time, by workers of the server whose job runner was elected
DISK = 160  # megabytes: the filestore of a server


class OdooServer:
    """One prefork server with a data folder of its own.

    Its workers are forked from a master that has loaded everything, so one that is
    killed is replaced within a moment, as in production.
    """

    def __init__(self, world, number, cron_workers, addons_path, jobs=False):
        self.world, self.number, self.cron_workers = world, number, cron_workers
        self.addons_path, self.jobs = addons_path, jobs
        self.port = server.free_port()
        self.url = f"http://{server.HOST}:{self.port}"
        self.data = world.folder / f"data-{number}"
        self.log = world.folder / f"odoo-{number}.log"
        self.process = None
        self.is_small_disk = False
        self.lock = threading.Lock()

    def prepare(self):
        """A data folder on a small disk of its own, where the system allows it."""
        self.data.mkdir(parents=True, exist_ok=True)
        mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK}m", "tmpfs", self.data]
        made = subprocess.run(mount, check=False, capture_output=True)
        self.is_small_disk = made.returncode == 0
        source = self.world.env.data_dir / "filestore" / self.world.name
        if source.is_dir():
            target = self.data / "filestore" / self.world.name
            shutil.copytree(source, target, dirs_exist_ok=True)

    def start(self):
        """Start the master; it makes its workers."""
        env = self.world.env
        command = [env.python, LAUNCHER, "server", "-d", self.world.name]
        http_workers = HTTP_WORKERS + (JOBS if self.jobs else 0)
        command += ["--workers", http_workers, "--max-cron-threads", self.cron_workers]
        command += ["--http-port", self.port]
        command += ["--data-dir", self.data, "--db-filter", f"^{self.world.name}$"]
        command += ["--addons-path", ",".join(map(str, self.addons_path))]
        command += ["--limit-time-real-cron", 3600]
        variables = {}
        if self.jobs:
            command += ["--load", "base,rpc,web,queue_job"]
            variables["ODOO_QUEUE_JOB_CHANNELS"] = f"root:{JOBS}"
        variables = env.process_environment(**variables)
        self.process = process.spawn(command, self.log, env=variables)

    def wait(self, patience=90):
        """Wait for the first answer. Returns whether it came."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline and self.process.poll() is None:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{self.url}/web/health", timeout=5).close()
                return True
            time.sleep(0.3)
        return False

    def revive(self):
        """Start the master again if it is dead."""
        with self.lock:
            if self.process.poll() is not None:
                self.stop()
                self.start()

    def workers(self):
        """Process ids of the living workers."""
        try:
            children = psutil.Process(self.process.pid).children()
            return [child.pid for child in children if child.name() != "sleep"]
        except psutil.Error:
            return []

    def fill_disk(self):
        """Leave no room in the data folder. Returns whether that was possible."""
        if not self.is_small_disk:
            return False
        with contextlib.suppress(OSError), open(self.data / "ballast", "wb") as ballast:
            while True:
                ballast.write(b"\0" * 65536)
                ballast.flush()
        return True

    def free_disk(self):
        """Take the ballast away."""
        (self.data / "ballast").unlink(missing_ok=True)

    def stop(self):
        """Kill the server and every worker it left behind."""
        if self.process:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            process.LIVE.discard(self.process)

    def close(self):
        """Stop, and give the disk back."""
        self.stop()
        if self.is_small_disk:
            unmount = ["umount", "-l", self.data]
            subprocess.run(unmount, check=False, capture_output=True)
