from odoo.modules.module import Manifest
from odoo.tests import TransactionCase, tagged
from odoo.tools.convert import convert_file

from .common import ADDON


@tagged("post_install", "-at_install")
class TestDemoData(TransactionCase):
    """Odoo only logs when demo data cannot be loaded: nobody would notice."""

    def test_loads(self):
        """Every file, and of everybody something is known, said and concluded."""
        for name in Manifest.for_addon(ADDON)["demo"]:
            with self.subTest(name):
                convert_file(self.env, ADDON, name, {}, mode="init", noupdate=True)
        people = self.env["contact.profile"]
        for name in ("anna", "amir", "clara", "joel"):
            people += self.env.ref(f"{ADDON}.res_partner_{name}_demo").profile_id
        self.env.invalidate_all()
        self.assertEqual(
            people.mapped("persona_kind"),
            ["implicit", "explicit", "implicit", "implicit"],
        )
        self.assertEqual(len(people.journey_stage_id), 4)
        self.assertTrue(all(person.journey_move_ids for person in people))
        self.assertTrue(all(person.explicit_tag_ids for person in people))
        evidence = people.tag_assignment_ids.filtered(lambda a: a.kind == "implicit")
        self.assertTrue(evidence)
        self.assertTrue(all(row.signal_id or row.res_id for row in evidence))
        self.assertGreater(people[0].engagement_score, 0)
        rules = self.env.ref(f"{ADDON}.contact_policy_guard_demo").rule_ids
        self.assertEqual(rules.mapped("rule_type"), ["cap", "block", "sunset"])
        self.assertTrue(all(rule.sentence for rule in rules))
        effects = rules.step_ids.mapped("effect")
        self.assertEqual(effects, ["slow", "pause", "stop"])
