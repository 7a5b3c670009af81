"""What is in the database after the week, read by plain SQL: no code of the addon."""

import contextlib
from collections import Counter, defaultdict
from dataclasses import dataclass, field

SENT = ("sent", "open", "reply", "bounce")  # statuses of a message that left

TRACES = """
    SELECT mass_mailing_id, res_id, email, trace_status
      FROM mailing_trace WHERE mass_mailing_id = ANY(%s)
"""
TOUCHES = """
    SELECT t.id, p.email_normalized, c.code, t.mailing_id, t.date, t.state, t.counts,
           t.res_id
      FROM contact_touch t
      JOIN contact_profile p ON p.id = t.profile_id
      JOIN contact_channel c ON c.id = t.channel_id
"""
HOLDS = """
    SELECT h.mailing_id, h.res_id, h.state, h.next_allowed,
           y.name ->> 'en_US', r.rule_type, h.date
      FROM contact_hold h
      LEFT JOIN contact_policy y ON y.id = h.policy_id
      LEFT JOIN contact_policy_rule r ON r.id = h.rule_id
"""
CLOSED = "SELECT email_normalized FROM res_partner WHERE NOT active"


@dataclass
class Facts:
    """Rows, grouped as the table and the checks want them."""

    traces: dict = field(default_factory=lambda: defaultdict(dict))
    touches: list = field(default_factory=list)
    holds: dict = field(default_factory=lambda: defaultdict(dict))
    double_traces: list = field(default_factory=list)
    closed: set = field(default_factory=set)  # addresses of closed accounts


@dataclass(frozen=True)
class Touch:
    """A line of the ledger."""

    id: int
    address: str
    channel: str
    mailing_id: int | None
    date: object
    state: str
    counts: bool
    res_id: int | None


@dataclass(frozen=True)
class Hold:
    """A person held back from a mailing."""

    state: str
    next_allowed: object
    policy: str
    rule_type: str
    date: object

    @property
    def why(self):
        """The rule, in short."""
        kind = {"cap": "maximum", "gap": "time between"}.get(self.rule_type, "?")
        return f"{self.policy}: {kind}"


def read(env, database, mailing_ids):
    """Read the database.

    :param list mailing_ids: the week's mailings
    """
    facts = Facts()
    with (
        contextlib.closing(env.pg.connect(database)) as link,
        link.cursor() as cursor,
    ):
        cursor.execute(TRACES, (mailing_ids,))
        for mailing_id, res_id, email, status in cursor.fetchall():
            if res_id in facts.traces[mailing_id]:
                facts.double_traces.append((mailing_id, email))
            facts.traces[mailing_id][res_id] = (email, status)
        cursor.execute(TOUCHES)
        facts.touches = [Touch(*row) for row in cursor.fetchall()]
        cursor.execute(HOLDS)
        for mailing_id, res_id, *rest in cursor.fetchall():
            facts.holds[mailing_id][res_id] = Hold(*rest)
        cursor.execute(CLOSED)
        facts.closed = {email for (email,) in cursor.fetchall()}
    return facts


def outcome(facts, mailing_id):
    """How many recipients ended how; nobody may appear in two of them."""
    counts, ends = Counter(), defaultdict(list)
    traces, holds = facts.traces[mailing_id], facts.holds[mailing_id]
    for res_id, (_email, status) in traces.items():
        if status in SENT:
            hold = holds.get(res_id)
            end = "sent later" if hold and hold.state == "sent" else "sent at once"
        else:
            end = {"error": "failed", "cancel": "cancelled"}.get(status, "in the queue")
        ends[res_id].append(end)
    for res_id, hold in holds.items():
        if hold.state != "sent":
            ends[res_id].append({"deferred": "waiting"}.get(hold.state, hold.state))
    for kinds in ends.values():
        counts[kinds[0] if len(kinds) == 1 else "contradictory"] += 1
    return counts
