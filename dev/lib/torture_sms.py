"""The provider of text messages in torture: keeps a record of what it took, and
misbehaves.

A process of its own (``python -m lib.torture_sms FOLDER SEED``) that speaks as Odoo's
provider does: JSON-RPC for a batch of messages, and later a report that they arrived.
What it took is written down (``accepted_sms.jsonl``) before the sender hears of it.
"""

import http.server
import itertools
import json
import random
import re
import socket
import sys
import threading
import time
import urllib.request
from pathlib import Path

from .torture_smtp import Mailbox

FAULTS = {
    "sms_error": 0.03,  # HTTP 500, nothing was taken
    "sms_refuse": 0.02,  # one number, for good
    "sms_drop_unaccepted": 0.02,
    "sms_drop_accepted": 0.03,
    "sms_hang": 0.02,
    "sms_kill_unaccepted": 0.02,
    "sms_kill_accepted": 0.04,
}
HANG = (2, 20)  # seconds; Odoo gives up after 15
SUBJECT = re.compile(r"Torture \d+-\d+")
REPORT = (0.1, 3)  # seconds until a message has arrived
PATIENCE = 0.5


class Provider(Mailbox):
    """What was taken, and what was done to the senders."""

    RECORD = "accepted_sms.jsonl"
    EVENTS = "sms_events.jsonl"

    def __init__(self, folder, seed):
        super().__init__(folder, seed)
        self.lock = threading.Lock()

    def happens(self, fault):
        """Does this fault strike now?"""
        with self.lock:
            return super().happens(fault)

    def keep(self, messages):
        """Keep messages for ever.

        :param messages: [(content, number, uuid)]
        """
        with self.lock:
            for content, number, uuid in messages:
                record = {
                    "subject": SUBJECT.search(content)[0],
                    "to": [number],
                    "uuid": uuid,
                    "at": time.time(),
                }
                self._write(self.accepted, record)


class Session(http.server.BaseHTTPRequestHandler):
    """One request."""

    provider = None

    def log_message(self, *_args):
        """Say nothing."""

    def do_POST(self):
        """Take a batch, or not."""
        length = int(self.headers["Content-Length"])
        request = json.loads(self.rfile.read(length))
        provider, port = self.provider, self.client_address[1]
        if provider.happens("sms_kill_unaccepted"):
            provider.kill_sender(port)
            return self.drop()
        if provider.happens("sms_drop_unaccepted"):
            return self.drop()
        if provider.happens("sms_error"):
            return self.send_error(500)
        refused, taken = self._look(request["params"]["messages"])
        provider.keep(taken)
        self._report_later(request["params"]["webhook_url"], taken)
        if provider.happens("sms_kill_accepted"):
            provider.kill_sender(port)
            return self.drop()
        if provider.happens("sms_drop_accepted"):
            return self.drop()
        if provider.happens("sms_hang"):
            time.sleep(provider.random.uniform(*HANG))
        states = [{"uuid": uuid, "state": "wrong_number_format"} for uuid in refused]
        states += [
            {"uuid": uuid, "state": "success", "credit": 1} for *_, uuid in taken
        ]
        return self._answer({"jsonrpc": "2.0", "id": request["id"], "result": states})

    def _look(self, messages):
        """(uuids refused, [(content, number, uuid)] taken)"""
        refused, taken = [], []
        for message in messages:
            for to in message["numbers"]:
                if self.provider.happens("sms_refuse"):
                    refused.append(to["uuid"])
                else:
                    taken.append((message["content"], to["number"], to["uuid"]))
        return refused, taken

    def _report_later(self, url, taken):
        uuids = [uuid for *_, uuid in taken]
        if uuids:
            delay = self.provider.random.uniform(*REPORT)
            arguments = (url, uuids, self.provider)
            threading.Timer(delay, report, arguments).start()

    def _answer(self, answer):
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def drop(self):
        """The connection breaks."""
        self.close_connection = True
        self.connection.setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0"
        )
        self.connection.close()


def report(url, uuids, provider):
    """Say that messages have arrived, until somebody has heard it."""
    params = {"message_statuses": [{"sms_status": "delivered", "uuids": uuids}]}
    body = {"jsonrpc": "2.0", "method": "call", "params": params}
    for number in itertools.count():
        request = urllib.request.Request(
            url,
            json.dumps({**body, "id": number}).encode(),
            {"Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                if "result" in json.load(answer):
                    return
        except (OSError, ValueError):
            pass  # the server is down: later
        time.sleep(PATIENCE * provider.random.random())


class Server(http.server.ThreadingHTTPServer):
    """Broken connections are what it is for."""

    daemon_threads = True

    def handle_error(self, *_args):
        """Say nothing."""


def serve(folder, seed):
    """Listen on a free port, written to ``FOLDER/sms_port``, until killed."""
    Session.provider = Provider(folder, seed)
    Session.provider.random = random.Random(seed)
    server = Server(("127.0.0.1", 0), Session)
    port = str(server.server_address[1])
    (Path(folder) / "sms_port").write_text(port, encoding="utf-8")
    server.serve_forever()


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]))
