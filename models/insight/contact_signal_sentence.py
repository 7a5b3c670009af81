from odoo import api, fields, models

from .contact_behaviour import BEHAVIOUR

OF_SENTENCE = (
    *BEHAVIOUR,
    *("effect", "tag_id", "tag_kind", "life_days", "persona_id", "stage_id", "points"),
)


class ContactSignal(models.Model):
    """Signals in words."""

    _inherit = "contact.signal"

    sentence = fields.Char(compute="_compute_sentence", string="In Words")

    @api.depends(*OF_SENTENCE)
    @api.depends_context("lang")
    def _compute_sentence(self):
        """As one would say it to a colleague."""
        for signal in self:
            signal.sentence = self.env._(
                "When %(what)s, then %(then)s.",
                what=signal._say_what(),
                then=signal._say_effect(),
            )

    def _say_effect(self):
        if self.effect == "tag":
            tag = self.tag_id.display_name or "…"
            if self.life_days:
                return self.env._(
                    "the tag “%(tag)s” for %(days)s days",
                    tag=tag,
                    days=self.life_days,
                )
            return self.env._("the tag “%s”", tag)
        points = f"{self.points or 0:g}"
        if self.effect == "persona":
            return self.env._(
                "%(points)s points for the persona “%(persona)s”",
                points=points,
                persona=self.persona_id.name or "…",
            )
        if self.effect == "stage":
            return self.env._("the stage “%s”", self.stage_id.name or "…")
        return self.env._("%s points of engagement for each", points)
