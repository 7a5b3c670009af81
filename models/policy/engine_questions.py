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

CLOCK = SQL.identifier("decided_at")
DECIDED_AT = SQL("(SELECT now FROM %s)", CLOCK)
"""The moment decided for, within the statement that decides: a plan is made before the
gate waits for its turn, and what was reserved meanwhile must be counted."""


@dataclass(frozen=True)
class Fit:
    """Whom a domain fits, as the statement that decides can ask it: those who fulfil
    ``condition``, or ``ids``; but nobody whom ``unless`` fits."""

    name: str
    condition: SQL | None = None
    ids: SQL | None = None
    unless: "Fit | None" = None

    @property
    def column(self):
        """As the statement calls the answer."""
        return f"is_{self.name}"


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
    giving (profile id, step), faster for a large part of all people.
    """

    name: str
    spared: Domain
    step: Callable[[str], SQL]
    steps: SQL

    def join(self, at_once):
        """The step of each person, as a column ``step``.

        :param bool at_once: for a large part of all people
        :return: SQL to join to ``contact_profile``
        """
        name = SQL.identifier(self.name)
        if at_once:
            return SQL(
                "LEFT JOIN (%(steps)s) %(name)s"
                " ON %(name)s.profile_id = contact_profile.id",
                steps=self.steps,
                name=name,
            )
        step = self.step("contact_profile")
        return SQL("CROSS JOIN LATERAL (SELECT %s AS step OFFSET 0) %s", step, name)


@dataclass(frozen=True)
class Asked:
    """A question of a rule, as the rule states it.

    ``who``: a domain on people; None: everybody whom the policy binds.
    ``lookup``: gives for the alias of the profile whether the person is among them,
    where one look into an index tells; instead of ``who``.
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
    lookup: Callable[[str], SQL] | None = None
    ladder: Ladder | None = None
    maximum: Callable[[str], SQL] | None = None
    until: Callable[[str], SQL] | None = None
    is_cap: bool = False
    terms: dict | None = None


@dataclass(frozen=True, eq=False)
class Planned:
    """A mailing that goes first, and has not gone out yet.

    ``date``: when it will (naive UTC). ``people``: whom it will reach, as things stand,
    as (profile id, address): those asked about, and who belongs together with them.
    """

    message: Message
    date: datetime
    people: list[tuple[int, str]]


@dataclass(frozen=True, eq=False)
class Item:
    """A question in a plan: ``number`` is its place, from 1 on."""

    number: int
    asked: Asked
    fit: Fit | None = None

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
