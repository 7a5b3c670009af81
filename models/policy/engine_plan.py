"""What the engine asks, and what it answers, for many people at once."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from odoo.addons.mass_mailing_contact_strategy.core.verdicts import Refusal


class Plan:
    """The rules that bind one message, ready to be asked of many people."""

    def __init__(self, zones, policies, specs, scopes, programs):
        self.zones = zones
        self.policies = policies
        self.specs = specs
        self.scopes = scopes
        self.programs = programs

    @property
    def counts_inboxes(self):
        """Does a rule count what an address got, whoever it belongs to?"""
        return any(spec.count_per == "inbox" for spec in self.specs)

    def bounds(self, now, clocks):
        """Each rule's window at ``now``.

        :param datetime now: naive UTC
        :param set clocks: (tz, lang) of the people
        :return: {rule id: {None or (tz, lang): (lower, upper)}}
        """
        return {
            spec.rule_id: {None: spec.window.bounds(now)}
            if spec.window.kind == "rolling"
            else {
                clock: spec.window.bounds(now, self.zones.find(*clock)[0])
                for clock in clocks
            }
            for spec in self.specs
        }


class Refusals:
    """Makes the refusals of people who share a clock.

    The touches of a mailing have one date, so many people are free together.
    """

    def __init__(self, plan, zone, now):
        self._specs = {spec.rule_id: spec for spec in plan.specs}
        self._order = {rule_id: number for number, rule_id in enumerate(self._specs)}
        self._zone = zone
        self._now = now
        self._free = {}

    def of(self, used):
        """The refusals of one person, in the order of the rules.

        :param list used: (rule id, touch ids, date of the oldest)
        :rtype: tuple
        """
        used = sorted(used, key=lambda row: self._order[row[0]])
        return tuple(self._refusal(*row) for row in used)

    def _refusal(self, rule_id, touch_ids, oldest):
        spec = self._specs[rule_id]
        key = rule_id, oldest
        if key not in self._free:
            self._free[key] = oldest and spec.window.free_after(
                oldest, self._zone, since=self._now
            )
        touch_ids = tuple(touch_ids or ())
        return Refusal(
            rule_id, spec.policy_id, spec.on_exceed, self._free[key], touch_ids
        )


class Group(NamedTuple):
    """People with the same answer."""

    policy_id: int | None
    rule_ids: list
    clock: tuple  # (tz, lang)
    people: list  # (record id, profile id, address)


@dataclass
class Decision:
    """What was decided about many people.

    ``groups``: the refused (and the others, if asked for). ``lost``: records neither
    refused nor booked, as somebody else booked them, or the person is gone.
    ``bounds``: each rule's window, see ``Plan.bounds``.
    """

    now: datetime
    bounds: dict
    groups: list = field(default_factory=list)
    lost: set = field(default_factory=set)

    def refused(self):
        """{record id: ids of the rules that said no}"""
        return {
            res_id: group.rule_ids
            for group in self.groups
            if group.rule_ids
            for res_id, _profile_id, _address in group.people
        }
