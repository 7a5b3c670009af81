from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.mass_mailing_contact_strategy.core.rules import Closed
from odoo.addons.mass_mailing_contact_strategy.core.windows import Window

from .contact_policy_rule import DAYS_PER_UNIT, MAX_WINDOW_DAYS
from .engine_questions import DECIDED_AT, Asked, Ladder


class ContactPolicyRule(models.Model):
    """``sunset``: who does not answer is written to less and less, and then no more.

    A ladder: each step begins after so many touches, or so long, without an answer that
    counts as one (a setting), and the last step that somebody has reached is the one
    that binds. Whoever answers is at the foot of it again.
    """

    _inherit = "contact.policy.rule"

    rule_type = fields.Selection(
        selection_add=[("sunset", "Less and less without an answer")],
        ondelete={"sunset": "cascade"},
    )
    step_ids = fields.One2many(
        "contact.policy.rule.step", "rule_id", string="Steps", copy=True
    )
    grace_days = fields.Integer(
        string="Newcomers", help="Days for which people who just came are left alone."
    )
    spared_segment_ids = fields.Many2many(
        "contact.segment",
        relation="contact_policy_rule_spared_segment_rel",
        context={"active_test": False},
        ondelete="restrict",
        string="Left Alone",
        help="People in one of these are on no step, such as those who bought lately.",
    )

    @api.constrains("rule_type", "step_ids", "grace_days")
    def _check_sunset(self):
        for rule in self.filtered(lambda rule: rule.rule_type == "sunset"):
            if not rule.step_ids:
                raise ValidationError(
                    self.env._("Add a step: after how much silence happens what?")
                )
            if not 0 <= rule.grace_days <= MAX_WINDOW_DAYS:
                raise ValidationError(
                    self.env._("Newcomers are left alone for ten years at most.")
                )
            rule.step_ids._check_ladder()

    def _ask_sunset(self, _message, at):
        Profile = self.env["contact.profile"]
        steps = self.step_ids._sql_begins()
        ladder = Ladder(
            f"ladder_{self.id}",
            self._spared(at),
            lambda alias: Profile._sql_silence(alias, steps, DECIDED_AT),
            Profile._sql_silences(steps, DECIDED_AT),
        )
        return [
            self._ask_step(step, number, ladder)
            for number, step in enumerate(self.step_ids)
        ]

    def _spared(self, at):
        """Who is on no step.

        :rtype: Domain
        """
        spared = Domain.FALSE
        if self.grace_days:
            spared |= self._newcomers(at - timedelta(days=self.grace_days))
        if self.spared_segment_ids:
            spared |= self.spared_segment_ids._get_people_domain()
        return spared

    @api.model
    def _newcomers(self, since):
        """Who came after ``since``: whoever was known before under any of their
        records did not. The profile alone may be as young as this addon.

        :rtype: Domain
        """
        newer, older = (Domain("create_date", test, since) for test in (">", "<="))
        return (
            newer
            & ~Domain("partner_id", "any!", older)
            & ~Domain("mailing_contact_ids", "any!", older)
        )

    def _ask_step(self, step, number, ladder):
        if step.effect == "stop":
            values = {**self._question_values(number), "on_exceed": "hold"}
            return Asked(Closed(**values), ladder=ladder)
        counted = self._counted()._replace(
            window=Window(step.window_value, step.window_unit), count_per="person"
        )
        return replace(self._limit(1, counted, number), ladder=ladder)

    def _needed_since(self, now):
        """The longest gap of a step; silence itself is known of folded touches, too."""
        steps = self._pauses()
        if self.rule_type != "sunset" or not steps:
            return super()._needed_since(now)
        longest = max(steps, key=lambda step: step._days())
        return self._needed_for(longest.window_value, longest.window_unit, now)

    @api.depends(
        "step_ids.effect",
        "step_ids.after_touches",
        "step_ids.after_days",
        "step_ids.window_value",
        "step_ids.window_unit",
    )
    def _compute_sentence(self):
        return super()._compute_sentence()

    def _can_wait(self):
        """Whoever is written to no more does not wait."""
        is_end = self.rule_type == "sunset" and not self._pauses()
        return not is_end and super()._can_wait()

    def _pauses(self):
        """The steps on which people are written to again."""
        return self.step_ids.filtered(lambda step: step.effect != "stop")

    def _say_otherwise(self, said):
        """The last step has no “otherwise”: say of whom the words are."""
        if self.rule_type != "sunset":
            return super()._say_otherwise(said)
        return self.env._(
            "%(rule)s; what comes too soon: %(otherwise)s",
            rule=said,
            otherwise=self._say_on_exceed(),
        )

    def _terms(self):
        terms = super()._terms()
        if self.rule_type == "sunset":
            terms["steps"] = [step._terms() for step in self.step_ids]
        return terms

    @api.model
    def _say_sunset(self, terms, step):
        steps = terms["steps"]
        if step is not None:
            steps = steps[step : step + 1]
        said = [self._say_step(one, terms) for one in steps]
        return self._say_first(self.env._("; ").join(said))

    @api.model
    def _say_step(self, step, terms):
        """“after 10 touches without an answer: no more e-mails until an answer”."""
        is_pause = step["effect"] == "pause"
        said = {
            "silence": self._say_silence(step),
            "what": self._say_what(terms, one=is_pause),
            "length": self._say_duration(step),
        }
        if step["effect"] == "stop":
            return self.env._("%(silence)s: no more %(what)s until an answer", **said)
        if is_pause:
            return self.env._(
                "%(silence)s: a pause of %(length)s after each %(what)s", **said
            )
        return self.env._(
            "%(silence)s: at least %(length)s between two %(what)s", **said
        )

    @api.model
    def _say_silence(self, step):
        said = {"touches": step["touches"], "days": step["days"]}
        if step["touches"] and step["days"]:
            return self.env._(
                "after %(touches)s touches or %(days)s days without an answer", **said
            )
        if step["touches"]:
            return self.env._("after %(touches)s touches without an answer", **said)
        return self.env._("after %(days)s days without an answer", **said)


