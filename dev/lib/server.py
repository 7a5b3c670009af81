"""Serve a database over HTTP, on a port that is free."""

import socket
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from subprocess import Popen

from . import console, paths, process

HOST = "127.0.0.1"
PATIENCE = 120  # seconds until the first answer


@dataclass
class Running:
    """A server that answers."""

    url: str
    port: int
    process: Popen


def is_free(port):
    """Can somebody listen on this port of 127.0.0.1?"""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def free_port(preferred=None):
    """The preferred port when it is free, else any free one."""
    if preferred and is_free(preferred):
        return preferred
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


@contextmanager
def serve(env, database, port=None, *arguments, log=None):
    """Run Odoo on the database until the block ends. A given port must be free."""
    if port and not is_free(port):
        console.fail(
            f"port {port} is taken: stop what listens there, or choose another"
        )
    port = port or free_port()
    log = log or paths.LOGS / f"serve-{port}.log"
    command = env.odoo_command(
        "server", "-d", database, "--http-port", port, "--db-filter", f"^{database}$"
    )
    running = process.spawn([*command, *arguments], log, env=env.process_environment())
    try:
        _wait(running, port, log)
        yield Running(f"http://{HOST}:{port}", port, running)
    finally:
        process.kill_group(running)


def _wait(running, port, log):
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if running.poll() is not None:
            console.fail(f"Odoo ended before it answered: see {log}")
        try:
            with urllib.request.urlopen(f"http://{HOST}:{port}/web/health", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    console.fail(f"Odoo did not answer within {PATIENCE} s: see {log}")
