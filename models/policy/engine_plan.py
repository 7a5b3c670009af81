"""What the engine asks, and what it answers, for many people at once."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from odoo.tools import SQL

from odoo.addons.mass_mailing_contact_strategy.core.rules import Counted
from odoo.addons.mass_mailing_contact_strategy.core.verdicts import Refusal

from .engine_ledger import LEDGER


class Plan:
    """The rules that bind one message, ready to be asked of many people.

    :param zones: ZoneBook
    :param policies: contact.policy that could bind somebody
    :param list items: Item, in the order of the rules
    :param list scopes: Scope of each policy, in order
    :param programs: contact.policy.rule that users programmed
    :param override: see ``contact.override._sql_binding``
    :param list planned: Planned that go first
    """

    def __init__(
        self, zones, policies, items, scopes, programs, override=None, planned=()
    ):
        self.zones = zones
        self.policies = policies
        self.items = items
        self.scopes = scopes
        self.programs = programs
        self.override = override
        self.planned = planned

    @property
    def fits(self):
        """All that must be known of people, by name: Fit of policies, of questions, and
        of who is on no step of a ladder.

        :rtype: dict
        """
        fits = [scope.fit for scope in self.scopes] + [item.fit for item in self.items]
        fits += [fit.unless for fit in fits if fit]
        return {fit.name: fit for fit in fits if fit}

    @property
    def ladders(self):
        """The ladders that are asked, by name.

        :rtype: dict
        """
        ladders = [item.asked.ladder for item in self.items]
        return {ladder.name: ladder for ladder in ladders if ladder}

    @cached_property
    def shares(self):
        """By what touches of several people are counted together: ``inbox`` and so on.

        :rtype: set
        """
        return {item.counted.count_per for item in self.items if item.counted} - {
            "person"
        }

    @property
    def needs_clocks(self):
        """Does an answer hang on people's time zone or language?"""
        return any(
            item.is_quiet or (item.counted and item.counted.window.kind == "calendar")
            for item in self.items
        )

    def times(self, now, clocks):
        """What the rules mean at ``now``, for each clock.

        :param datetime now: naive UTC
        :param set clocks: (tz, lang) of the people
        :rtype: Times
        """
        counted = {item.counted for item in self.items if item.counted}
        counted |= {part for item in self.items for part, _touches in item.kept}
        # Whether somebody is among the people written to is asked of each person.
        counted |= {
            part._replace(count_per="person", measure="touches")
            for part in counted
            if part.measure == "people"
        }
        bounds = {
            part: {None: part.window.bounds(now)}
            if part.window.kind == "rolling"
            else {
                clock: part.window.bounds(now, self.zones.find(*clock)[0])
                for clock in clocks
            }
            for part in sorted(counted, key=str)
        }
        quiet = {
            item.number: {
                clock: item.question.hours.until(now, self.zones.find(*clock)[0])
                for clock in clocks
            }
            for item in self.items
            if item.is_quiet
        }
        return Times(now, bounds, quiet)


@dataclass(frozen=True)
class Times:
    """The windows of a plan at one moment.

    ``bounds``: {Counted: {None or (tz, lang): (lower, upper)}}.
    ``quiet``: {number of a question: {(tz, lang): when it is over; ``now`` if it is not
    quiet, None if it lasts}}.
    """

    now: datetime
    bounds: dict
    quiet: dict

    def window(self, counted: Counted, clock):
        """(lower, upper) for people with this clock."""
        by_clock = self.bounds[counted]
        return by_clock.get(None) or by_clock[clock]


class Group(NamedTuple):
    """People with the same answer."""

    policy_id: int | None
    numbers: list  # of the questions that say no
    hushed: list  # numbers of the questions about quiet hours that bind them
    clock: tuple  # (tz, lang)
    people: list  # (record id, profile id, address)


@dataclass
class Decision:
    """What was decided about many people.

    ``groups``: the refused (and the others, if asked for). ``lost``: records neither
    refused nor booked, as somebody else booked them, or the person is gone. ``ledger``:
    what was counted in, and ``planned``: what was counted besides.
    """

    times: Times
    items: dict
    groups: list = field(default_factory=list)
    lost: set = field(default_factory=set)
    ledger: SQL = LEDGER
    planned: list = field(default_factory=list)

    def refused(self):
        """Who was refused, and by which rules.

        :return: {record id: ids of the rules that said no, 0 for the person's own word:
            one list for all people with the same answer}
        """
        refused = {}
        for group in self.groups:
            if group.numbers:
                said = {self.items[n].question.rule_id or 0 for n in group.numbers}
                people = (res_id for res_id, _profile_id, _address in group.people)
                refused.update(dict.fromkeys(people, sorted(said)))
        return refused


class Refusals:
    """Makes the refusals of people who share a clock.

    The touches of a mailing have one date, so many people are free together.
    """

    def __init__(self, plan, times, clock):
        self._items = {item.number: item for item in plan.items}
        self._zone = plan.zones.find(*clock)[0]
        self._times = times
        self._clock = clock
        self._known = {}

    def of(self, used):
        """The refusals of one person, in the order of the rules.

        :param list used: (number, touch ids, moment, mailings that go first): the date
            of the oldest of these, or, where nothing is counted, when it ends
        :rtype: tuple
        """
        used = sorted(used, key=lambda row: row[0])
        return tuple(self._refusal(*row) for row in used)

    def opens(self, refusals, hushed):
        """When somebody is let through again, if it is quiet at the moment that the
        refusals alone would say.

        :param tuple refusals: of one person
        :param list hushed: see ``Group``
        :return: naive UTC, or None: what the refusals say holds
        """
        moments = [refusal.next_allowed for refusal in refusals]
        if not hushed or not moments or not all(moments):
            return None
        key = max(moments), tuple(hushed)
        if key not in self._known:
            self._known[key] = self._open(*key)
        return self._known[key]

    def _open(self, moment, hushed):
        hours = [self._items[number].question.hours for number in hushed]
        while True:
            ends = [each.until(moment, self._zone) or moment for each in hours]
            if max(ends) == moment:
                return moment
            moment = max(ends)

    def _refusal(self, number, touch_ids, moment, planned):
        item = self._items[number]
        key = number, moment
        if key not in self._known:
            self._known[key] = self._free(item, moment)
        question = item.question
        return Refusal(
            question.rule_id,
            question.policy_id,
            question.on_exceed,
            self._known[key],
            tuple(touch_ids or ()),
            step=question.step,
            terms=item.asked.terms,
            planned=tuple(planned),
        )

    def _free(self, item, moment):
        if item.is_quiet:
            return self._times.quiet[item.number][self._clock]
        window = item.counted.window if item.counted else item.question.window
        if not window or not moment:
            return moment
        return window.free_after(moment, self._zone, since=self._times.now)
