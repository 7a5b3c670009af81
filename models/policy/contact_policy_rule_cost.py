from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL, format_amount

from odoo.addons.mass_mailing_contact_strategy.core.rules import Limit

from .engine_questions import Asked


class ContactPolicyRule(models.Model):
    """``cost``: at most so much money per person and time, or a share of what the
    person has brought in; or both together, an advance and a share."""

    _inherit = "contact.policy.rule"

    rule_type = fields.Selection(
        selection_add=[("cost", "At most ... money")],
        ondelete={"cost": "cascade"},
    )
    max_cost = fields.Monetary(
        string="Amount",
        help="What touches may cost in this time, the new one included.",
    )
    cost_share = fields.Float(
        string="Share of Orders",
        digits=(5, 2),
        help="Per cent of what the person has ordered, ever; added to the amount.",
    )
    currency_id = fields.Many2one(
        "res.currency",
        default=lambda self: self.env.company.currency_id,
        ondelete="restrict",
    )
    has_orders = fields.Boolean(compute="_compute_has_orders")

    @api.depends_context("uid")
    def _compute_has_orders(self):
        """Is anything known about what people order?"""
        self.has_orders = self._knows_orders()

    @api.constrains("rule_type", "max_cost", "cost_share", "currency_id", "count_per")
    def _check_cost(self):
        for rule in self.filtered(lambda rule: rule.rule_type == "cost"):
            if rule.max_cost < 0 or rule.cost_share < 0:
                raise ValidationError(self.env._("Money cannot be less than nothing."))
            if not rule.currency_id:
                raise ValidationError(self.env._("An amount needs a currency."))
            if rule.cost_share and not self._knows_orders():
                raise ValidationError(
                    self.env._(
                        "A share of what people order needs the app Sales. Without it, "
                        "give an amount."
                    )
                )
            if rule.cost_share and rule.count_per != "person":
                raise ValidationError(
                    self.env._("A share of what a person orders is counted per person.")
                )

    @api.model
    def _knows_orders(self):
        return "sale.order" in self.env

    def _has_window(self):
        return super()._has_window() or self.rule_type == "cost"

    def _ask_cost(self, message, _at):
        currencies = self.env["res.currency"].sudo()
        of_message = currencies.browse(message.currency_id or self.currency_id.id)
        limit = Limit(
            **self._question_values(),
            maximum=Decimal(str(self.max_cost)),
            counted=self._counted()._replace(
                measure="cost", currency_id=self.currency_id.id
            ),
            adds=message.cost * of_message._rate_to(self.currency_id.sudo()),
        )
        return [Asked(limit, maximum=self._sql_maximum_of if self.cost_share else None)]

    def _sql_maximum_of(self, alias):
        """The amount and the share of this person's orders.

        Elevated and of all business units, as touches are counted. SQL, as it is asked
        about everybody; amounts are divided by each order's own rate.

        :param str alias: of ``contact_profile``
        :rtype: SQL
        """
        # An uninstalled app leaves the rule, and nothing that anybody ordered.
        if not self._knows_orders():
            return SQL("%s::numeric", Decimal(str(self.max_cost)))
        Order = self.env["sale.order"].sudo()
        Order.flush_model(["partner_id", "state", "amount_total", "currency_rate"])
        return SQL(
            """(SELECT %(amount)s::numeric + %(share)s::numeric / 100 * %(rates)s
                  FROM sale_order ordered
                 WHERE ordered.partner_id = %(partner)s AND ordered.state = 'sale')""",
            amount=Decimal(str(self.max_cost)),
            share=Decimal(str(self.cost_share)),
            partner=SQL.identifier(alias, "partner_id"),
            rates=self._sql_ordered(),
        )

    def _sql_ordered(self):
        """The sum of the orders called ``ordered``, in the currency of the rule."""
        units = self.env["res.company"].sudo().search([])
        rates = SQL(" ").join(
            SQL(
                "WHEN %s THEN %s::numeric",
                unit.id,
                str(unit.currency_id._rate_to(self.currency_id.sudo())),
            )
            for unit in units
        )
        return SQL(
            "COALESCE(sum(ordered.amount_total"
            " / COALESCE(NULLIF(ordered.currency_rate, 0), 1)::numeric"
            " * CASE ordered.company_id %s ELSE 1 END), 0)",
            rates,
        )

    @api.depends("max_cost", "cost_share", "currency_id")
    def _compute_sentence(self):
        return super()._compute_sentence()

    def _terms(self):
        return {
            **super()._terms(),
            "cost": self.max_cost,
            "share": self.cost_share,
            "currency": self.currency_id.id,
        }

    @api.model
    def _say_cost(self, terms, _step):
        currency = self.env["res.currency"].browse(terms["currency"] or ()).exists()
        currency = currency or self.env.company.currency_id
        said = {
            "what": self._say_first(self._say_what(terms)),
            "amount": format_amount(self.env, terms["cost"], currency),
            "share": f"{terms['share']:g}",
            "length": self._say_length(terms),
        }
        is_calendar = terms["kind"] == "calendar"
        if terms["share"] and is_calendar:
            return self.env._(
                "%(what)s may cost %(amount)s and %(share)s %% of the orders per "
                "calendar %(length)s",
                **said,
            )
        if terms["share"]:
            return self.env._(
                "%(what)s may cost %(amount)s and %(share)s %% of the orders in any "
                "%(length)s",
                **said,
            )
        if is_calendar:
            return self.env._(
                "%(what)s may cost %(amount)s per calendar %(length)s", **said
            )
        return self.env._("%(what)s may cost %(amount)s in any %(length)s", **said)
