from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.mass_mailing_contact_strategy.models.domain_paths import (
    passes_through,
)
from odoo.addons.mass_mailing_contact_strategy.models.written_domain import MISREAD


class ContactSignal(models.Model):
    """Signals that are looked for among the people of some segments only."""

    _inherit = "contact.signal"

    segment_ids = fields.Many2many(
        "contact.segment",
        relation="contact_signal_segment_rel",
        context={"active_test": False},
        string="Only People In",
        help="People in at least one of these segments. Empty: everybody.",
    )

    def write(self, vals):
        """Other people are meant: all are looked at anew."""
        if "segment_ids" not in vals:
            return super().write(vals)
        res = super().write({"evaluated_date": False, "error": False, **vals})
        self._look_soon()
        return res

    def _get_people_scope(self):
        """Only the people of the segments; see insight."""
        if not self.segment_ids:
            return super()._get_people_scope()
        # Elevated, as signals are: they are looked for among everybody.
        Profile = self.env["contact.profile"].sudo().with_context(active_test=False)
        return Profile._search(self.segment_ids._get_people_domain()).select()

    def _needs_everybody(self):
        """People enter and leave segments without any record of theirs."""
        return bool(self.segment_ids) or super()._needs_everybody()

    @api.constrains("segment_ids", "effect", "tag_id", "persona_id", "stage_id")
    def _check_segment_cycle(self):
        for signal in self:
            signal.segment_ids._check_not_concluding(signal)


class ContactSegment(models.Model):
    """A segment must not ask for what is concluded of its own people only.

    Who is in would then depend on who was in: people would stay for ever, or come and
    go with every look.
    """

    _inherit = "contact.segment"

    def _check_not_concluding(self, signal):
        """:raise ValidationError: one of these segments asks for what follows from
        the signal, which is about people of the segment only"""
        seen = self.browse()
        todo = [(segment, segment.name) for segment in self]
        while todo:
            segment, path = todo.pop()
            if segment in seen:
                continue
            seen |= segment
            if segment._asks_for_effect(signal):
                raise ValidationError(
                    self.env._(
                        "The signal “%(signal)s” cannot be limited to a segment that "
                        "asks for what follows from it: %(path)s.",
                        signal=signal.name,
                        path=f"{signal.name} > {path} > {signal.name}",
                    )
                )
            for other, name in segment._get_asked(signal):
                todo.append((other, f"{path} > {name}"))

    def _get_asked(self, signal):
        """(segment, name) of those that this one depends on: named in a line, earlier
        in the waterfall, or those of signals whose effect it asks for."""
        self.ensure_one()
        for other in self.condition_ids.other_segment_ids:
            yield other, other.name
        for other in self.waterfall_id.segment_ids - self:
            yield other, other.name
        scoped = self.env["contact.signal"].with_context(active_test=False)
        for other in scoped.search([("segment_ids", "!=", False)]) - signal:
            if self._asks_for_effect(other):
                for segment in other.segment_ids:
                    yield segment, f"{other.name} > {segment.name}"

    def _asks_for_effect(self, signal):
        """Does a line ask for what follows from the signal?"""
        self.ensure_one()
        lines = self.condition_ids
        known, names = {
            "tag": (signal.tag_id in lines.tag_ids, ("tag",)),
            "persona": (signal.persona_id in lines.persona_ids, ("persona",)),
            "stage": (signal.stage_id in lines.stage_ids, ("stage",)),
            "engagement": (False, ("engagement",)),
        }[signal.effect]
        return known or any(
            line._passes_through_any((*names, "signal", "hit_ids"))
            for line in lines
            if line.kind == "domain"
        )


class ContactSegmentCondition(models.Model):
    """The same, from the side of the segment."""

    _inherit = "contact.segment.condition"

    @api.constrains(
        "kind", "domain", "tag_ids", "persona_ids", "stage_ids", "other_segment_ids"
    )
    def _check_signal_cycle(self):
        # Elevated: signals of all units; there are few that are limited to segments.
        Signal = self.env["contact.signal"].sudo().with_context(active_test=False)
        for signal in Signal.search([("segment_ids", "!=", False)]):
            signal.segment_ids._check_not_concluding(signal)

    def _passes_through_any(self, words):
        """Does the line's domain ask for a field with one of these words in its name?

        A domain that cannot be read asks for nothing.
        """
        self.ensure_one()
        try:
            domain = self._get_domain()
        except MISREAD:
            return False
        return passes_through(
            domain,
            self.env["contact.profile"],
            lambda _model, name: any(word in name for word in words),
        )
