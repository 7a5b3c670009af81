from dataclasses import replace

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_list

from odoo.addons.mass_mailing_contact_strategy.core.rules import Limit


class ContactPolicyRule(models.Model):
    """Part of a cap can be kept for a business unit.

    All units share the allowance of a person. Where one writes much, the others would
    find it used up: so many touches are theirs, whenever they come, until they have
    used them.
    """

    _inherit = "contact.policy.rule"

    quota_ids = fields.One2many(
        "contact.policy.rule.quota",
        "rule_id",
        string="Kept for Business Units",
        copy=True,
    )

    @api.constrains("rule_type", "has_maximum", "max_touches", "quota_ids")
    def _check_quotas(self):
        for rule in self.filtered(lambda rule: rule._has_quotas()):
            if rule.has_maximum and sum(rule.quota_ids.mapped("touches")) > (
                rule.max_touches
            ):
                raise ValidationError(
                    self.env._(
                        "More is kept for business units than there is: %(kept)s of "
                        "%(max)s.",
                        kept=sum(rule.quota_ids.mapped("touches")),
                        max=rule.max_touches,
                    )
                )

    def _has_quotas(self):
        """Only where touches are counted something can be kept."""
        return (
            self.rule_type == "cap" and self._measure() == "touches" and self.quota_ids
        )

    def _ask_cap(self, message, at):
        """With what is kept for others than the unit that writes."""
        asked = super()._ask_cap(message, at)
        if not self._has_quotas():
            return asked
        units = [(quota._unit_ids(), quota.touches) for quota in self.quota_ids]
        return [
            replace(one, question=self._keep(one.question, units, message))
            for one in asked
        ]

    def _keep(self, question: Limit, units, message):
        kept = tuple(
            (question.counted._replace(company_ids=ids), touches)
            for ids, touches in units
            if message.company_id not in ids
        )
        return replace(question, kept=kept)

    def _terms(self):
        """What is kept belongs to the sentence."""
        terms = super()._terms()
        if self._has_quotas():
            terms["kept"] = [(q.company_id.id, q.touches) for q in self.quota_ids]
        return terms

    @api.depends("quota_ids.touches", "quota_ids.company_id.name")
    def _compute_sentence(self):
        return super()._compute_sentence()

    @api.model
    def _say_cap(self, terms, step):
        """“..., of which 1 is kept for the shop”. Elevated: whom a rule binds is told
        what it says."""
        sentence = super()._say_cap(terms, step)
        if not terms.get("kept"):
            return sentence
        names = {
            company.id: company.name
            for company in self.env["res.company"]
            .sudo()
            .browse(company_id for company_id, _touches in terms["kept"])
            .exists()
        }
        kept = [
            self.env._(
                "%(number)s for %(unit)s",
                number=touches,
                unit=names.get(company_id, self.env._("a former business unit")),
            )
            for company_id, touches in terms["kept"]
        ]
        return self.env._(
            "%(sentence)s, of which are kept: %(kept)s",
            sentence=sentence,
            kept=format_list(self.env, kept),
        )


class ContactPolicyRuleQuota(models.Model):
    """So many of a rule's touches are kept for one business unit and its branches."""

    _name = "contact.policy.rule.quota"
    _inherit = ["contact.policy.rule.part.mixin"]
    _description = "Kept for a Business Unit"
    _rec_name = "rule_id"
    _order = "id"

    rule_id = fields.Many2one(
        "contact.policy.rule", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(
        "res.company", string="Business Unit", required=True, ondelete="restrict"
    )
    touches = fields.Integer(string="Kept", default=1, required=True)

    _unit_unique = models.UniqueIndex(
        "(rule_id, company_id)", "Something is kept for this business unit already."
    )
    _touches_positive = models.Constraint(
        "CHECK(touches BETWEEN 1 AND 1000)",
        "Keep at least one touch, and a thousand at most.",
    )

    @api.constrains("touches")
    def _check_sum(self):
        """The rule looks at the sum."""
        self.rule_id._check_quotas()

    def _unit_ids(self):
        """Ids of the unit and its branches.

        Elevated: what is kept for a unit does not depend on who asks.

        :rtype: frozenset
        """
        self.ensure_one()
        units = self.env["res.company"].sudo().with_context(active_test=False)
        return frozenset(units.search([("id", "child_of", self.company_id.id)]).ids)
