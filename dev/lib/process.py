"""Run programs: output to a log, a limit on time, and failures in words."""

import os
import re
import signal
import subprocess
import threading
import time
from contextlib import suppress

from . import console, paths

LIVE: set = set()  # what we started and have not seen end
STOPPING = threading.Event()

# What goes wrong outside, as programs say it, and what a person can do about it.
SYMPTOMS = (
    (
        r"No space left on device|Disk quota exceeded|ENOSPC",
        "the disk is full: free some space (about 4 GB are needed) and run it again",
    ),
    (
        r"Temporary failure (in name resolution|resolving)|Could not resolve|"
        r"Name or service not known|Network is unreachable|EAI_AGAIN|ENOTFOUND|"
        r"Failed to establish a new connection|Connection (refused|timed out)|"
        r"Could not connect to|ProxyError|ECONNREFUSED|ETIMEDOUT|NewConnectionError",
        "no network: connect (or set the proxy) and run it again, it goes on where "
        "it stopped",
    ),
    (
        r"CERTIFICATE_VERIFY_FAILED|certificate verification failed|SELF_SIGNED_CERT",
        "the network's certificate is not trusted: install your proxy's certificate",
    ),
    (
        r"NO_PUBKEY|is not signed|EXPKEYSIG",
        "apt does not trust the source's signature: update the package "
        "debian-archive-keyring",
    ),
    (
        r"No matching distribution found|Could not find a version that satisfies",
        "the package index lacks a pinned version for this Python: use 3.10 to 3.13 "
        "on x86-64 or arm64 Linux",
    ),
    (
        r"Permission denied|EACCES",
        "no permission to write: the checkout must belong to you",
    ),
)


def explain(output):
    """Translate a program's output into what to do, or return ``None``.

    A Python traceback is told by its last line.
    """
    for pattern, advice in SYMPTOMS:
        if re.search(pattern, output):
            return advice
    raised = re.findall(r"^[\w.]*(?:Error|Exception|Warning)\b: .*", output, re.M)
    return raised[-1][:300] if raised else None


def tail(log, size=20000):
    """The end of a log file, as text."""
    try:
        with open(log, "rb") as stream:
            stream.seek(0, os.SEEK_END)
            stream.seek(max(0, stream.tell() - size))
            return stream.read().decode(errors="replace")
    except OSError:
        return ""


def kill_group(process, patience=10):
    """End a process and all it started: first politely, then for good."""
    for sign, wait in ((signal.SIGTERM, patience), (signal.SIGKILL, 10)):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, sign)
        with suppress(subprocess.TimeoutExpired):
            process.wait(wait)
            break
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def stop_all():
    """End every program that still runs, and start no other: we were interrupted."""
    STOPPING.set()
    for process in list(LIVE):
        kill_group(process, patience=3)


def spawn(command, log, stdin=None, **options):
    """Start a program in a process group of its own, its output going to ``log``."""
    if STOPPING.is_set():
        console.fail("interrupted")
    log.parent.mkdir(parents=True, exist_ok=True)
    with open(log, "ab") as stream:
        try:
            process = subprocess.Popen(
                [str(part) for part in command],
                stdin=stdin or subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **options,
            )
        except FileNotFoundError:
            console.fail(f"the program {command[0]} is missing: install it")
    LIVE.add(process)
    return process


def call(command, log, timeout=None, stdin=None, **options):
    """Run a program to its end and return its exit code, ``None`` for a timeout."""
    process = spawn(command, log, stdin=stdin, **options)
    try:
        return process.wait(timeout)
    except subprocess.TimeoutExpired:
        return None
    finally:
        if process.poll() is None:
            kill_group(process)
        LIVE.discard(process)


def run(command, step, timeout=3600, log=None, **options):
    """Run a program that must succeed; otherwise fail with one line."""
    log = log or paths.LOGS / f"{re.sub(r'[^a-z0-9]+', '-', step.lower())}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text(f"{time.ctime()}: {' '.join(map(str, command))}\n", encoding="utf-8")
    code = call(command, log, timeout, **options)
    if code is None:
        console.fail(f"{step} took more than {console.elapsed(timeout)}: see {log}")
    if code:
        advice = explain(tail(log)) or "see the log for the reason"
        console.fail(f"{step} failed: {advice} ({log})")
