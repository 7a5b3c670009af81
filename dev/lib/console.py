"""Talk to the person at the terminal: notes, progress, and failures in one line."""

import errno
import signal
import sys
import threading
import time
import traceback
from contextlib import contextmanager

from . import paths

FAILED = 2  # exit code of every failure of the tooling itself
INTERRUPTED = 130
TICK = 30  # seconds between signs of life where there is no terminal
RUNNING: list = []  # the steps that are going on


class Failure(Exception):
    """Something a person can act on. Its text is the one line to be shown."""


def fail(message):
    """End the command with one clear line that says what to do."""
    raise Failure(message)


def note(message):
    """Print one line, at once."""
    print(message, flush=True)


def elapsed(seconds):
    """Show a duration: ``7 s``, ``2 min 05 s``."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"


@contextmanager
def progress(step):
    """Show that ``step`` goes on, and how long it took.

    On a terminal one line counts the seconds; elsewhere, and for steps inside others
    or beside them, there is a line at the start, one every half minute and one at the
    end.
    """
    start, stop = time.monotonic(), threading.Event()
    live = sys.stdout.isatty() and not RUNNING
    RUNNING.append(step)
    sys.stdout.write(f"\r\033[K.. {step}" if live else f".. {step}\n")
    sys.stdout.flush()
    ticker = threading.Thread(
        target=_tick, args=(step, start, stop, 1 if live else TICK, live), daemon=True
    )
    ticker.start()
    outcome = "failed"
    try:
        yield
        outcome = "done"
    finally:
        stop.set()
        ticker.join()
        RUNNING.remove(step)
        line = f"{outcome} {step} ({elapsed(time.monotonic() - start)})"
        sys.stdout.write(f"\r\033[K{line}\n" if live else f"{line}\n")
        sys.stdout.flush()


def _tick(step, start, stop, interval, live):
    while not stop.wait(interval):
        line = f".. {step} ({elapsed(time.monotonic() - start)})"
        sys.stdout.write(f"\r\033[K{line}" if live else f"{line}\n")
        sys.stdout.flush()


def guarded(main, argv):
    """Call ``main(argv)`` and turn whatever goes wrong into one line and a code."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return main(argv) or 0
    except Failure as failure:
        return _failed(str(failure))
    except KeyboardInterrupt:
        return _failed(
            "interrupted: run the same command again, it goes on where it stopped",
            INTERRUPTED,
        )
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return _failed(f"the disk is full: free some space for {paths.CACHE}")
        return _failed(_unexpected(error))
    except Exception as error:  # noqa: BLE001  (the last resort of a command)
        return _failed(_unexpected(error))


def _failed(line, code=FAILED):
    print(f"error: {line}", file=sys.stderr, flush=True)
    return code


def _unexpected(error):
    """Keep the traceback in a file; the person gets what happened and where to look."""
    log = paths.LOGS / "traceback.log"
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(traceback.format_exc(), encoding="utf-8")
    except OSError:
        log = "nowhere: the log could not be written"
    first = (str(error).strip().splitlines() or [""])[0]
    return f"{type(error).__name__}: {first} (details: {log})"
