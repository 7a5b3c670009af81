"""Purchases as sales orders, where the app Sales is installed."""

from odoo import Command


def create(env, bought, purchases):
    """An order for each purchase. What a customer spent in the year, which is all that
    is known, is the sum of the orders.

    :param bought: (customer, contact, moment)
    :param dict purchases: all of a customer's, by the customer's row
    """
    Product = env["product.product"]
    values = {"name": "From the catalogue", "type": "service"}
    product = Product.search([("name", "=", values["name"])]) or Product.create(values)
    quiet = {"tracking_disable": True, "mail_create_nosubscribe": True}
    env["sale.order"].with_context(**quiet, mail_create_nolog=True).create(
        [
            {
                "partner_id": partner.id,
                "date_order": moment,
                "state": "sale",
                "order_line": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "product_uom_qty": 1,
                            "price_unit": round(
                                customer.past_spend / len(purchases[customer.row]), 2
                            ),
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
            }
            for customer, partner, moment in bought
        ]
    )
