"""What would become of each recipient of a mailing now, without booking or writing."""

import math
from collections import defaultdict
from random import Random

from odoo import fields

from .preflight_rules import Refused, Rules, put_together

SAMPLE = 10_000
"""For so many recipients each moment is asked about everybody; else a sample is."""
SURE = 1.96
"""Standard errors within which 95 of 100 samples lie."""


class Share:
    """Recipients with the same answer."""

    def __init__(self):
        self.res_ids = []
        self.next_allowed = False


class Preflight:
    """The gate's answers for all recipients of a mailing, by recipient.

    Of very many the rules may have been asked before, in parts: then what they told is
    put together, and only those are asked about who have come since.

    :param mailing: mailing.mailing
    :param datetime now: the moment to ask about (naive UTC); this one if None
    :param bool in_parts: rules are not asked about everybody at once
    """

    def __init__(self, mailing, now=None, in_parts=False):
        self.mailing, self.env = mailing, mailing.env
        self.now = now or fields.Datetime.now()
        self.in_parts = in_parts
        self.env.flush_all()
        self.res_ids = mailing._get_remaining_recipients()
        self.crowd = mailing._contact_crowd(self.res_ids, create=False)
        everybody = None if in_parts else self.crowd.people()
        self.rules = Rules(mailing, self.crowd, self.now, everybody)
        self.shares = defaultdict(Share)  # by (later or not, rule id, label)
        self.alone = defaultdict(list)  # recipients whom one rule alone refuses
        self.freed = defaultdict(list)  # those who get it if that one were looser
        self.out = set()
        self._mailboxes = self._find_mailboxes()
        excluded = self.crowd.excluded_by_odoo(self.crowd.res_ids)
        for name, label in self.mailing._excluded_labels():
            self._leave_out(label, excluded[name] - self.out)
        turn, later = self.crowd.take_turns(self.rules.plan, self.out)
        self.asked = turn + later
        self.repeated = []

    def answer(self, prices=False, told=(), told_of=()):
        """Ask the rules, and draw the conclusions.

        :param bool prices: also what a looser rule would bring
        :param told: what the rules told of some, from ``Rules.ask``
        :param told_of: those recipients
        :rtype: Preflight
        """
        told_of = set(told_of)
        left = [res_id for res_id in self.asked if res_id not in told_of]
        rules = self.rules
        if self.in_parts and left:
            people = self.crowd.people(left)
            rules = Rules(self.mailing, self.crowd, self.now, people)
        told = put_together([*told, *rules.ask(left, prices)], set(self.asked))
        for answer, group in told.items():
            self._note(answer, group)
        self._follow(told)
        label = self.env._("Second record of the same person")
        self._leave_out(label, set(self.crowd.duplicates))
        self.repeated = self._find_repeated(self.out)
        label = self.env._("Second record with the same address")
        if self.repeated:
            self.shares["not", False, label].res_ids += self.repeated
        return self

    def _find_mailboxes(self):
        """See ``_preflight_mailboxes``; in the order in which they are written to."""
        mailboxes = self.mailing._preflight_mailboxes(self.crowd)
        return {r: mailboxes[r] for r in self.res_ids if r in mailboxes}

    def _leave_out(self, label, res_ids):
        if res_ids:
            self.shares["not", False, label].res_ids += sorted(res_ids)
            self.out |= res_ids

    def _note(self, answer, group):
        share = self._share(answer)
        share.res_ids += group["res_ids"]
        self.out.update(group["res_ids"])
        if moment := fields.Datetime.to_datetime(group["next_allowed"] or None):
            share.next_allowed = min(share.next_allowed or moment, moment)
        if answer.is_alone:
            self.alone[answer.rule_id] += group["res_ids"]
            self.freed[answer.rule_id] += group["freed"]

    def _follow(self, told):
        """A second record of somebody refused shares the first one's answer."""
        refused = [
            Refused(profile_id, answer)
            for answer, group in told.items()
            for profile_id in group["profile_ids"]
        ]
        for res_id, first in sorted(self.crowd.follow(refused).items()):
            self._share(first.answer).res_ids.append(res_id)
            self.out.add(res_id)

    def _share(self, answer):
        label = self._say(answer.rule_id)
        return self.shares[answer.kind, answer.rule_id, label]

    def _say(self, rule_id):
        if not rule_id:
            return self.env._("The person's own wish")
        # Elevated: the sentence of a rule is said to whoever is bound by it.
        rule = self.env["contact.policy.rule"].sudo().browse(rule_id)
        return f"{rule.policy_id.name}: {rule.sentence}"

    def _find_repeated(self, out):
        """Those who have an address that somebody before them gets the message at:
        Odoo writes to it once.

        :param set out: recipients who do not get it anyway
        """
        return find_repeated(self._mailboxes, out)

    # ------------------------------------------------------------
    # Answers
    # ------------------------------------------------------------

    def count(self, kind):
        """How many get it ``now``, ``later`` or ``not``.

        :rtype: int
        """
        if kind == "now":
            return len(self.res_ids) - len(self.out) - len(self.repeated)
        return sum(
            len(s.res_ids) for (k, _r, _l), s in self.shares.items() if k == kind
        )

    def recipients(self, kind):
        """Who gets it ``now``, ``later`` or ``not``.

        :return: list of recipients
        """
        if kind == "now":
            out = self.out.union(self.repeated)
            return [res_id for res_id in self.res_ids if res_id not in out]
        return [
            res_id
            for (share_kind, _rule_id, _label), share in self.shares.items()
            if share_kind == kind
            for res_id in share.res_ids
        ]

    def cost(self, rule_id):
        """How many more would get it now if this rule alone did not exist."""
        return self._gain(self.alone[rule_id])

    def looser(self, rule_id):
        """How many more would get it now if this rule were one step looser."""
        return self._gain(self.freed[rule_id])

    def _gain(self, res_ids):
        """How many more get it if nothing is in the way of these."""
        repeated = self._find_repeated(self.out.difference(res_ids))
        return len(res_ids) + len(self.repeated) - len(repeated)

    def sample(self):
        """Those about whom other moments are asked, and for how many they stand.

        In a sample each address occurs once: how often they repeat among a few says
        nothing about all.

        :return: (list of recipients, int)
        """
        if len(self.asked) <= SAMPLE:
            return self.asked, len(self.asked)
        again = set(self._find_repeated(set(self.res_ids).difference(self.asked)))
        once = [res_id for res_id in self.asked if res_id not in again]
        drawn = Random(self.mailing.id).sample(once, min(SAMPLE, len(once)))
        return sorted(drawn), len(once)


def find_repeated(mailboxes, out):
    """Recipients whose address an earlier one has who is not ``out``.

    >>> find_repeated({1: "a", 2: "a", 3: "b", 4: "a"}, set())
    [2, 4]
    >>> find_repeated({1: "a", 2: "a", 3: "b", 4: "a"}, {1})
    [4]
    """
    seen, repeated = set(), []
    for res_id, address in mailboxes.items():
        if res_id in out:
            continue
        if address in seen:
            repeated.append(res_id)
        seen.add(address)
    return repeated


def estimate(found, asked, total):
    """From a sample to all, with the error that 95 of 100 samples keep.

    A sample in which nobody is reached does not prove that nobody is: so two are added
    who are, and two who are not.

    >>> estimate(7, 10, 10)
    (7, 0)
    >>> estimate(5000, 10000, 1000000)
    (500000, 9749)
    >>> estimate(0, 100, 1000)
    (0, 26)
    """
    if not asked or asked >= total:
        return found, 0
    share = (found + 2) / (asked + 4)
    fewer = (total - asked) / (total - 1)
    error = SURE * math.sqrt(share * (1 - share) / (asked + 4) * fewer)
    return round(found * total / asked), math.ceil(error * total)
