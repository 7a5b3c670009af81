"""A real mail server on this machine that behaves as badly as a test wants."""

import asyncio
import contextlib
import socket
from collections import Counter

try:
    from aiosmtpd.controller import Controller
except ImportError:  # a developer's tool: the tests that need it say so
    Controller = None

HOST = "127.0.0.1"
HANG = 8  # seconds; longer than the tests' patience


class Handler:
    """Counts what it takes.

    ``behaviour`` says for an address what happens instead: *refuse*, *greylist*,
    *drop_rcpt*, *hang_rcpt*, *refuse_data*, *drop_data* (the text has arrived),
    *hang_data*, *babble* (an answer that nobody understands).
    """

    def __init__(self):
        self.behaviour = {}
        self.taken = Counter()  # address -> how often
        self.on_data = None  # called with the address before it is answered

    async def handle_RCPT(self, server, _session, envelope, address, _options):
        """An address is named."""
        behaviour = self.behaviour.get(address)
        if behaviour == "refuse":
            return "550 5.1.1 mailbox unavailable"
        if behaviour == "greylist":
            return "451 4.7.1 try again later"
        if behaviour == "drop_rcpt":
            server.transport.close()
        if behaviour == "hang_rcpt":
            await asyncio.sleep(HANG)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, _session, envelope):
        """The whole text is there."""
        (address,) = envelope.rcpt_tos
        behaviour = self.behaviour.get(address)
        if behaviour == "refuse_data":
            return "554 5.7.1 no"
        self.taken[address] += 1
        if self.on_data:
            await asyncio.to_thread(self.on_data, address)
        if behaviour == "drop_data":
            server.transport.close()
        if behaviour == "hang_data":
            await asyncio.sleep(HANG)
        if behaviour == "babble":
            return "what? I took it"
        return "250 OK"


@contextlib.contextmanager
def serve():
    """Run the server; give (port, handler)."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    handler = Handler()
    controller = Controller(handler, hostname=HOST, port=port)
    controller.start()
    try:
        yield port, handler
    finally:
        controller.stop()
