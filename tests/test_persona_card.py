from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.mass_mailing_contact_strategy.core import engagement

from .common import StrategyCase
from .insight_common import InsightMixin


@tagged("post_install", "-at_install")
class TestPersonaCard(InsightMixin, StrategyCase):
    """What a persona's card says."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._prepare_insight()
        cls.env["contact.profile"].search([]).is_seed = True  # nobody but ours counts
        cls.people = cls._people(4)
        cls.helen = cls._create_persona("Helen", domain=cls._fits(*cls.people[:3]))
        cls.igor = cls._create_persona("Igor")
        cls.Persona._conclude(cls.people.ids)
        cls.people[2:].persona_id = cls.igor

    def test_counts_shares_and_engagement(self):
        signal = self._create_signal("engagement", points=20)
        value = 1 / self._fading()
        self._hit(signal, self.people[0], value)
        self.Profile._refresh_engagement(self.people.ids)
        self.assertRecordValues(
            self.helen + self.igor,
            [
                {
                    "people_count": 2,
                    "said_count": 0,
                    "share": 0.5,
                    "engagement_mean": 25,
                    "fit_count": 3,
                },
                {
                    "people_count": 2,
                    "said_count": 2,
                    "share": 0.5,
                    "engagement_mean": 0,
                    "fit_count": 0,
                },
            ],
        )
        self.people[0].is_seed = True
        self.env.invalidate_all()
        self.assertEqual(self.helen.people_count, 1)

    def _fading(self):
        return engagement.fading(fields.Datetime.now(), 30)

    def test_buttons(self):
        Profile = self.env["contact.profile"]
        people = Profile.search(self.helen.action_view_people()["domain"])
        self.assertEqual(people, self.people[:2])
        fits = Profile.search(self.helen.action_view_fits()["domain"])
        self.assertEqual(fits, self.people[:3])
        self.assertFalse(Profile.search(self.igor.action_view_fits()["domain"]))

    def test_revenue_where_there_are_sales(self):
        if "sale.order" not in self.env:
            self.assertFalse(self.helen.has_revenue)
            self.assertEqual(self.helen.revenue, 0)
            return
        product = self.env["product.product"].create({"name": "Tent"})
        line = {"product_id": product.id, "price_unit": 100, "tax_ids": False}
        orders = self.env["sale.order"].create(
            [
                {
                    "partner_id": person.partner_id.id,
                    "order_line": [Command.create(line)],
                }
                for person in self.people[:3]
            ]
        )
        orders[:2].action_confirm()
        self.assertTrue(self.helen.has_revenue)
        self.assertEqual(self.helen.revenue, 200)
        self.assertEqual(self.igor.revenue, 0, "a quotation is no order")
        user = self._create_user("mailer", "mass_mailing.group_mass_mailing_user")
        self.assertFalse(self.helen.with_user(user).has_revenue)

    def test_who_sees_no_people_counts_nobody(self):
        user = self._create_user("internal")
        self.assertEqual(self.helen.with_user(user).people_count, 0)
        self.assertEqual(self.helen.with_user(user).fit_count, 0)
        self.assertFalse(self.helen.with_user(user).has_revenue)

    def test_a_copy_is_named_so(self):
        self.assertEqual(self.helen.copy().name, "Helen (copy)")