class ContactPolicyRuleStep(models.Model):
    """One step of a ladder: from so much silence on, so much less."""

    _name = "contact.policy.rule.step"
    _inherit = ["contact.policy.rule.part.mixin"]
    _description = "Step of a Rule"
    _rec_name = "rule_id"
    _order = "sequence, id"

    rule_id = fields.Many2one(
        "contact.policy.rule", required=True, ondelete="cascade", index=True
    )
    sequence = fields.Integer(default=10)
    after_touches = fields.Integer(
        string="Touches", help="So many without an answer. Zero: however many."
    )
    after_days = fields.Integer(
        string="Days",
        help="So long after the first touch that was not answered. Zero: however long.",
    )
    effect = fields.Selection(
        [
            ("slow", "Slow down: at least ... between two"),
            ("pause", "Pause: nothing for ... after each"),
            ("stop", "Stop until they answer"),
        ],
        string="Then",
        required=True,
        default="slow",
    )
    window_value = fields.Integer(string="Number", default=14)
    window_unit = fields.Selection(
        [("hour", "hours"), ("day", "days"), ("week", "weeks"), ("month", "months")],
        string="Unit",
        default="day",
    )

    @api.constrains("after_touches", "after_days", "effect", "window_value")
    def _check_numbers(self):
        for step in self:
            if min(step.after_touches, step.after_days) < 0 or not (
                step.after_touches or step.after_days
            ):
                raise ValidationError(
                    self.env._("A step begins after some touches, or some days.")
                )
            if step.after_days > MAX_WINDOW_DAYS:
                raise ValidationError(
                    self.env._("A rule can look back ten years at most.")
                )
            if step.effect != "stop" and not 0 < step._days() <= MAX_WINDOW_DAYS:
                raise ValidationError(
                    self.env._("Say how long: more than nothing, ten years at most.")
                )

    def _check_ladder(self):
        """Each step is for longer silence than the one before it."""
        for name in ("after_touches", "after_days"):
            numbers = [step[name] for step in self if step[name]]
            if any(a >= b for a, b in pairwise(numbers)):
                raise ValidationError(
                    self.env._("Each step begins later than the one before it.")
                )

    def _days(self):
        self.ensure_one()
        return self.window_value * DAYS_PER_UNIT.get(self.window_unit, 0)

    def _sql_begins(self):
        """When each begins, as of the moment decided for: see ``_sql_silence``."""
        return [
            (
                step.after_touches,
                step.after_days
                and SQL("%s - %s", DECIDED_AT, timedelta(step.after_days)),
            )
            for step in self
        ]

    def _terms(self):
        return {
            "touches": self.after_touches,
            "days": self.after_days,
            "effect": self.effect,
            "value": self.window_value,
            "unit": self.window_unit,
        }
