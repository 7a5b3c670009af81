"""What is asked of each person, and of whom."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.mass_mailing_contact_strategy.core.rules import (
    Closed,
    Counted,
    Limit,
    Question,
    Quiet,
)
from odoo.addons.mass_mailing_contact_strategy.core.verdicts import Message
from odoo.addons.mass_mailing_contact_strategy.models.sql_arrays import int_array

CLOCK = SQL.identifier("decided_at")
DECIDED_AT = SQL("(SELECT now FROM %s)", CLOCK)
"""The moment decided for, within the statement that decides: a plan is made before the
gate waits for its turn, and what was reserved meanwhile must be counted."""


@dataclass(frozen=True)
class Fit:
    """Whom a domain fits, as the statement that decides can ask it: those who fulfil
    ``condition``, or ``ids``; with ``step`` those of them whose column ``step`` is it.
    ``at_once``: the same as ``ids``, faster for a large part of all people.
    """

    name: str
    condition: SQL | None = None
    ids: SQL | None = None
    step: int | None = None
    at_once: SQL | None = None

    @property
    def column(self):
        """As the statement calls the answer."""
        return f"is_{self.name}" if self.step is None else f"is_{self.name}_{self.step}"


@dataclass(frozen=True)
class Scope:
    """Whom a policy is for; without ``fit`` everybody."""

    policy_id: int
    is_guard: bool
    fit: Fit | None = None


@dataclass(frozen=True, eq=False)
class Ladder:
    """Steps of which each person is on one at most.

    ``spared``: a domain on people who are on none. ``step``: gives for the alias of the
    profile the number of the person's step (NULL: on none); it may cost something, so
    it is asked once for all steps. ``steps``: the same of all who are on one, as SQL
    giving (profile id, step).
    """

    name: str
    spared: Domain
    step: Callable[[str], SQL]
    steps: SQL


@dataclass(frozen=True)
class Asked:
    """A question of a rule, as the rule states it.

    ``who``: a domain on people; None: everybody whom the policy binds.
    ``ladder``: it is asked of those who are on the step of this number.
    ``maximum``: gives for the alias of the profile the maximum of this person, where it
    is not the same for all.
    ``until``: gives for the alias of the profile when it ends, or, where the question
    has a window, what that begins with (naive UTC, NULL: it never ends).
    ``is_cap``: people would like to know how much of it is left.
    ``terms``: what it says, where no rule does, as ``contact.policy.rule._terms``.
    """

    question: Question
    who: Domain | None = None
    ladder: Ladder | None = None
    maximum: Callable[[str], SQL] | None = None
    until: Callable[[str], SQL] | None = None
    is_cap: bool = False
    terms: dict | None = None


@dataclass(frozen=True, eq=False)
class Planned:
    """A mailing that goes first, and has not gone out yet.

    ``date``: when it will (naive UTC). ``people``: ids of the profiles asked about that
    will get it, as things stand.
    """

    message: Message
    date: datetime
    people: frozenset[int]

    @property
    def name(self):
        """As the statement that decides calls it."""
        return f"planned_{self.message.mailing_id}"

    @property
    def fit(self):
        """Those people.

        :rtype: Fit
        """
        ids = SQL("SELECT unnest(%s) AS id", int_array(self.people))
        return Fit(self.name, ids=ids)

    def is_counted(self, question):
        """Does the question count it, when it has gone out?

        :param Question question: what is asked
        :rtype: bool
        """
        if not isinstance(question, Limit) or question.counted.measure != "touches":
            return False
        counted, message = question.counted, self.message
        any_kind = not counted.category_ids and not counted.campaign_ids
        return (
            not counted.channel_ids or message.channel_id in counted.channel_ids
        ) and (
            any_kind
            or message.category_id in counted.category_ids
            or message.campaign_id in counted.campaign_ids
        )


@dataclass(frozen=True, eq=False)
class Item:
    """A question in a plan: ``number`` is its place, from 1 on. ``planned``: what it
    counts of the mailings that go first."""

    number: int
    asked: Asked
    fit: Fit | None = None
    planned: tuple[Planned, ...] = ()

    @property
    def question(self):
        """What is asked.

        :rtype: Question
        """
        return self.asked.question

    @property
    def counted(self) -> Counted | None:
        """What of the ledger is counted; None: nothing."""
        question = self.question
        return question.counted if isinstance(question, Limit) else None

    def ahead(self, profile_id, upper):
        """What goes first to somebody within the window, the last of it first.

        :param int profile_id: the person
        :param datetime upper: the end of the window (naive UTC)
        :return: list of (date, mailing id)
        """
        return sorted(
            (
                (planned.date, planned.message.mailing_id)
                for planned in self.planned
                if profile_id in planned.people and planned.date < upper
            ),
            reverse=True,
        )

    @property
    def kept(self):
        """What is kept for other business units: see ``Limit``."""
        return self.question.kept if isinstance(self.question, Limit) else ()

    @property
    def is_cap(self):
        """Is it about a number of touches that one may want to know the rest of?"""
        return self.asked.is_cap

    @property
    def is_quiet(self):
        """Does the answer hang on the person's clock alone?"""
        return isinstance(self.question, Quiet)

    @property
    def is_closed(self):
        """Is whoever it is about refused as such?"""
        return isinstance(self.question, Closed)
