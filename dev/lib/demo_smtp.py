"""An SMTP server that counts what it takes, per recipient and message."""

import contextlib
import email
import threading
from collections import Counter
from email.policy import default as modern

from aiosmtpd.controller import Controller

from . import console, server

REFUSED = "550 5.1.1 mailbox unavailable"


class CountingHandler:
    """Takes every message, except for the refused addresses."""

    def __init__(self, refused=()):
        self.refused = set(refused)
        self.accepted = Counter()  # (address, subject) -> how often
        self.refusals = Counter()
        self._lock = threading.Lock()

    async def handle_RCPT(self, _server, _session, envelope, address, _options):
        """Refuse an address that does not exist."""
        if address in self.refused:
            self.refusals[address] += 1
            return REFUSED
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, _session, envelope):
        """Count a message that was taken."""
        message = email.message_from_bytes(envelope.content, policy=modern)
        with self._lock:
            for address in envelope.rcpt_tos:
                self.accepted[address, str(message["Subject"])] += 1
        return "250 OK"


@contextlib.contextmanager
def serve(refused=()):
    """Run the server on a free port of this machine; give (port, handler)."""
    handler = CountingHandler(refused)
    port = server.free_port()
    controller = Controller(handler, hostname=server.HOST, port=port)
    try:
        controller.start()
    except OSError as error:
        console.fail(f"the SMTP server cannot listen on port {port}: {error}")
    try:
        yield port, handler
    finally:
        controller.stop()
