"""Who works with Odoo during torture: over the external API, as programs do.

Each actor is a thread with a job and a pace. Errors are what torture is about: they are
counted by their first words, and the actor goes on.
"""

import collections
import contextlib
import http.client
import json
import os
import random
import threading
import urllib.error

from .torture_api import TIMEOUT, Api, Refused
from .torture_insight import Knowing
from .torture_mailings import Writing
from .torture_paths import Repeating
from .torture_segments import Choosing

FORM = (
    "state",
    "expected",
    "sent",
    "scheduled",
    "delivered",
    "failed",
    "canceled",
    "bounced",
    "process",
    "deferred_count",
    "held_count",
    "expired_count",
    "preflight_total",
)


class Actors(Choosing, Knowing, Repeating, Writing):
    """All actors, started and stopped together."""

    BACKLOG = 8  # mailings that are not done: enough to fight over

    def __init__(self, world, urls, seed):
        self.world, self.facts = world, world.facts
        self.api = Api(urls, world.facts["key"], seed)
        self.random = random.Random(seed)
        self.errors = collections.Counter()
        self.done = collections.Counter()
        self.stopping = threading.Event()
        self.numbers = iter(range(1, 10**6))
        self.twins = list(world.facts["twins"])
        self.offset = 0
        self.threads = []

    def start(self):
        """Everybody begins."""
        jobs = (
            (self.launch, 2.5),
            (self.launch, 2.5),
            (self.other_way, 4),
            (self.end_test, 5),
            (self.click_again, 3),
            (self.read, 0.3),
            (self.preview, 2.5),
            (self.change_mind, 5),
            (self.complain, 5),
            (self.merge, 9),
            (self.edit, 12),
            (self.override, 60),
            (self.settle_paper, 3),
            *self._jobs_about_people(),
            *self._jobs_about_segments(),
        )
        for job, pace in jobs:
            thread = threading.Thread(target=self._act, args=(job, pace), daemon=True)
            thread.start()
            self.threads.append(thread)

    def stop(self):
        """Nobody begins anything new; wait for the last."""
        self.stopping.set()
        for thread in self.threads:
            thread.join(TIMEOUT)

    def _act(self, job, pace):
        while not self.stopping.wait(self.random.expovariate(1 / pace)):
            try:
                job()
                self.done[job.__name__] += 1
            except Refused as error:
                self.errors[f"{job.__name__}: {str(error)[:100]}"] += 1
            except (OSError, http.client.HTTPException, ValueError) as error:
                self.errors[f"{job.__name__}: {type(error).__name__}"] += 1

    # What they do

    def launch(self):
        """A new mailing to some groups or lists: queued, or sent within the call."""
        if self.world.unfinished()[0] >= self.BACKLOG:
            self._launch_draft()
            return
        subject = self._subject()
        message = self._message(subject)
        values = {
            "subject": subject,
            "email_from": "sender@torture.test",
            **message,
            "category_id": self._category(),
            "keep_archives": self.random.random() < 0.2,
            **self._audience(message["mailing_type"]),
            **self._segments_of_mailing(),
            **self._turn(),
        }
        create = self.api.call("mailing.mailing", "create", vals_list=[values])
        how = self.random.choices(
            ("action_launch", "action_put_in_queue", "action_send_mail"), (5, 2, 3)
        )[0]
        if "schedule_date" in values:
            how = "action_put_in_queue"
        self.api.call("mailing.mailing", how, create)

    def _launch_draft(self):
        """Somebody was cut off after making a mailing: it is launched by another."""
        mailing = self._mailing(("state", "=", "draft"))
        if mailing:
            self.api.call("mailing.mailing", "action_launch", mailing)

    def _subject(self):
        return f"Torture {os.getpid()}-{next(self.numbers):05}"

    def _mailings(self, domain, limit=20):
        return self.api.call(
            "mailing.mailing",
            "search_read",
            domain=domain,
            fields=["state"],
            limit=limit,
            order="id desc",
        )

    def _mailing(self, *domain):
        found = self._mailings([("subject", "=like", "Torture%"), *domain])
        return [self.random.choice(found)["id"]] if found else []

    def click_again(self):
        """A second click on a button that was clicked already."""
        mailing = self._mailing(("state", "in", ("in_queue", "sending")))
        if mailing:
            how = self.random.choice(("action_launch", "action_send_mail"))
            self.api.call("mailing.mailing", how, mailing)

    def preview(self):
        """Ask who would get it, and read forms."""
        mailing = self._mailing()
        if mailing:
            self.api.call("mailing.mailing", "action_preflight", mailing)
            self.api.call("mailing.mailing", "read", mailing, fields=FORM)

    def change_mind(self):
        """Ask again about people held back, retry failures, stop waiting, cancel."""
        job = self.random.choices(
            (self._decide_again, self._retry, self._stop_waiting, self._cancel),
            (4, 4, 1, 2),
        )[0]
        job()

    def _decide_again(self):
        holds = self.api.call(
            "contact.hold",
            "search",
            domain=[("state", "in", ("held", "deferred", "expired"))],
            limit=30,
            order="id desc",
        )
        if holds:
            self.api.call("contact.hold", "action_decide_again", holds)

    def _retry(self):
        mailing = self._mailing(("mailing_trace_ids.trace_status", "=", "error"))
        if mailing:
            self.api.call("mailing.mailing", "action_retry_failed", mailing)

    def _stop_waiting(self):
        mailing = self._mailing(("is_waiting", "=", True))
        if mailing:
            self.api.call("mailing.mailing", "action_stop_waiting", mailing)

    def _cancel(self):
        mailing = self._mailing(("state", "=", "in_queue"))
        if mailing:
            self.api.call("mailing.mailing", "action_cancel", mailing)
            self.api.call("mailing.mailing", "action_launch", mailing)

    def read(self):
        """Somebody opens or clicks one of the last messages."""
        record = self.world.folder / "accepted.jsonl"
        with open(record, "rb") as stream:
            stream.seek(0, os.SEEK_END)
            stream.seek(max(0, stream.tell() - 20000))
            lines = stream.read().splitlines()[1:-1]
        links = [link for line in lines for link in json.loads(line)["links"]]
        if links:
            with contextlib.suppress(urllib.error.HTTPError):
                self.api.open(self.random.choice(links))

    def complain(self):
        """Messages bounce, and somebody wants no more of them."""
        traces = self.api.call(
            "mailing.trace",
            "search",
            domain=[("trace_status", "=", "sent"), ("trace_type", "=", "mail")],
            limit=3,
            order="id desc",
        )
        if traces:
            self.api.call("mailing.trace", "set_bounced", traces)
        if self.random.random() < 0.2:
            email = f"person.{self.random.randrange(500)}@torture.test"
            self.api.call("mail.blacklist", "create", vals_list=[{"email": email}])

    def merge(self):
        """Two contacts turn out to be one person."""
        if not self.twins:
            return
        kept, other = self.twins.pop()
        wizard = self.api.call(
            "base.partner.merge.automatic.wizard",
            "create",
            vals_list=[
                {"partner_ids": [[6, 0, [kept, other]]], "dst_partner_id": kept}
            ],
        )
        self.api.call("base.partner.merge.automatic.wizard", "action_merge", wizard)

    def edit(self):
        """Somebody changes a rule's number."""
        rule = self.random.choice(self.facts["edited_rules"])
        number = self.random.randint(1, 3)
        self.api.call(
            "contact.policy.rule", "write", [rule], vals={"max_touches": number}
        )

    def override(self):
        """A manager lets a mailing through, against the rules."""
        mailing = self._mailing(("state", "in", ("in_queue", "sending")))
        if mailing:
            values = {"mailing_id": mailing[0], "reason": "Torture"}
            self.api.call("contact.override", "create", vals_list=[values])

    # At the end

    def finish_launches(self):
        """Whoever made a mailing and was cut off launches it now."""
        for mailing in self._mailings([("state", "=", "draft")], limit=0):
            with contextlib.suppress(Refused, OSError):
                self.api.call("mailing.mailing", "action_launch", [mailing["id"]])
        with contextlib.suppress(Refused, OSError):
            self.end_tests()

    def counters(self, fields):
        """What the mailings' forms say.

        :return: {mailing id: {field: number}}
        """
        found = self.api.call(
            "mailing.mailing",
            "search_read",
            domain=[("subject", "=like", "Torture%")],
            fields=list(fields),
            timeout=300,
        )
        return {values["id"]: values for values in found}
