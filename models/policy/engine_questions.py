"""What is asked of each person, and of whom."""

from collections.abc import Callable
from dataclasses import dataclass

from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.mass_mailing_contact_strategy.core.rules import (
    Closed,
    Counted,
    Limit,
    Question,
    Quiet,
)


@dataclass(frozen=True)
class Fit:
    """Whom a domain fits, as the statement that decides can ask it: those who fulfil
    ``condition``, or ``ids``."""

    name: str
    condition: SQL | None = None
    ids: SQL | None = None


@dataclass(frozen=True)
class Scope:
    """Whom a policy is for; without ``fit`` everybody."""

    policy_id: int
    is_guard: bool
    fit: Fit | None = None


@dataclass(frozen=True)
class Asked:
    """A question of a rule, as the rule states it.

    ``who``: a domain on people; None: everybody whom the policy binds.
    ``maximum``: gives for the alias of the profile the maximum of this person, where it
    is not the same for all.
    ``until``: gives for the alias of the profile when it ends, or, where the question
    has a window, what that begins with (naive UTC, NULL: it never ends).
    ``is_cap``: people would like to know how much of it is left.
    ``terms``: what it says, where no rule does, as ``contact.policy.rule._terms``.
    """

    question: Question
    who: Domain | None = None
    maximum: Callable[[str], SQL] | None = None
    until: Callable[[str], SQL] | None = None
    is_cap: bool = False
    terms: dict | None = None


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
