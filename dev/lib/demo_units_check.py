"""Did each guest of the two units end as meant? Read by plain SQL."""

import contextlib

from . import demo_guests, demo_plan

HOLDS = """
    SELECT m.subject, p.name, h.state, r.rule_type, y.name ->> 'en_US',
           jsonb_path_exists(h.facts, '$.rules[*].planned[*]')
      FROM contact_hold h
      JOIN mailing_mailing m ON m.id = h.mailing_id
      JOIN res_partner p ON p.id = h.res_id AND h.res_model = 'res.partner'
      LEFT JOIN contact_policy_rule r ON r.id = h.rule_id
      LEFT JOIN contact_policy y ON y.id = h.policy_id
"""
SENT = """
    SELECT m.subject, p.name, c.name, t.override_id IS NOT NULL
      FROM contact_touch t
      JOIN mailing_mailing m ON m.id = t.mailing_id
      JOIN res_partner p ON p.id = t.res_id AND t.res_model = 'res.partner'
      JOIN res_company c ON c.id = t.company_id
     WHERE t.state = 'sent'
"""
COSTS = "SELECT code, cost FROM contact_channel"
BOOKED = """
    SELECT DISTINCT c.code FROM contact_touch t
      JOIN contact_channel c ON c.id = t.channel_id WHERE t.cost > 0
"""
UNITS = """
    SELECT c.name, y.name ->> 'en_US' FROM contact_policy y
      JOIN res_company c ON c.id = y.company_id WHERE y.active
"""
KEPT = """
    SELECT c.name, q.touches FROM contact_policy_rule_quota q
      JOIN res_company c ON c.id = q.company_id
"""
OVERRIDES = """
    SELECT u.login, o.reason, o.until IS NOT NULL
      FROM contact_override o JOIN res_users u ON u.id = o.user_id
"""
PLANNED = """
    SELECT subject, policy_priority FROM mailing_mailing
     WHERE state = 'in_queue' AND schedule_type = 'scheduled'
"""
QUERIES = {
    "holds": HOLDS,
    "sent": SENT,
    "costs": COSTS,
    "booked": BOOKED,
    "units": UNITS,
    "kept": KEPT,
    "overrides": OVERRIDES,
    "planned": PLANNED,
}


def read(env):
    """The rows of each query, by its name.

    :rtype: dict
    """
    with (
        contextlib.closing(env.pg.connect(demo_plan.DATABASE)) as link,
        link.cursor() as cursor,
    ):
        found = {}
        for name, query in QUERIES.items():
            cursor.execute(query)
            found[name] = cursor.fetchall()
    return found


class Checks:
    """Collects what is wrong; empty is good.

    :param dict found: rows by the names of ``QUERIES``
    """

    def __init__(self, found):
        self.found = found
        self.wrong = []
        self.lines = []

    def run(self):
        """Guests, units, prices, the override and what is planned."""
        self.guests()
        self.lodge()
        self.set_up()
        self.lines.append(
            f"{len(demo_guests.GUESTS)} guests of two units ended as their rules say"
        )
        return not self.wrong

    def _expect(self, what, expected, found):
        if expected != found:
            self.wrong.append(f"{what}: {found} instead of {expected}")

    def _rows(self, name, subject):
        return {row[1]: row[2:] for row in self.found[name] if row[0] == subject}

    def guests(self):
        """How the shops' offer ended for each."""
        holds = self._rows("holds", demo_guests.OFFER)
        sent = self._rows("sent", demo_guests.OFFER)
        for guest in demo_guests.GUESTS:
            state, why, policy, _won = holds.get(guest.name, (None,) * 4)
            expected = (guest.state, guest.why, guest.policy)
            self._expect(guest.name, expected, (state, why, policy))
            is_sent = guest.state in (None, demo_guests.OVERRIDDEN)
            self._expect(f"{guest.name}: sent", is_sent, guest.name in sent)
        used = [name for name, (_unit, overridden) in sent.items() if overridden]
        self._expect("let through", [demo_guests.OSCAR], used)
        self._expect("outranked", True, holds.get(demo_guests.NORA, (0,) * 4)[3])

    def lodge(self):
        """What is kept for the lodge is the lodge's; a complaint is everybody's."""
        sent = self._rows("sent", demo_guests.STAY)
        held = self._rows("holds", demo_guests.STAY)
        self._expect("Quinn Quota: the lodge", True, "Quinn Quota" in sent)
        self._expect("Carla Complaint: the lodge", True, "Carla Complaint" in held)
        units = {unit for unit, _overridden in sent.values()}
        self._expect("sent by", {demo_guests.LODGE}, units)

    def set_up(self):
        """Units, prices, quota, override, and the mailing that goes first."""
        found = self.found
        units = {
            (demo_guests.SHOPS, demo_guests.OF_SHOPS),
            (demo_guests.LODGE, demo_guests.OF_LODGE),
        }
        self._expect("policies of units", units, set(found["units"]))
        costs = {code: float(cost) for code, cost in found["costs"]}
        self._expect("costs", demo_guests.COSTS, costs)
        booked = {code for (code,) in found["booked"]}
        self._expect("channels with booked costs", set(demo_guests.COSTS), booked)
        self._expect("kept", [(demo_guests.LODGE, 1)], found["kept"])
        signed = [("director", demo_guests.REASON, True)]
        self._expect("overrides", signed, found["overrides"])
        self._expect("planned", [(demo_guests.PLANNED, 20)], found["planned"])
