from odoo.tests import tagged

from .common import DAY, GateCase


@tagged("post_install", "-at_install")
class TestPolicyVersionHolds(GateCase):
    """Decisions name the version that made them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policy = cls._create_policy(cls._cap(1))
        cls.person = cls._create_person()

    def setUp(self):
        super().setUp()
        self._create_touch(self.person, self._now - DAY)

    def _hold(self):
        mailing = self._create_mailing(self.person.partner_id)
        self._launch(mailing)
        return mailing.hold_ids

    def test_the_one_that_was_asked(self):
        first = self._hold()
        version = self.policy.version_ids
        self.assertEqual(version.number, 1)
        self.assertEqual(first.version_id, version)
        self.assertIn("Version 1 of the policy.", first.reason)
        self._go_to(self._now + DAY)
        self.policy.rule_ids.window_value = 14
        second = self._hold()
        self.assertEqual(second.version_id.number, 2)
        self.assertIn("Version 2 of the policy.", second.reason)
        self.assertIn("in any 14 days", second.reason)
        self.assertEqual(first.version_id, version)
        self.assertIn("in any 7 days", first.reason)

    def test_what_is_not_yet_saved(self):
        """Asked in the transaction that changes it, the change decides."""
        self.env.cr.flush()
        self._go_to(self._now + DAY)
        self.policy.rule_ids.window_value = 14
        mailing = self._create_mailing(self.person.partner_id)
        plan = self.env["contact.policy.engine"]._plan(mailing._contact_message())
        version = self.env["contact.policy.version"].browse(plan.versions.values())
        self.assertEqual(version.number, 2)
        self.assertIn("in any 14 days", version.sentences)

    def test_a_guard_names_its_own(self):
        guard = self._create_policy(self._cap(1, 30), is_guard=True)
        hold = self._hold()
        versions = {rule["policy"]: rule["version"] for rule in hold.facts["rules"]}
        self.assertEqual(
            versions,
            {policy.id: policy.version_ids.id for policy in (self.policy, guard)},
        )

    def test_decided_again_by_another(self):
        hold = self._hold()
        self._go_to(self._now + DAY)
        self.policy.rule_ids.window_value = 14
        hold.action_decide_again()
        self._run_queue()
        self.assertEqual(hold.version_id.number, 2)

    def test_one_look_for_all(self):
        """No question for each person."""
        Version = type(self.env["contact.policy.version"])
        calls = []
        look = Version._in_force

        def counted(version, policies):
            calls.append(policies)
            return look(version, policies)

        self.patch(Version, "_in_force", counted)
        people = self._create_partners(20)
        for partner in people:
            self._create_touch(partner.profile_id, self._now - DAY)
        mailing = self._create_mailing(people)
        plan = self.env["contact.policy.engine"]._plan(mailing._contact_message())
        self.assertEqual(plan.versions, {self.policy.id: self.policy.version_ids.id})
        del calls[:]
        self._launch(mailing)
        self.assertEqual(mailing.deferred_count, 20)
        self.assertLess(len(calls), 5)

    def test_deleted_versions_and_old_holds(self):
        """Holds of earlier releases know none."""
        hold = self._hold()
        facts = hold.facts
        for rule in facts["rules"]:
            del rule["version"]
        hold.facts = facts
        self.assertNotIn("Version", hold.reason)
        self.assertIn("At most 1 touch", hold.reason)
