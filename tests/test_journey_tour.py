from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, tagged

from .common import ADDON, StrategyMixin


@tagged("post_install", "-at_install")
class TestJourneyTour(StrategyMixin, HttpCase):
    """A person is moved on the journey, in a browser."""

    def test_move_a_person(self):
        """Forward by dragging, refused backward, back with a reason."""
        self._create_user("stager", f"{ADDON}.{ADDON}_group_user")
        self.env["contact.profile"].search([]).active = False
        anna = self._create_person("Anna Berg", email="anna@strategy.test")
        lead = self.env.ref(f"{ADDON}.contact_journey_stage_lead")
        long_ago = fields.Datetime.now() - timedelta(days=99)
        anna._enter_stage(lead, {anna.id: long_ago})
        self.start_tour(
            "/odoo/contact-journey", "contact_strategy_journey", login="stager"
        )
        self.assertEqual(anna.journey_stage_id, lead)
        back, forward = anna.journey_move_ids
        self.assertEqual(back.reason, "The order was cancelled")
        self.assertTrue(back.is_back)
        self.assertFalse(forward.is_back)
        self.assertEqual(round(forward.days), 99)
