from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

CLASSES = ("silent", "cold", "warm", "hot")
"""From the least engaged to the most."""


class ContactPolicyRule(models.Model):
    """``adaptive``: more for those who respond, less for those who do not.

    The allowance follows the engagement class in even steps, rounded down: never below
    the floor, never above the ceiling.
    """

    _inherit = "contact.policy.rule"

    rule_type = fields.Selection(
        selection_add=[("adaptive", "As many as people respond to")],
        ondelete={"adaptive": "cascade"},
    )
    min_touches = fields.Integer(
        string="At least", default=1, help="What silent people may get at most."
    )

    @api.constrains("rule_type", "min_touches", "max_touches", "has_maximum")
    def _check_adaptive(self):
        for rule in self.filtered(lambda rule: rule.rule_type == "adaptive"):
            if not rule.has_maximum:
                raise ValidationError(
                    self.env._("Say how many those may get who respond most.")
                )
            if not 0 <= rule.min_touches <= rule.max_touches:
                raise ValidationError(
                    self.env._(
                        "Silent people cannot be allowed more than those who respond, "
                        "nor less than none."
                    )
                )

    def _has_window(self):
        return super()._has_window() or self.rule_type == "adaptive"

    def _ask_adaptive(self, _message, _at):
        return [
            self._limit(number, step=step, who=self._of_class(name))
            for step, (name, number) in enumerate(
                self._class_limits(self.min_touches, self.max_touches).items()
            )
        ]

    @api.model
    def _of_class(self, name):
        names = [name]
        if name == CLASSES[0]:
            names.append(False)  # nobody has looked yet
        return Domain("engagement_class", "in", names)

    @api.model
    def _class_limits(self, floor, ceiling):
        """{engagement class: how many}."""
        last = len(CLASSES) - 1
        return {
            name: floor + (ceiling - floor) * place // last
            for place, name in enumerate(CLASSES)
        }

    @api.depends("min_touches")
    def _compute_sentence(self):
        return super()._compute_sentence()

    def _terms(self):
        return {**super()._terms(), "min": self.min_touches}

    @api.model
    def _say_adaptive(self, terms, step):
        limits = self._class_limits(terms["min"], terms["max"] or 0)
        field = self.env["contact.profile"]._fields["engagement_class"]
        names = dict(field._description_selection(self.env))
        # What is asked of one person names the person's class only.
        chosen = [CLASSES[step]] if step is not None else CLASSES
        said = self.env._(", ").join(
            self.env._(
                "%(number)s for %(who)s", number=limits[name], who=names[name].lower()
            )
            for name in chosen
        )
        said = {
            "who": said,
            "what": self._say_first(self._say_what(terms)),
            "length": self._say_length(terms),
        }
        if terms["kind"] == "calendar":
            return self.env._(
                "%(what)s per calendar %(length)s: at most %(who)s people", **said
            )
        return self.env._("%(what)s in any %(length)s: at most %(who)s people", **said)
