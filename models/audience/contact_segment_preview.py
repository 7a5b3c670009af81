import psycopg2

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.mass_mailing_contact_strategy.core import outline

from .contact_segment_condition_check import ASKED
from .segment_crowd import Crowd, TooMany, number
from .segment_formula import GROUPS, formula, prefixes

EXAMPLES = 10
SAMPLE = 200
"""So many people are asked about their allowance: the share of all is told of them."""


class ContactSegment(models.Model):
    """Who would be in it? Told while its lines are written, with the saved and the
    unsaved ones alike, in one reading of the people."""

    _inherit = "contact.segment"

    def get_preview(self, values):
        """Numbers and examples of the people whom the caller may see. Nothing is saved.

        It reads all people, so that the form is there first, and asks then.

        :param dict values: what was not saved yet, as the form sends it to ``onchange``
        :return: dict ``total`` of all people; ``lines``: {line: ``own`` (how many it is
            true of), ``left`` (how many the outline leaves up to here), or a
            ``problem``}, by the id that the form knows the line by; ``fit`` of the
            conditions alone and ``count`` after waterfall and limit; ``saved``: how
            many it was before, where it is used and changed; ``reachable`` by e-mail
            and ``may`` (share of ``sampled`` of these who may get one this week);
            ``examples``: list of ``id``, ``name``, ``reasons``. Or ``trouble``:
            why there is none.
        :raise UserError: these are no values of a segment, or not one segment
        :raise AccessError: the caller may not read segments
        """
        self.check_access("read")
        if len(self) > 1:
            raise UserError(self.env._("Ask about one segment."))
        no_values = self.env._("These are no values of a segment.")
        if not isinstance(values, dict):
            raise UserError(no_values)
        try:
            is_draft = values or not self
            asked = self.new(values, origin=self) if is_draft else self
            return asked._say_preview(fields.Datetime.now())
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            raise UserError(no_values) from error

    def _say_preview(self, at):
        try:
            return self._preview(at)
        except TooMany:
            text = self.env._("There are too many people to count them while you wait.")
        except (UserError, ValueError) as error:
            text = str(error)
        except psycopg2.Error:
            text = self.env._("One of the lines cannot be asked.")
        return {"trouble": text}

    def _preview(self, at):
        tree, problems = self._preview_tree()
        crowd = Crowd(self.env, self._unit_domain())
        asked = {}
        for _level, node in outline.walk(tree):
            if not node.is_group:
                answer = self._ask_line(crowd, node.item, at)
                (problems if isinstance(answer, str) else asked)[node.item] = answer
        told = {}
        if not any(line.kind not in GROUPS for line in problems):
            told = self._count_preview(crowd, tree, asked, at)
        numbers = told.setdefault("lines", {})
        for line, problem in problems.items():
            numbers[_key(line)] = {"problem": problem}
        return told

    def _preview_tree(self):
        """The lines as a tree, and {line: what is wrong with it}. An empty group is no
        condition while the lines are still being written."""
        lines, problems = list(self._lines()), {}
        while True:
            tree, error = _parsed(lines)
            if not error:
                return tree, problems
            problems[error.item] = (
                self.env._("Move lines into this group.")
                if error.code == outline.EMPTY
                else self.env._("There is no group above it: move it out.")
            )
            lines.remove(error.item)

    def _ask_line(self, crowd, line, at):
        """The column of its answer, or a text: why it cannot be asked."""
        try:
            if line._is_asked_anew():
                with self.env.cr.savepoint(flush=False):
                    line._check_writer()
            return crowd.ask(line._compile_leaf(at))
        except (UserError, SyntaxError, ValueError, psycopg2.Error) as error:
            return str(error)

    def _count_preview(self, crowd, tree, asked, at):
        """All numbers in one statement."""
        steps = prefixes(tree)
        fits = formula(tree, asked, set(asked))
        chosen = fits
        if self.max_members or self.waterfall_id:
            chosen = crowd.ask(self._compile(at))
        reached = crowd.tell(self._sql_reached())
        reached = SQL("(%s) AND %s", chosen, reached)
        saved = self._ask_saved(crowd, at)
        after = [formula(tree, asked, known) for _line, known in steps]
        total, fit, count, reachable, kept, examples, sample, *counts = crowd.answer(
            SQL("count(*)"),
            *map(number, (fits, chosen, reached, saved or SQL("FALSE"))),
            _some(chosen, EXAMPLES, asked.values()),
            _some(reached, SAMPLE),
            *map(number, after),
            *map(number, asked.values()),
        )
        own = dict(zip(asked, counts[len(steps) :], strict=True))
        return {
            "total": total,
            "fit": fit,
            "count": count,
            "saved": kept if saved else None,
            "minimum": self.minimum_size,
            "reachable": reachable,
            "sampled": len(sample or []),
            "may": self._share_allowed([id_ for (id_,) in sample or []], at),
            "lines": {
                _key(line): {"left": left, "own": own.get(line)}
                for (line, _known), left in zip(steps, counts, strict=False)
            },
            "examples": self._prepare_examples(examples or [], tree, list(asked), at),
        }

    def _prepare_examples(self, rows, tree, asked, at):
        """Rows: (person, is the first line true, the second, ...)."""
        answers = {id_: dict(zip(asked, answer, strict=True)) for id_, *answer in rows}
        profiles = self.env["contact.profile"].browse(answers)
        reasons = self._say_reasons(profiles, tree, answers, at)
        return [
            {
                "id": profile.id,
                "name": profile.display_name,
                "reasons": reasons[profile.id],
            }
            for profile in profiles
        ]

    def _sql_reached(self):
        """Can an e-mail reach the person: a valid address that is not blacklisted.

        :rtype: SQL
        """
        self.env["mail.blacklist"].flush_model(["email", "active"])
        return SQL(
            "contact_profile.email_normalized IS NOT NULL AND NOT EXISTS ("
            "SELECT FROM mail_blacklist"
            " WHERE mail_blacklist.email = contact_profile.email_normalized"
            " AND mail_blacklist.active)"
        )

    def _ask_saved(self, crowd, at):
        """The column of who is in it as it was saved; empty where nobody asks.

        Override where that matters: it is one more question about all people.

        :param Crowd crowd: who is asked about
        :param datetime at: naive UTC
        :rtype: SQL
        """
        return SQL()

    @api.model
    def _share_allowed(self, profile_ids, at):
        """Of some people who can be reached: the share who may get an e-mail within a
        week; None where nobody knows.

        Override where there are rules: they are a later room's.

        :param list profile_ids: of contact.profile
        :param datetime at: naive UTC
        """
        return


class ContactSegmentCondition(models.Model):
    """Lines that are being written."""

    _inherit = "contact.segment.condition"

    def _is_asked_anew(self):
        """Does it ask anything that was not saved? Then whoever writes it must be
        allowed to."""
        if self.id:
            return False
        saved = self._origin
        return not saved or any(
            self[name]._origin != saved[name]
            if self._fields[name].relational
            else self[name] != saved[name]
            for name in ASKED
        )


def _parsed(lines):
    """(tree, None), or (None, what is wrong with them)."""
    try:
        return outline.parse(
            outline.Line(line.level, line.kind in GROUPS, line) for line in lines
        ), None
    except outline.OutlineError as error:
        return None, error


def _some(column, limit, others=()):
    """A few of those who say yes to it, always the same, as a list of rows."""
    return SQL(
        "(SELECT json_agg(json_build_array(%(rows)s)) FROM (SELECT * FROM crowd"
        " WHERE %(column)s ORDER BY md5(id::text) LIMIT %(limit)s) AS chosen)",
        rows=SQL(", ").join([SQL("id"), *others]),
        column=column,
        limit=limit,
    )


def _key(line):
    """The line as the browser knows it, saved or not."""
    return str(line._origin.id or line.id.ref or line.id)
