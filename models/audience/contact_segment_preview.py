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
UNSEEN = {"create_uid", "create_date", "write_uid", "write_date", "segment_id", "id"}


class ContactSegment(models.Model):
    """Who would be in it? Told while its lines are written, with the saved and the
    unsaved ones alike, in one reading of the people."""

    _inherit = "contact.segment"

    preview = fields.Json(compute="_compute_preview")

    def _preview_fields(self):
        """What the preview depends on: all that a line can say, whoever added it."""
        Condition = self.env["contact.segment.condition"]
        return (
            *("condition_ids", "company_id", "max_members", "rank_by", "rank_path"),
            *("rank_condition_id", "rank_order", "minimum_size", "waterfall_id"),
            *("waterfall_sequence", "kind"),
            *(
                f"condition_ids.{name}"
                for name, field in Condition._fields.items()
                if field.store and name not in UNSEEN
            ),
        )

    @api.depends(lambda self: self._preview_fields())
    @api.depends_context("uid", "allowed_company_ids", "lang")
    def _compute_preview(self):
        """Numbers and examples of the people whom the reader may see:

        ``total`` of all people; ``lines``: {line: ``own`` (how many it is true of),
        ``left`` (how many the outline leaves up to here), or a ``problem``}; ``fit``
        of the conditions alone and ``count`` after waterfall and limit; ``reachable``
        by e-mail and ``may`` (share of these who may get one this week); ``examples``:
        list of ``id``, ``name``, ``reasons``. Or ``trouble``: why there is none.
        """
        for segment in self:
            segment.preview = segment._say_preview(fields.Datetime.now())

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
        after = [formula(tree, asked, known) for _line, known in steps]
        total, fit, count, reachable, examples, sample, *counts = crowd.answer(
            SQL("count(*)"),
            *map(number, (fits, chosen, reached)),
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
