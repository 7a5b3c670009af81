"""Locks between processes, and stamps of finished steps."""

import fcntl
import hashlib
import time
from contextlib import contextmanager

from . import console, paths

POLITE = 5  # seconds of waiting that need no words


@contextmanager
def exclusive(name):
    """Hold the lock ``name``; say so when somebody else has it for long."""
    paths.RUN.mkdir(parents=True, exist_ok=True)
    with open(paths.RUN / f"{name}.lock", "a", encoding="utf-8") as stream:
        deadline = time.monotonic() + POLITE
        while not _try(stream):
            if time.monotonic() > deadline:
                console.note(f".. waiting for somebody else's work on {name}")
                fcntl.flock(stream, fcntl.LOCK_EX)
                break
            time.sleep(0.1)
        yield


@contextmanager
def if_free(name):
    """Hold the lock ``name`` when nobody has it; yields whether it is held."""
    paths.RUN.mkdir(parents=True, exist_ok=True)
    with open(paths.RUN / f"{name}.lock", "a", encoding="utf-8") as stream:
        yield _try(stream)


def _try(stream):
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def fingerprint(*parts):
    """A short hash of texts and files, in order."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part.read_bytes()
        digest.update(data + b"\0")
    return digest.hexdigest()[:16]


def is_done(step, mark):
    """Was ``step`` finished for exactly this ``mark``?"""
    stamp = paths.RUN / f"{step}.done"
    return stamp.is_file() and stamp.read_text(encoding="utf-8").strip() == mark


def set_done(step, mark):
    """Remember that ``step`` is finished for ``mark``."""
    paths.RUN.mkdir(parents=True, exist_ok=True)
    stamp = paths.RUN / f"{step}.done"
    partial = stamp.with_suffix(f".{time.monotonic_ns()}")
    partial.write_text(mark, encoding="utf-8")
    partial.replace(stamp)
