from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.mass_mailing_contact_strategy.core.rules import Closed
from odoo.addons.mass_mailing_contact_strategy.models.audience.segment_leaves import (
    share_of_people,
)

from .engine_questions import Asked


class ContactPolicyRule(models.Model):
    """``holdout``: some people get nothing, always the same ones, so that it can be
    seen what writing to the others brings."""

    _inherit = "contact.policy.rule"

    rule_type = fields.Selection(
        selection_add=[("holdout", "A share that gets nothing")],
        ondelete={"holdout": "cascade"},
    )
    holdout_share = fields.Float(
        string="Share", digits=(5, 2), default=5.0, help="Per cent of the people."
    )
    holdout_key = fields.Char(
        string="Draw",
        default="holdout",
        help="Rules with the same draw leave out the same people. It follows from the "
        "person and this word alone, so it is the same after years.",
    )

    @api.constrains("rule_type", "holdout_share", "holdout_key")
    def _check_holdout(self):
        for rule in self.filtered(lambda rule: rule.rule_type == "holdout"):
            if not 0 < rule.holdout_share < 100:
                raise ValidationError(
                    self.env._("The share is more than 0 and less than 100 per cent.")
                )
            if not rule.holdout_key:
                raise ValidationError(self.env._("Give the draw a name."))

    def _ask_holdout(self, _message, _at):
        values = {**self._question_values(), "on_exceed": "hold"}
        who = share_of_people(self.holdout_key, 0, self.holdout_share)
        return [Asked(Closed(**values), who=who)]

    def _can_wait(self):
        return self.rule_type != "holdout" and super()._can_wait()

    @api.depends("holdout_share", "holdout_key")
    def _compute_sentence(self):
        return super()._compute_sentence()

    def _terms(self):
        return {**super()._terms(), "holdout": self.holdout_share}

    @api.model
    def _say_holdout(self, terms, _step):
        return self.env._(
            "%(share)s %% of the people, always the same ones, get no %(what)s",
            share=f"{terms['holdout']:g}",
            what=self._say_what(terms),
        )
