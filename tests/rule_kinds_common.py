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

    def assertRefused(self, pattern, kind, **vals):
        with self.assertRaisesRegex(ValidationError, pattern), self.env.cr.savepoint():
            self._rule(kind, **vals)
