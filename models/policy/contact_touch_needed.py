from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date

from odoo.addons.mass_mailing_contact_strategy.core.keeping import needed_since
from odoo.addons.mass_mailing_contact_strategy.core.windows import Window

from .contact_policy_rule import DAYS_PER_UNIT, MAX_WINDOW_DAYS


class ContactTouch(models.Model):
    """Rules need single touches."""

    _inherit = "contact.touch"

    @api.model
    def _lock_needs(self):
        """Nobody writes rules while touches are put away.

        The rules that are read next are therefore all there are; whoever waited sees
        what was folded meanwhile: see `contact.policy.rule._check_kept`.
        """
        self.env.cr.execute("LOCK TABLE contact_policy_rule IN SHARE MODE")
        return super()._lock_needs()

    @api.model
    def _needed_since(self, now):
        """Not before the longest window of any rule, archived ones included."""
        # Elevated: rules of other business units count, too.
        rules = self.env["contact.policy.rule"].sudo().with_context(active_test=False)
        return min(
            [
                super()._needed_since(now),
                *(rule._needed_since(now) for rule in rules.search([])),
            ]
        )

    @api.model
    def _check_kept_months(self, months):
        """No rule may look further back."""
        # Elevated: see `_needed_since`.
        rules = self.env["contact.policy.rule"].sudo().with_context(active_test=False)
        rules.search([])._check_kept_months(months)
        return super()._check_kept_months(months)


class ContactPolicyRule(models.Model):
    """How far back a rule looks, and whether the touches are still there."""

    _inherit = "contact.policy.rule"

    def _needed_since(self, now):
        """From when on the rule needs single touches.

        A program looks at what it likes: nobody knows.

        :param datetime now: naive UTC
        :return: naive UTC; ``now`` where it needs none
        """
        self.ensure_one()
        if not self._has_window():
            return now
        return self._needed_for(self.window_value, self.window_unit, now)

    @api.model
    def _needed_for(self, value, unit, now):
        # Lengths that cannot be meant are refused by `_check_window`.
        if not 0 < value * DAYS_PER_UNIT.get(unit, 0) <= MAX_WINDOW_DAYS:
            return now
        return needed_since(Window(value, unit), now)

    @api.constrains("rule_type", "window_value", "window_unit", "active")
    def _check_kept(self):
        """Single touches must still be there, and stay for as long as they are asked
        for."""
        Touch = self.env["contact.touch"]
        if months := Touch._kept_months():
            self._check_kept_months(months)
        before = Touch._folded_before(lock=True)
        for rule in self:
            if rule._needed_since(fields.Datetime.now()) < before:
                raise ValidationError(
                    self.env._(
                        "“%(rule)s” looks back too far: single touches from before "
                        "%(date)s are kept as sums per year only, and no rule can "
                        "count them.",
                        rule=rule.sentence,
                        date=format_date(self.env, before.date()),
                    )
                )

    def _check_kept_months(self, months):
        """Refuse rules that look back further than single touches are kept.

        :param int months: at least 1
        :raise ValidationError: one does
        """
        now = fields.Datetime.now()
        kept_since = now - relativedelta(months=months)
        for rule in self:
            if rule._needed_since(now) < kept_since:
                raise ValidationError(
                    self.env._(
                        "Single touches are kept for %(months)s months; this rule "
                        "looks back %(length)s: “%(rule)s”. Keep touches for at least "
                        "half a month longer than that, or shorten the rule.",
                        months=months,
                        length=rule._say_back(),
                        rule=rule.sentence,
                    )
                )

    def _say_back(self):
        """“24 months”, in the reader's language."""
        units = dict(self._fields["window_unit"]._description_selection(self.env))
        return f"{self.window_value} {units[self.window_unit]}"
