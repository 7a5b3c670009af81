"""Do something in a copy of this process, for ``./dev/mutate``.

The copy has all that is loaded, and nothing that a changed line does stays: not in
memory, and as tests roll back, not in the database.
"""

import json
import os
import signal
import sys
import tempfile
import time

LATE = "late"


def in_child(work, limit):
    """Do something in a copy of this process.

    :param work: function without arguments; what it returns must be plain
    :param limit: seconds
    :return: what it returned; ``LATE`` if it did not end in time; None if it crashed
    """
    sys.stdout.flush()
    sys.stderr.flush()
    with tempfile.NamedTemporaryFile("r", suffix=".json", encoding="utf-8") as answer:
        child = os.fork()
        if not child:
            _be_child(work, answer.name)
        if not _wait(child, limit):
            return LATE
        text = answer.read()
    return json.loads(text) if text else None


def _be_child(work, target):
    """Never returns: what the parent has open must not be closed here."""
    try:
        os.setpgid(0, 0)
        quiet = os.open(os.devnull, os.O_WRONLY)
        if not os.environ.get("CS_MUTATE_LOUD"):
            os.dup2(quiet, 1)
            os.dup2(quiet, 2)
        text = json.dumps(work())
        with open(target, "w", encoding="utf-8") as stream:
            stream.write(text)
    except BaseException:  # noqa: BLE001  (no answer is an answer)
        sys.excepthook(*sys.exc_info())
        sys.stderr.flush()
    finally:
        os._exit(0)


def _wait(child, limit):
    """Wait for a child; end it when it is late."""
    deadline = time.monotonic() + limit
    while time.monotonic() < deadline:
        ended, _status = os.waitpid(child, os.WNOHANG)
        if ended:
            return True
        time.sleep(0.02)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return False
