from odoo.tests import tagged
from odoo.tools import SQL

from .common import DAY, HOUR, NOW
from .rule_kinds_common import KindsCase


@tagged("post_install", "-at_install")
class TestRuleCostOrders(KindsCase):
    """A share of what a person has ordered may be spent on that person."""

    def setUp(self):
        super().setUp()
        self.email.cost = 1
        self.has_sales = "sale.order" in self.env
        if not self.has_sales:
            self.assertRefused("needs the app Sales", "cost", cost_share=0.01)

    def _order(self, person, price, state="sale", **vals):
        product = self.env["product.product"].create({"name": "Lamp"})
        line = {"product_id": product.id, "price_unit": price, "tax_ids": False}
        order = self.env["sale.order"].create(
            {"partner_id": person.partner_id.id, "order_line": [(0, 0, line)], **vals}
        )
        order.state = state
        self.assertEqual(order.amount_total, price)
        return order

    def _spent(self, person, *costs):
        for place, cost in enumerate(costs):
            self._create_touch(person, NOW - DAY - place * HOUR, cost=cost)

    def test_the_amount_and_the_share(self):
        """5, and 10 per cent of the 200 that were ordered, are 25; to the cent."""
        if not self.has_sales:
            return
        rule = self._rule("cost", max_cost=5, cost_share=10, window_value=7)
        self.assertIn("10 % of the orders in any 7 days", rule.sentence)
        self._order(self.anna, 150)
        self._order(self.anna, 50)
        self._order(self.anna, 9000, state="draft")
        bert = self._create_person("bert")
        self._order(bert, 9000, state="cancel")
        self._spent(self.anna, 20, 4)
        self._spent(bert, 4)
        self.assertSend(self.anna | bert)
        self._create_touch(self.anna, NOW - 2 * HOUR, cost=0.01)
        self._create_touch(bert, NOW - 2 * HOUR, cost=0.01)
        self.assertDefer(self.anna, NOW - HOUR + 6 * DAY)
        self.assertDefer(bert, NOW + 6 * DAY)

    def test_orders_in_another_currency(self):
        """What an order was worth is told by its own rate."""
        if not self.has_sales:
            return
        other = self._create_currency()
        prices = self.env["product.pricelist"].create(
            {"name": "Other", "currency_id": other.id}
        )
        order = self._order(self.anna, 400, pricelist_id=prices.id)
        self.assertEqual(order.currency_rate, 4)
        self._rule("cost", cost_share=10, window_value=1, window_kind="calendar")
        self._create_touch(self.anna, NOW - HOUR, cost=9)
        self.assertSend(self.anna)
        self._create_touch(self.anna, NOW - HOUR, cost=0.01)
        self.assertDefer(self.anna, NOW.replace(hour=22))

    def test_the_rule_counts_in_another_currency(self):
        if not self.has_sales:
            return
        other = self._create_currency()
        self._order(self.anna, 100)
        rule = self._rule("cost", cost_share=10, window_value=7, currency_id=other.id)
        self._create_touch(self.anna, NOW - HOUR, cost=9)  # 36 of 40
        self.assertSend(self.anna)
        rule.cost_share = 9.9
        self.assertDefer(self.anna, NOW - HOUR + 7 * DAY)

    def test_orders_without_a_rate(self):
        """Imported, or of a unit that is no more: they are worth what they say."""
        if not self.has_sales:
            return
        unit = self.env["res.company"].create({"name": "Former"})
        orders = [self._order(self.anna, 100) for _order in range(3)]
        for order, values in zip(
            orders,
            (
                SQL("currency_rate = 0"),
                SQL("currency_rate = NULL"),
                SQL("currency_rate = 1, company_id = %s", unit.id),
            ),
            strict=True,
        ):
            self.env.flush_all()
            self.env.cr.execute(
                SQL(
                    "UPDATE sale_order SET %s WHERE id = %s",
                    values,
                    order.id,
                )
            )
        self.env.cr.execute(
            SQL("UPDATE res_company SET active = FALSE WHERE id = %s", unit.id)
        )
        self.env.invalidate_all()
        self._rule("cost", cost_share=10, window_value=7)
        self._spent(self.anna, 29)
        self.assertSend(self.anna)
        self._create_touch(self.anna, NOW - 2 * HOUR, cost=0.01)
        self.assertDefer(self.anna, NOW + 6 * DAY)

    def test_who_has_ordered_nothing(self):
        if not self.has_sales:
            return
        self._rule("cost", cost_share=50, window_value=7)
        self.assertHold(self.anna)
        self._order(self.anna, 2)
        self.assertSend(self.anna)

    def test_shares_that_cannot_be_meant(self):
        if not self.has_sales:
            return
        self.assertRefused(
            "counted per person", "cost", cost_share=1, count_per="company"
        )
        self._rule("cost", max_cost=1, count_per="company")
