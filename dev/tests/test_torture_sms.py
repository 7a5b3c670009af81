"""The provider of text messages in torture says what it took, and misbehaves."""

import http.client
import json
import threading
import urllib.error
import urllib.request

import pytest
from lib import torture_sms

TEXT = "Torture 1-00001 hello"


@pytest.fixture
def provider(tmp_path, monkeypatch):
    """One that nothing is wrong with, and who hears its reports."""
    heard = []
    monkeypatch.setattr(torture_sms, "REPORT", (0, 0))
    monkeypatch.setattr(
        torture_sms, "report", lambda url, uuids, _provider: heard.append((url, uuids))
    )
    monkeypatch.setattr(
        torture_sms.Session, "provider", torture_sms.Provider(tmp_path, 1)
    )
    server = torture_sms.Server(("127.0.0.1", 0), torture_sms.Session)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Talk(tmp_path, server.server_address[1], heard)
    server.shutdown()
    server.server_close()


class Talk:
    """What Odoo says to it."""

    def __init__(self, folder, port, heard):
        self.folder, self.port, self.heard = folder, port, heard

    def misbehave(self, **faults):
        """From now on."""
        text = json.dumps(faults)
        (self.folder / "faults.json").write_text(text, encoding="utf-8")

    def send(self, *uuids):
        """A batch; gives the answer's states by uuid."""
        numbers = [{"number": f"+3247{uuid}", "uuid": uuid} for uuid in uuids]
        params = {
            "messages": [{"content": TEXT, "numbers": numbers}],
            "webhook_url": "http://odoo/sms/status",
        }
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/api/sms/3/send",
            json.dumps({"id": 1, "params": params}).encode(),
        )
        with urllib.request.urlopen(request, timeout=5) as answer:
            result = json.load(answer)["result"]
        return {row["uuid"]: row["state"] for row in result}

    def taken(self):
        """What it has written down: (subject, number)."""
        text = (self.folder / "accepted_sms.jsonl").read_text(encoding="utf-8")
        records = [json.loads(line) for line in text.splitlines()]
        return [(record["subject"], *record["to"]) for record in records]


def _reports(provider):
    for thread in threading.enumerate():
        if isinstance(thread, threading.Timer):
            thread.join(5)
    return provider.heard


def test_takes_and_reports(provider):
    assert provider.send("a", "b") == {"a": "success", "b": "success"}
    subject = "Torture 1-00001"
    assert provider.taken() == [(subject, "+3247a"), (subject, "+3247b")]
    assert _reports(provider) == [("http://odoo/sms/status", ["a", "b"])]


def test_the_same_again_is_taken_twice(provider):
    provider.send("a")
    provider.send("a")
    assert len(provider.taken()) == 2


def test_refuses(provider):
    provider.misbehave(sms_refuse=1)
    assert provider.send("a") == {"a": "wrong_number_format"}
    assert provider.taken() == []
    assert _reports(provider) == []


@pytest.mark.parametrize(
    ("fault", "count"),
    [
        ("sms_error", 0),
        ("sms_drop_unaccepted", 0),
        ("sms_kill_unaccepted", 0),
        ("sms_drop_accepted", 1),
        ("sms_kill_accepted", 1),
    ],
)
def test_breaks(provider, fault, count):
    """What was taken is known, whatever the sender hears."""
    provider.misbehave(**{fault: 1})
    with pytest.raises((OSError, http.client.HTTPException, urllib.error.URLError)):
        provider.send("a")
    assert len(provider.taken()) == count
    assert len(_reports(provider)) == count
