from datetime import datetime, timedelta

from odoo.tests import BaseCase, tagged

from odoo.addons.mass_mailing_contact_strategy.core.rules import Closed, Counted, Limit
from odoo.addons.mass_mailing_contact_strategy.core.verdicts import Message
from odoo.addons.mass_mailing_contact_strategy.core.windows import Window
from odoo.addons.mass_mailing_contact_strategy.models.policy.engine_questions import (
    Asked,
    Item,
    Planned,
)

NOW = datetime(2026, 5, 12, 9)
DAY = timedelta(days=1)
EMAIL, SMS = 1, 2
NEWS, SALE = 11, 12
SUMMER, WINTER = 21, 22


@tagged("post_install", "-at_install")
class TestPolicyPlan(BaseCase):
    """Which mailings that go first a rule counts, and to whom."""

    def _limit(self, **counted):
        window = Window(7, "day")
        return Limit(
            rule_id=1, policy_id=1, maximum=1, counted=Counted(window, **counted)
        )

    def _planned(self, mailing_id=1, date=NOW, people=(7,)):
        message = Message(
            EMAIL, category_id=NEWS, campaign_id=SUMMER, mailing_id=mailing_id
        )
        return Planned(message, date, frozenset(people))

    def test_of_the_kind_that_is_counted(self):
        for counted, is_counted in (
            ({}, True),
            ({"channel_ids": {EMAIL}}, True),
            ({"channel_ids": {SMS, EMAIL}}, True),
            ({"channel_ids": {SMS}}, False),
            ({"category_ids": {NEWS}}, True),
            ({"category_ids": {SALE}}, False),
            ({"campaign_ids": {SUMMER}}, True),
            ({"campaign_ids": {WINTER}}, False),
            ({"category_ids": {SALE}, "campaign_ids": {SUMMER}}, True),
            ({"category_ids": {NEWS}, "campaign_ids": {WINTER}}, True),
            ({"category_ids": {SALE}, "campaign_ids": {WINTER}}, False),
            ({"channel_ids": {SMS}, "category_ids": {NEWS}}, False),
            ({"channel_ids": {EMAIL}, "category_ids": {SALE}}, False),
            ({"measure": "cost"}, False),
            ({"measure": "people"}, False),
        ):
            with self.subTest(counted=counted):
                found = self._planned().is_counted(self._limit(**counted))
                self.assertEqual(found, is_counted)
        closed = Closed(rule_id=1, policy_id=1)
        self.assertFalse(self._planned().is_counted(closed))

    def test_what_goes_first_to_whom(self):
        """Within the window, the last of it first."""
        planned = (
            self._planned(1, NOW),
            self._planned(2, NOW + DAY),
            self._planned(3, NOW, people=(7, 8)),
            self._planned(4, NOW + 2 * DAY),
        )
        item = Item(1, Asked(self._limit()), planned=planned)
        self.assertEqual(
            item.ahead(7, NOW + 2 * DAY), [(NOW + DAY, 2), (NOW, 3), (NOW, 1)]
        )
        self.assertEqual(item.ahead(8, NOW + 2 * DAY), [(NOW, 3)])
        self.assertEqual(item.ahead(9, NOW + 2 * DAY), [])
        self.assertEqual(item.ahead(7, NOW), [])
