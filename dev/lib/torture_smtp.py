"""The mail server of torture: keeps a record of what it took, and misbehaves.

A process of its own (``python -m lib.torture_smtp FOLDER``), because whoever counts
what was accepted must not be killed with the sender. Each accepted message is written
down (``accepted.jsonl``) before the sender hears of it, so the record holds what the
world has got, whatever the sender knows.

``FOLDER/faults.json`` says how likely each fault is and may change at any time;
``FOLDER/victims`` holds the process ids of the Odoo servers whose workers may be
killed in the very moment a message arrives.
"""

import asyncio
import contextlib
import email
import itertools
import json
import random
import re
import signal
import sys
import time
from email.policy import default as modern
from pathlib import Path

import psutil

FAULTS = {
    "refuse": 0.01,  # 550 to the recipient, for good
    "greylist": 0.04,  # 451 to a recipient that is new
    "drop_before_data": 0.002,
    "drop_unaccepted": 0.003,  # after DATA, nothing was taken
    "drop_accepted": 0.005,  # after DATA, the message was taken
    "hang": 0.002,
    "kill_unaccepted": 0.0015,  # kill the sender when DATA has arrived
    "kill_accepted": 0.003,  # ... and the message was taken
}
LINKS = re.compile(r"https?://[^\s\"'<>]+(?:blank\.gif|/r/\w+/m/\d+)[^\s\"'<>]*")
HANG = (2, 65)  # seconds; Odoo gives up after 60


class Dropped(Exception):
    """The connection ends here."""


class Mailbox:
    """What was taken, and what was done to the senders."""

    RECORD = "accepted.jsonl"
    EVENTS = "smtp_events.jsonl"

    def __init__(self, folder, seed):
        self.folder = Path(folder)
        self.random = random.Random(seed)
        self.accepted = open(self.folder / self.RECORD, "ab")  # noqa: SIM115
        self.events = open(self.folder / self.EVENTS, "ab")  # noqa: SIM115
        self.greylisted = set()
        self.numbers = itertools.count(1)

    def happens(self, fault):
        """Does this fault strike now?"""
        try:
            text = (self.folder / "faults.json").read_text(encoding="utf-8")
            likely = json.loads(text).get(fault, 0)
        except (OSError, ValueError):
            likely = 0
        if self.random.random() >= likely:
            return False
        self._write(self.events, {"fault": fault, "at": time.time()})
        return True

    def take(self, content, recipients):
        """Keep a message for ever."""
        message = email.message_from_bytes(content, policy=modern)
        body = message.get_body(("html", "plain"))
        text = body.get_content() if body else ""
        record = {
            "subject": str(message["Subject"]),
            "message_id": str(message["Message-Id"]),
            "to": [address.lower() for address in recipients],
            "links": LINKS.findall(text),
            "at": time.time(),
        }
        self._write(self.accepted, record)

    @staticmethod
    def _write(stream, record):
        stream.write(json.dumps(record).encode() + b"\n")
        stream.flush()  # this process is not killed, nor is the system

    def kill_sender(self, port):
        """SIGKILL the Odoo process at the other end of a connection."""
        with contextlib.suppress(OSError, ValueError, psutil.Error):
            servers = (self.folder / "victims").read_text(encoding="utf-8").split()
            for server in map(int, servers):
                for worker in psutil.Process(server).children():
                    if any(
                        link.laddr and link.laddr.port == port
                        for link in worker.net_connections("tcp")
                    ):
                        worker.send_signal(signal.SIGKILL)
                        self._write(
                            self.events,
                            {"killed": worker.pid, "at": time.time()},
                        )
                        return


class Session:
    """One connection."""

    def __init__(self, mailbox, reader, writer):
        self.mailbox, self.reader, self.writer = mailbox, reader, writer
        self.recipients = []

    async def say(self, line):
        """Answer the sender."""
        self.writer.write(line.encode() + b"\r\n")
        await self.writer.drain()

    async def talk(self):
        """Serve until the sender leaves or the connection is dropped."""
        with contextlib.suppress(Dropped, OSError, asyncio.IncompleteReadError):
            await self.say("220 torture")
            while line := await self.reader.readline():
                await self.answer(line.decode(errors="replace").strip())
        with contextlib.suppress(OSError):
            self.writer.transport.abort()

    async def answer(self, line):
        """React to one command."""
        verb = line[:4].upper()
        if verb == "QUIT":
            await self.say("221 bye")
            raise Dropped
        if verb == "RCPT":
            await self.receive_recipient(line)
        elif verb == "DATA":
            await self.receive_data()
        else:
            if verb in ("MAIL", "RSET", "EHLO", "HELO"):
                self.recipients = []
            await self.say("250 OK")

    async def receive_recipient(self, line):
        """Take a recipient, or not."""
        address = line[line.find("<") + 1 : line.rfind(">")]
        mailbox = self.mailbox
        if mailbox.happens("refuse"):
            await self.say("550 5.1.1 mailbox unavailable")
        elif address not in mailbox.greylisted and mailbox.happens("greylist"):
            mailbox.greylisted.add(address)
            await self.say("451 4.7.1 greylisted, come back later")
        else:
            self.recipients.append(address)
            await self.say("250 OK")

    async def receive_data(self):
        """Take a message; here is where everything goes wrong."""
        mailbox = self.mailbox
        if mailbox.happens("drop_before_data"):
            raise Dropped
        await self.say("354 go on")
        content = await self.reader.readuntil(b"\r\n.\r\n")
        port = self.writer.get_extra_info("peername")[1]
        if mailbox.happens("kill_unaccepted"):
            mailbox.kill_sender(port)
            raise Dropped
        if mailbox.happens("drop_unaccepted"):
            raise Dropped
        mailbox.take(content, self.recipients)
        if mailbox.happens("kill_accepted"):
            mailbox.kill_sender(port)
            raise Dropped
        if mailbox.happens("drop_accepted"):
            raise Dropped
        if mailbox.happens("hang"):
            await asyncio.sleep(mailbox.random.uniform(*HANG))
        self.recipients = []
        await self.say(f"250 OK: queued as {next(mailbox.numbers)}")


async def serve(folder, seed):
    """Listen on a free port, written to ``FOLDER/smtp_port``, until killed."""
    mailbox = Mailbox(folder, seed)

    async def connected(reader, writer):
        await Session(mailbox, reader, writer).talk()

    server = await asyncio.start_server(
        connected, "127.0.0.1", 0, limit=16 * 1024 * 1024
    )
    port = server.sockets[0].getsockname()[1]
    (Path(folder) / "smtp_port").write_text(str(port), encoding="utf-8")
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], int(sys.argv[2])))
