from .common import StrategyCase
from .insight_common import InsightMixin

GOOD = {
    "name": "Anna Berg",
    "email": "anna.berg@strategy.test",
    "lang": "en_US",
}
CONSENT = {"consent_basis": "consent", "consent_source": "Fair in Oslo"}


class QualityCase(InsightMixin, StrategyCase):
    """Anna, with whom nothing is wrong."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._prepare_insight()
        cls.partner = cls.env["res.partner"].create(GOOD)
        cls.anna = cls.partner.profile_id
        cls.anna.write(CONSENT)
        cls.env.cr.flush()

    def _create_good(self, **vals):
        partner = self.env["res.partner"].create({**GOOD, **vals})
        partner.profile_id.write(CONSENT)
        self._precommit()
        return partner

    def assertFaults(self, profile, *codes):
        self._precommit()
        self.assertEqual(self._faults(profile), set(codes))
        checks = self.env["contact.quality.check"].search([("code", "in", codes)])
        points = max(0, 100 - sum(checks.mapped("points")))
        self.assertEqual(profile.quality_score, points)
