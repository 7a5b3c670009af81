from odoo.tests import tagged

from .common import DAY, NOW, StrategyCase


@tagged("post_install", "-at_install")
class TestPolicyMatch(StrategyCase):
    """Who falls under which policy."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.loyal = cls._create_person("loyal")
        cls.other = cls._create_person("other")
        cls.loyal_domain = [("email_normalized", "=like", "loyal@%")]
        for person in (cls.loyal, cls.other):
            for days in (1, 2):
                cls._create_touch(person, NOW - days * DAY)

    def assertDecisions(self, loyal, other, **options):
        answers = self._check(self.loyal + self.other, **options)
        self.assertEqual([a["decision"] for a in answers], [loyal, other])
        return answers

    def test_first_match_wins(self):
        """A loyal segment may get more than the rest."""
        loyal = self._create_policy(
            self._cap(3), sequence=1, domain=repr(self.loyal_domain)
        )
        everybody = self._create_policy(self._cap(2), sequence=2)
        answers = self.assertDecisions("send", "defer")
        self.assertEqual([a["policy_id"] for a in answers], [loyal.id, everybody.id])
        loyal.sequence = 3
        self.assertDecisions("defer", "defer")

    def test_order_is_sequence_then_age(self):
        first = self._create_policy(self._cap(3), sequence=5)
        self._create_policy(self._cap(1), sequence=5)
        for answer in self.assertDecisions("send", "send"):
            self.assertEqual(answer["policy_id"], first.id)

    def test_policy_without_rules_frees_its_people(self):
        self._create_policy(sequence=1, domain=repr(self.loyal_domain))
        self._create_policy(self._cap(0), sequence=2)
        self.assertDecisions("send", "hold")

    def test_archived_policies_and_rules_are_not_asked(self):
        policy = self._create_policy(self._cap(0), self._cap(5, 8))
        self.assertDecisions("hold", "hold")
        policy.rule_ids[0].active = False
        self.assertDecisions("send", "send")
        policy.with_context(active_test=False).rule_ids.active = True
        policy.action_archive()
        self.assertDecisions("send", "send")

    def test_guards_apply_in_addition(self):
        self._create_policy(self._cap(5), sequence=1)
        guard = self._create_policy(
            self._cap(2), sequence=9, is_guard=True, domain=repr(self.loyal_domain)
        )
        answers = self.assertDecisions("defer", "send")
        self.assertEqual(answers[0]["reasons"][0]["rule_id"], guard.rule_ids.id)

    def test_guard_is_nobodys_own_policy(self):
        self._create_policy(self._cap(5), sequence=1, is_guard=True)
        own = self._create_policy(self._cap(0), sequence=2)
        for answer in self.assertDecisions("hold", "hold"):
            self.assertEqual(answer["policy_id"], own.id)

    def test_several_guards_all_apply(self):
        for maximum, sequence in ((1, 1), (2, 3)):
            self._create_policy(self._cap(maximum), sequence=sequence, is_guard=True)
        for answer in self.assertDecisions("defer", "defer"):
            self.assertEqual(len(answer["reasons"]), 2)

    def test_business_units(self):
        """A unit's policy binds the unit's messages; everybody's touches count."""
        unit = self.env["res.company"].create({"name": "Unit"})
        self._create_policy(self._cap(1), sequence=1, company_id=unit.id)
        self._create_policy(self._cap(3), sequence=2)
        self.assertDecisions("send", "send")
        self.assertDecisions("defer", "defer", company=unit)
        self.env["contact.touch"].search([]).company_id = unit
        self._create_touch(self.loyal, NOW - 3 * DAY, company_id=unit.id)
        self.assertDecisions("defer", "send")

    def test_no_policy_fits(self):
        self._create_policy(self._cap(0), domain=repr(self.loyal_domain))
        answers = self.assertDecisions("hold", "send")
        self.assertFalse(answers[1]["policy_id"])

    def test_domain_over_relations(self):
        self.loyal.partner_id.category_id = self.env["res.partner.category"].create(
            {"name": "Loyal"}
        )
        self._create_policy(
            self._cap(0),
            domain="[('partner_id.category_id.name', '=', 'Loyal')]",
        )
        self.assertDecisions("hold", "send")

    def test_archived_people_fall_under_policies(self):
        self._create_policy(self._cap(1), domain=repr(self.loyal_domain))
        self.loyal.action_archive()
        self.assertDecisions("defer", "send")

    def test_who_asks_makes_no_difference(self):
        """A policy binds a sender who may not read it."""
        unit = self.env["res.company"].create({"name": "Unit"})
        policy = self._create_policy(self._cap(1), company_id=unit.id)
        user = self._create_user("asks", "mass_mailing.group_mass_mailing_user")
        user.company_ids += unit
        # Not looked at now.
        asked = (self.loyal + self.other).with_user(user)
        asked = asked.with_context(allowed_company_ids=self.env.company.ids)
        self.assertFalse(asked.env["contact.policy"].search([]) & policy)
        for answer in asked.check_contact("email", at=NOW, company=unit):
            self.assertEqual(answer["decision"], "defer")

    def test_a_changed_rule_is_in_force_at_once(self):
        policy = self._create_policy(self._cap(2))
        self.assertDecisions("defer", "defer")
        policy.rule_ids.max_touches = 3
        self.assertDecisions("send", "send")
