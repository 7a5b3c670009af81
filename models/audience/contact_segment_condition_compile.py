from odoo import models
from odoo.fields import Domain

from odoo.addons.mass_mailing_contact_strategy.models.unit_clock import unit_clock

from . import segment_leaves, segment_leaves_behaviour, segment_leaves_facts
from .segment_problem import SegmentProblem

LEAVES = {
    "domain": segment_leaves_facts.fields_of_person,
    "persona": segment_leaves.persona,
    "stage": segment_leaves.stage,
    "tag": segment_leaves_facts.tag,
    "behaviour": segment_leaves_behaviour.behaviour,
    "response": segment_leaves_facts.response,
    "list": segment_leaves.mailing_list,
    "segment": segment_leaves.segment,
    "share": segment_leaves.share,
}
"""Functions (line, moment, is_outside) -> domain."""


class ContactSegmentCondition(models.Model):
    """What one line asks, as a domain on the profile."""

    _inherit = "contact.segment.condition"

    def _compile_leaf(self, at, is_outside=False) -> Domain:
        """Whom the line chooses, or all others. "Not" of the line itself counts.

        Override to add a kind of line.

        :param datetime at: naive UTC
        :param bool is_outside: the people whom it does not choose
        :raise SegmentProblem: it cannot be asked
        """
        self.ensure_one()
        if self.kind not in LEAVES:
            raise self._problem(self.env._("nobody knows what “%s” means", self.kind))
        return LEAVES[self.kind](self, at, is_outside != self.is_negated)

    def _clock(self, now):
        """The clock of the segment's business unit."""
        return unit_clock(self.env, self.segment_id.company_id, now)

    def _profiles(self):
        """The model of people, as a line asks about them: whoever asks."""
        # Elevated: the writer was allowed to ask, and people are hidden where they
        # are searched.
        segment = self.segment_id.sudo()
        main = self.env["res.company"].sudo()._get_main_company()
        unit = segment.company_id or main
        lang = segment.user_id.lang or unit.partner_id.lang or None
        return (
            self.env["contact.profile"]
            .sudo()
            .with_company(unit)
            .with_context(tz=self._clock(None).zone.tz.key, lang=lang, active_test=True)
        )

    def _problem(self, reason):
        """What is wrong with this line.

        :param str reason: part of a sentence
        :rtype: SegmentProblem
        """
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        return SegmentProblem(
            self.env._(
                "Line %(number)s, %(kind)s: %(reason)s.",
                number=self._number(),
                kind=kinds.get(self.kind, self.kind),
                reason=str(reason).rstrip("."),
            )
        )

    def _number(self):
        """Which line it is, as one counts them."""
        lines = list(self.segment_id._lines())
        return lines.index(self) + 1 if self in lines else 1

    def _say_missing(self, name):
        """What was chosen is gone, or nothing was chosen."""
        label = self._fields[name]._description_string(self.env)
        return self.env._("say which: “%s” is empty", label)
