from odoo.tests import tagged

from .common import ADDON, NOW, GateCase
from .insight_common import InsightMixin


@tagged("post_install", "-at_install")
class TestQualityPurchased(InsightMixin, GateCase):
    """Who is on a purchased list gets no mailings; nobody else notices anything."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._prepare_insight()
        cls.purchased = cls.env.ref(f"{ADDON}.contact_tag_origin_purchased_list")
        cls.policy = cls.env.ref(f"{ADDON}.contact_policy_purchased")
        cls.people = cls._create_partners(3)
        cls.bought = cls.people[0].profile_id

    def test_it_waits_for_the_first_person(self):
        self.assertFalse(self.policy.active)
        self.assertEqual(self.policy.start_tag_id, self.purchased)
        other = self.env.ref(f"{ADDON}.contact_tag_origin_website")
        self._tag(self.bought, other)
        self._precommit()
        self.assertFalse(self.policy.active)
        mailing = self._create_mailing(self.people)
        self._launch(mailing)
        self.assertOutcome(mailing, self.people, sent=3)

    def test_it_holds_back_from_the_first_person_on(self):
        user = self._create_user("importer", "mass_mailing.group_mass_mailing_user")
        self.bought.with_user(user).explicit_tag_ids = self.purchased
        self.env.invalidate_all()
        self.assertTrue(self.policy.active)
        self.assertFalse(self.policy.start_tag_id)
        mailing = self._create_mailing(self.people)
        self._launch(mailing)
        self.assertOutcome(mailing, self.people, sent=2, held=1)
        hold = self.env["contact.hold"].search([("mailing_id", "=", mailing.id)])
        self.assertEqual(hold.profile_id, self.bought)
        self.assertIn("Purchased lists", hold.reason)
        self.assertFalse(hold.next_allowed)

    def test_also_where_signals_or_sums_conclude_it(self):
        self._tag(self.bought, self.purchased, "implicit", confidence=0.4)
        self.assertTrue(self.policy.active)
        self.assertHold(self.bought)
        self.assertSend(self.people[1].profile_id)
        self.assertSend(self.bought, category=self.transactional)

    def test_who_has_agreed_since_is_let_through(self):
        self._tag(self.bought, self.purchased)
        self._precommit()
        self.assertIn("purchased", self._faults(self.bought))
        for basis in ("none", "interest", False):
            self.bought.consent_basis = basis
            self.assertHold(self.bought)
        for basis in ("consent", "double_opt_in", "customer"):
            self.bought.consent_basis = basis
            self.assertSend(self.bought)
            self.assertNotIn("purchased", self._faults(self.bought))

    def test_who_touched_it_decides(self):
        self.policy.description = "We know what we do."
        self.assertFalse(self.policy.start_tag_id)
        self._tag(self.bought, self.purchased)
        self.assertFalse(self.policy.active)
        self.assertSend(self.bought)

    def test_only_who_touched_it(self):
        """One that is changed with others no longer starts; another tag may be set."""
        other = self.env.ref(f"{ADDON}.contact_tag_origin_website")
        self.policy.start_tag_id = other
        self.assertEqual(self.policy.start_tag_id, other)
        (self.policy | self._create_policy(active=False)).write({"sequence": 7})
        self.assertFalse(self.policy.start_tag_id)

    def test_who_switched_it_off_again_decides(self):
        self._tag(self.bought, self.purchased)
        self.policy.active = False
        self._tag(self.people[1].profile_id, self.purchased, last_seen=NOW)
        self.assertFalse(self.policy.active)

    def test_a_copy_does_not_start_by_itself(self):
        self.assertFalse(self.policy.copy().start_tag_id)
