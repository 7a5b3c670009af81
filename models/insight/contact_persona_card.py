from odoo import api, fields, models
from odoo.tools import SQL


class ContactPersona(models.Model):
    """What a persona's card says: how many people, how engaged, worth how much.

    Counted are those whom the reader may see; test addresses never.
    """

    _inherit = "contact.persona"

    profile_ids = fields.One2many("contact.profile", "persona_id", string="People")
    people_count = fields.Integer(compute="_compute_people", string="Number of People")
    said_count = fields.Integer(
        compute="_compute_people", string="Said", help="Said by the person or a user."
    )
    share = fields.Float(
        compute="_compute_people", help="Of all people whose persona is known."
    )
    engagement_mean = fields.Float(
        compute="_compute_people", string="Mean Engagement", digits=(5, 1)
    )
    revenue = fields.Monetary(
        compute="_compute_revenue", help="All confirmed orders of these people."
    )
    has_revenue = fields.Boolean(compute="_compute_revenue")
    currency_id = fields.Many2one("res.currency", compute="_compute_revenue")

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_people(self):
        Profile = self.env["contact.profile"]
        self.people_count = self.said_count = 0
        self.share = self.engagement_mean = 0.0
        if not Profile.has_access("read"):
            return
        groups = Profile._read_group(
            [("persona_id", "!=", False), ("is_seed", "=", False)],
            ["persona_id", "persona_kind"],
            ["__count", "engagement_score:sum"],
        )
        everybody = sum(count for _persona, _kind, count, _score in groups)
        for persona in self:
            own = [group for group in groups if group[0] == persona._origin]
            persona.people_count = sum(group[2] for group in own)
            persona.said_count = sum(g[2] for g in own if g[1] == "explicit")
            if persona.people_count:
                persona.share = persona.people_count / everybody
                scores = sum(group[3] or 0 for group in own)
                persona.engagement_mean = scores / persona.people_count

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_revenue(self):
        """Where there are sales, and the reader may see them."""
        self.currency_id = self.env.company.currency_id
        self.revenue = 0.0
        self.has_revenue = False
        Profile, Order = self.env["contact.profile"], self.env.get("sale.order")
        if Order is None or not Order.has_access("read"):
            return
        if not Profile.has_access("read"):
            return
        self.has_revenue = True
        for persona_id, company_id, amount in self._read_revenue(Order):
            company = self.env["res.company"].browse(company_id)
            # sudo: a unit's currency is no secret to whoever sees its orders
            self.browse(persona_id).revenue += company.sudo().currency_id._convert(
                amount, self.env.company.currency_id, self.env.company
            )

    def _read_revenue(self, Order):
        """Rows (persona, company, amount in the company's currency).

        SQL, as amounts are divided by each order's own rate; access as the ORM's.
        """
        Order.flush_model(["partner_id", "company_id", "amount_total", "currency_rate"])
        self.env["res.partner"].flush_model(["profile_id"])
        orders = Order._search([("state", "in", ("sale", "done"))])
        seen = self.env["contact.profile"]._search(
            [("persona_id", "in", self._origin.ids), ("is_seed", "=", False)]
        )
        return self.env.execute_query(
            SQL(
                """
                SELECT profile.persona_id, sale.company_id,
                       sum(sale.amount_total
                           / COALESCE(NULLIF(sale.currency_rate, 0), 1))
                  FROM sale_order sale
                  JOIN res_partner partner ON partner.id = sale.partner_id
                  JOIN contact_profile profile ON profile.id = partner.profile_id
                 WHERE sale.id IN %s
                   AND profile.id IN %s
                 GROUP BY profile.persona_id, sale.company_id
                """,
                orders.subselect(),
                seen.subselect(),
            )
        )

    def action_view_people(self):
        """Open the people who are this persona."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "mass_mailing_contact_strategy.contact_profile_action"
        )
        action["display_name"] = self.name
        action["domain"] = [("persona_id", "=", self.id)]
        action["context"] = {}
        return action

    def action_view_fits(self):
        """Open the people who fit the rule right now."""
        action = self.action_view_people()
        domain = self._get_domain()
        action["domain"] = [(0, "=", 1)] if domain.is_true() else list(domain)
        return action
