from odoo.exceptions import ValidationError

from .common import StrategyCase


class KindsCase(StrategyCase):
    """A person, a tag, and rules of any kind."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.anna = cls._create_person("anna", tz="Europe/Oslo")
        dimension = cls.env["contact.tag.dimension"].create({"name": "Trouble"})
        cls.complaint = cls.env["contact.tag"].create(
            {"name": "Complaint", "dimension_id": dimension.id}
        )
        cls.env["contact.channel"].search([]).cost = 0

    def _rule(self, kind, **vals):
        return self._create_policy({"rule_type": kind, **vals}).rule_ids

    def _complain(self, profile, seen):
        self.env["contact.tag.assignment"].create(
            {
                "profile_id": profile.id,
                "tag_id": self.complaint.id,
                "kind": "explicit",
                "first_seen": seen,
                "last_seen": seen,
            }
        )

    def _create_currency(self):
        """Another currency, four of which are one of the business unit's own."""
        other = (
            self.env["res.currency"]
            .with_context(active_test=False)
            .search([("id", "!=", self.env.company.currency_id.id)], limit=1)
        )
        other.active = True
        self.env["res.currency.rate"].search([]).unlink()
        self.env["res.currency.rate"].create(
            {"currency_id": other.id, "rate": 4, "name": "2020-01-01"}
        )
        return other

    def assertRefused(self, pattern, kind, **vals):
        with self.assertRaisesRegex(ValidationError, pattern), self.env.cr.savepoint():
            self._rule(kind, **vals)
