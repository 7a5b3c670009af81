"""What the rules say of some recipients of a mailing, as plain data.

So it can be asked in parts, kept, and put together. Of people who share an inbox, a
home or a company, those in the same part are asked about one after the other, as the
gate does it: whoever gets the message counts for the next.
"""

from typing import NamedTuple

from odoo import fields

from odoo.addons.mass_mailing_contact_strategy.models.policy.engine_ledger import (
    LEDGER,
    and_then,
)


class Answer(NamedTuple):
    """What all refused recipients of a group have in common.

    ``is_alone``: no other rule refuses them.
    """

    kind: str
    rule_id: int
    is_alone: bool


class Refused(NamedTuple):
    """Somebody who was refused."""

    profile_id: int
    answer: Answer


class Rules:
    """The gate's question to the rules.

    :param mailing: mailing.mailing
    :param Crowd crowd: recipients of it
    :param datetime now: the moment to ask about (naive UTC)
    :param People people: whom is asked about; None: nobody yet
    """

    def __init__(self, mailing, crowd, now, people=None):
        self.mailing, self.crowd, self.now = mailing, crowd, now
        self.env = mailing.env
        self.engine = self.env["contact.policy.engine"]
        self.plan = self.engine._plan(mailing._contact_message(), people=people)
        self.limit = mailing._useful_limit(now)

    def ask(self, res_ids, prices=False):
        """Who is refused, and by what.

        :param list res_ids: recipients
        :param bool prices: also who would get it if the rule that alone refuses them
            were one step looser
        :return: list of dict: the fields of ``Answer``, ``next_allowed`` (the earliest,
            as text, or False), ``res_ids``, ``profile_ids`` (where a person can have
            several records) and ``freed``
        """
        groups = {}
        for res_id, verdict in self._find_refused(res_ids).items():
            group = groups.setdefault(self._answer(verdict), {"ids": [], "moments": []})
            group["ids"].append((res_id, verdict.profile_id))
            if verdict.next_allowed:
                group["moments"].append(verdict.next_allowed)
        return [
            self._told(answer, prices=prices, **group)
            for answer, group in groups.items()
        ]

    def _told(self, answer, ids, moments, prices):
        res_ids = [res_id for res_id, _profile_id in ids]
        people = not self.crowd._is_one_to_one()
        return {
            **answer._asdict(),
            "next_allowed": fields.Datetime.to_string(min(moments, default=False)),
            "res_ids": res_ids,
            "profile_ids": [profile for _id, profile in ids] if people else [],
            "freed": self._find_freed(answer, res_ids) if prices else [],
        }

    def _answer(self, verdict):
        moment = verdict.next_allowed
        waits = verdict.decision == "defer" and moment <= self.limit
        rules = {refusal.rule_id for refusal in verdict.refusals}
        first = verdict.refusals[0].rule_id or False
        return Answer("later" if waits else "not", first, len(rules) == 1)

    def _find_refused(self, res_ids):
        refused, reached = {}, []
        turn, later = self.crowd.next_turn(res_ids)
        while turn:
            refused |= self._ask_turn(turn, reached, bool(later))
            # Odoo writes to an address once, whatever rules say.
            taken = {address for _profile_id, address in reached}
            later = self.crowd.without_inbox(later, taken)
            if later:
                refused |= self._ask_turn(later, list(reached), False)
                later = [res_id for res_id in later if res_id not in refused]
            turn, later = self.crowd.next_turn(later)
        return refused

    def _ask_turn(self, res_ids, reached, are_followed):
        """Of people who share nothing: who is refused?

        :param list reached: (profile id, address) of who gets it before them; those of
            them who get it are added if somebody comes after them
        """
        decided = self.engine._decide(
            self.plan,
            self.crowd.people(res_ids),
            self.now,
            everybody=are_followed or bool(self.plan.programs),
            ledger=self._ledger_after(reached),
        )
        verdicts = self.engine._explain(self.plan, decided)
        verdicts = self.engine._ask_programs(self.plan, verdicts, self.mailing)
        refused = {r: verdict for r, verdict in verdicts.items() if verdict.refusals}
        if are_followed:
            reached += [
                (profile_id, address)
                for group in decided.groups
                for res_id, profile_id, address in group.people
                if res_id not in refused
            ]
        return refused

    def _ledger_after(self, reached):
        category = self.mailing.category_id
        if not reached or (category and not category.counts):
            return LEDGER
        return and_then(self.mailing._contact_message(), self.now, reached)

    def _find_freed(self, answer, res_ids):
        """Who would get it if the rule were one step looser.

        Whoever is refused by other rules, too, does not get it in either case: so only
        those are asked about whom it refuses alone.
        """
        if not answer.rule_id or not answer.is_alone:
            return []
        # Elevated: a rule binds a sender also where the sender may not read it.
        rule = self.env["contact.policy.rule"].sudo().browse(answer.rule_id)
        plan = rule._loosen(self.plan)
        if not plan:
            return []
        people = self.crowd.people(res_ids)
        refused = self.engine._decide(plan, people, self.now).refused()
        return [res_id for res_id in res_ids if res_id not in refused]


def put_together(told, among):
    """Answers of several parts as one.

    :param list told: from ``Rules.ask``
    :param among: set of the recipients that still count
    :return: {Answer: dict as of ``Rules.ask``}, in an order that does not depend on the
        parts

    >>> group = {"kind": "not", "rule_id": 7, "is_alone": True, "freed": [2]}
    >>> first = {**group, "res_ids": [4, 2], "profile_ids": [], "next_allowed": False}
    >>> other = {**group, "res_ids": [3], "profile_ids": [], "next_allowed": "2026"}
    >>> put_together([first, other], {2, 3})
    {Answer(kind='not', rule_id=7, is_alone=True): {'res_ids': [2, 3], \
'profile_ids': [], 'freed': [2], 'next_allowed': '2026'}}
    """
    merged = {}
    for group in told:
        answer = Answer(group["kind"], group["rule_id"], group["is_alone"])
        whole = merged.setdefault(
            answer, {"res_ids": [], "profile_ids": [], "freed": [], "next_allowed": ""}
        )
        for name in ("res_ids", "profile_ids", "freed"):
            whole[name] += group[name]
        moments = {whole["next_allowed"], group["next_allowed"]} - {"", False}
        whole["next_allowed"] = min(moments, default="")
    for whole in merged.values():
        for name in ("res_ids", "freed"):
            whole[name] = sorted(among.intersection(whole[name]))
    return dict(sorted(merged.items()))
