from odoo.tests import HttpCase, tagged

from .common import ADDON, StrategyMixin


@tagged("post_install", "-at_install")
class TestScreensTour(StrategyMixin, HttpCase):
    """From the first screen to a person and along the journey, in a browser."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._prepare_strategy()
        cls.strategist = cls._create_user(
            "strategist",
            f"{ADDON}.{ADDON}_group_manager",
            "base.group_partner_manager",
            name="Strategist",
        )
        cls.lead, cls.opportunity = (
            cls.env.ref(f"{ADDON}.contact_journey_stage_{code}")
            for code in ("lead", "opportunity")
        )
        dimension = cls.env["contact.tag.dimension"].create(
            {"name": "Likes", "code": "screens_likes"}
        )
        cls.tents, cls.boats = cls.env["contact.tag"].create(
            [
                {"name": name, "dimension_id": dimension.id}
                for name in ("Tents", "Boats")
            ]
        )
        cls.anna = cls._create_person("Anna Berg", email="anna@strategy.test")
        cls.anna.journey_stage_id = cls.lead
        cls.anna.persona_id = cls.env["contact.persona"].create({"name": "Sailor"})
        record = cls.env["res.partner"].create({"name": "Evidence of Anna"})
        cls.env["contact.tag.assignment"].create(
            {
                "profile_id": cls.anna.id,
                "tag_id": cls.boats.id,
                "kind": "implicit",
                "source": "visit",
                "confidence": 0.8,
                "res_model": "res.partner",
                "res_id": record.id,
            }
        )

    def test_profile(self):
        """Tag somebody, see the evidence, move on; be refused on the way back."""
        self.start_tour("/odoo", "contact_strategy_profile", login="strategist")
        self.assertEqual(self.anna.explicit_tag_ids, self.tents)
        self.assertEqual(self.anna.journey_stage_id, self.opportunity)
        known = self.anna.tag_assignment_ids.filtered(lambda a: a.kind == "explicit")
        self.assertEqual(known.user_id, self.strategist)
