"""Is everything right? Counted once more, by brute force, without the addon's code.

Three countings of who got what must be the same: the SMTP server's, the ledger's and
Odoo's own. And in no window of any rule may there be more touches than allowed, however
the window is laid.
"""

from collections import Counter, defaultdict
from datetime import timedelta

from . import demo_facts, demo_plan

COUNTED = ("reserved", "sent")


class Checks:
    """Collects what is wrong; empty is good."""

    def __init__(self, facts, customers, screens, smtp, end):
        self.facts = facts
        self.customers = {customer.email: customer for customer in customers}
        self.screens = screens
        self.smtp = smtp
        self.end = end
        self.subjects = {
            screens[plan.key]["id"]: plan.subject for plan in demo_plan.MAILINGS
        }
        self.wrong = []
        self.lines = []

    def run(self):
        """All of them; the lines tell what was looked at."""
        self.recipients()
        self.three_countings()
        self.windows()
        self.waiting()
        return not self.wrong

    def _expect(self, what, expected, found):
        if expected != found:
            self.wrong.append(f"{what}: {found} instead of {expected}")

    def recipients(self):
        """Every recipient ends in exactly one way, and the screens say the same."""
        for plan in demo_plan.MAILINGS:
            screen = self.screens[plan.key]
            counts = demo_facts.outcome(self.facts, screen["id"])
            audience = sum(
                plan.is_for(customer)
                for email, customer in self.customers.items()
                if plan.hour < demo_plan.CLOSING_HOUR or email not in self.facts.closed
            )
            self._expect(f"{plan.subject}: recipients", audience, counts.total())
            self._expect(f"{plan.subject}: contradictory", 0, counts["contradictory"])
            self._expect(f"{plan.subject}: in the queue", 0, counts["in the queue"])
            for name, kinds in {
                "sent": ("sent at once", "sent later"),
                "failed": ("failed",),
                "canceled": ("cancelled",),
                "deferred_count": ("waiting",),
                "held_count": ("held",),
                "expired_count": ("expired",),
            }.items():
                found = sum(counts[kind] for kind in kinds)
                self._expect(f"{plan.subject}: {name} on the form", found, screen[name])
            self._expect(
                f"{plan.subject}: state",
                "sending" if counts["waiting"] else "done",
                screen["state"],
            )
        self._expect("accounts closed", demo_plan.CLOSED, len(self._closed()))
        self._expect("messages with two traces", [], self.facts.double_traces[:3])
        self.lines.append("every recipient of every mailing ended in exactly one way")

    def _closed(self):
        return self.facts.closed & set(self.customers)

    def three_countings(self):
        """SMTP = ledger = Odoo's traces, person by person and mailing by mailing."""
        ledger = Counter(
            (touch.address, self.subjects[touch.mailing_id])
            for touch in self.facts.touches
            if touch.mailing_id in self.subjects and touch.state == "sent"
        )
        traces = Counter(
            (email, self.subjects[mailing_id])
            for mailing_id, of_mailing in self.facts.traces.items()
            for email, status in of_mailing.values()
            if status in demo_facts.SENT
        )
        smtp = Counter(
            {key: n for key, n in self.smtp.items() if key[0] in self.customers}
        )
        for name, counted in (("ledger", ledger), ("traces", traces)):
            for key in sorted({*smtp, *counted}):
                if smtp[key] != counted[key] and len(self.wrong) < 20:
                    self.wrong.append(
                        f"{key[0]}, “{key[1]}”: the SMTP server took {smtp[key]}, "
                        f"the {name} say {counted[key]}"
                    )
        for (address, subject), count in smtp.items():
            if count > 1:
                self.wrong.append(f"{address} got “{subject}” {count} times")
        self.lines.append(
            f"SMTP server {smtp.total()} = ledger {ledger.total()}"
            f" = Odoo's traces {traces.total()}, person by person"
        )

    def windows(self):
        """Lay every window that ends with a touch, for every rule that binds."""
        by_person = defaultdict(list)
        for touch in self.facts.touches:
            if touch.counts and touch.state in COUNTED:
                by_person[touch.address].append(touch)
        looked_at = over = 0
        for address, touches in by_person.items():
            customer = self.customers.get(address)
            if not customer:
                continue
            for policy in demo_plan.POLICIES:
                for rule in policy.rules if policy.binds(customer) else ():
                    for touch, count in _windows(rule, touches):
                        looked_at += 1
                        if count > (rule.maximum or 1):
                            over += 1
                            self.wrong.append(
                                f"{address}: {count} touches in {rule.hours} hours up "
                                f"to {touch.date}, {policy.name} allows "
                                f"{rule.maximum or 1}"
                            )
        self.lines.append(f"checked {looked_at:,} windows: {over} over the limit")

    def waiting(self):
        """Nobody who waits has been forgotten: each waits for a moment to come."""
        waits = [
            hold
            for mailing_id in self.subjects
            for hold in self.facts.holds[mailing_id].values()
            if hold.state == "deferred"
        ]
        late = [hold for hold in waits if hold.next_allowed <= self.end]
        self._expect("people waiting for a moment that has passed", 0, len(late))
        self.lines.append(f"{len(waits)} people wait, each for a moment to come")


def _windows(rule, touches):
    """(touch, how many touches the window that ends with it holds)."""
    length = timedelta(hours=rule.hours)
    concerned = [t for t in touches if rule.channel in (None, t.channel)]
    for last in concerned:
        yield (
            last,
            sum(timedelta() <= last.date - other.date < length for other in concerned),
        )
