from datetime import date

from odoo.fields import Command
from odoo.tests import tagged

from .common import ADDON
from .version_common import CAP_2, GONE, VersionCase


@tagged("post_install", "-at_install")
class TestPolicyVersions(VersionCase):
    """Each change of what binds is one version."""

    def test_a_new_policy_is_version_1(self):
        policy = self._as("author", self.env["contact.policy"]).create(
            {"name": "New", "rule_ids": [Command.create(self._cap(2))]}
        )
        version = self.assertVersions(1, policy)
        self.assertEqual(version.author_id, self.users["author"])
        self.assertEqual(version.state, "approved")
        self.assertEqual(version.policy_name, "New")
        self.assertIn(CAP_2, version.sentences)
        self.assertChanges(version, "+ Asked first", f"+ {CAP_2}")
        self.assertEqual(version.display_name, "New, version 1")

    def test_many_fields_are_one_version(self):
        policy = self._as("author", self.policy)
        policy.write(
            {
                "change_reason": "Too many opt-outs",
                "domain": "[('lang', '=', 'en_US')]",
                "is_guard": True,
                "rule_ids": [
                    Command.update(self.rule.id, {"max_touches": 3}),
                    Command.create(self._gap(24)),
                ],
            }
        )
        policy.rule_ids[:1].window_value = 14
        version = self.assertVersions(2)
        self.assertEqual(version.reason, "Too many opt-outs")
        self.assertEqual(version.author_id, self.users["author"])
        self.assertIn("At most 3 touches in any 14 days", version.sentences)
        self.assertFalse(policy.change_reason, "it is kept with the version")

    def test_the_form_asks_why(self):
        """Kept with the version, and emptied."""
        (saved,) = self._as("author", self.policy).web_save(
            {"is_guard": True, "change_reason": "For all"}, {"change_reason": {}}
        )
        self.assertFalse(saved["change_reason"])
        self.assertEqual(self.assertVersions(2).reason, "For all")
        self._as("author", self.policy).web_save({"is_guard": False}, {})
        self.assertFalse(self.assertVersions(3).reason)

    def test_asked_in_between_it_is_still_one(self):
        """A savepoint, or a decision, looks at what was written up to then."""
        self.policy.is_guard = True
        with self.env.cr.savepoint():
            self.rule.max_touches = 3
        self.env["contact.policy"]._keep_versions()
        self.rule.max_touches = 4
        version = self.assertVersions(2)
        self.assertIn("At most 4", version.sentences)
        self.rule.max_touches = 5
        self.env.cr.flush()
        self.rule.max_touches = 4
        self.assertVersions(2)

    def test_nothing_changed(self):
        self.policy.write({"name": "Loyal", "domain": "[]", "sequence": 20})
        self.policy.write({"domain": False, "active": True, "is_guard": False})
        self.rule.write({"max_touches": 2, "has_maximum": True})
        self.rule.write({"max_touches": 9})
        self.rule.write({"max_touches": 2})
        self.policy.write({"name": "Called otherwise", "review_date": date.today()})
        self.policy.write({"description": "<p>Why</p>", "change_reason": "Words"})
        self.assertVersions(1)

    def test_whatever_binds(self):
        segment = self.env["contact.segment"].create({"name": "Buyers"})
        persona = self.env["contact.persona"].create({"name": "Paul"})
        stage = self.env.ref(f"{ADDON}.contact_journey_stage_lead")
        unit = self.env["res.company"].create({"name": "Unit"})
        for number, (vals, said) in enumerate(
            (
                ({"segment_ids": segment.ids}, "+ Who is in “Buyers”"),
                ({"persona_ids": persona.ids}, "+ Who is “Paul”"),
                ({"stage_ids": stage.ids}, f"+ Who is on the stage “{stage.name}”"),
                ({"company_id": unit.id}, "+ For the messages of Unit"),
                ({"is_guard": True}, "+ A guard: in addition to people's own policy"),
                ({"active": False}, "+ Switched off: it binds nobody"),
            ),
            2,
        ):
            with self.subTest(said):
                self.policy.write(vals)
                version = self.assertVersions(number)
                found = [f"{sign} {text}" for sign, text in version._say_changes()]
                self.assertIn(said, found)

    def test_parts_of_rules(self):
        quiet = self.env["contact.policy.rule"].create(
            {"policy_id": self.policy.id, "rule_type": "quiet"}
        )
        self.assertVersions(2)
        christmas = self.env["contact.policy.rule.date"].create(
            {"rule_id": quiet.id, "date_from": "2026-12-25"}
        )
        self.assertIn("12/25/2026", self.assertVersions(3).sentences)
        christmas.date_to = "2026-12-26"
        self.assertVersions(4)
        christmas.unlink()
        self.assertVersions(5)
        self.policy.rule_ids = [
            Command.create(
                {
                    "rule_type": "sunset",
                    "step_ids": [Command.create({"after_touches": 5})],
                }
            )
        ]
        self.assertIn("After 5 touches", self.assertVersions(6).sentences)
        ladder = self.policy.rule_ids.filtered(lambda r: r.rule_type == "sunset")
        ladder.step_ids.after_touches = 6
        self.assertChanges(
            self.assertVersions(7),
            f"{GONE} After 5 touches without an answer: at least 14 days between two "
            "touches; what comes too soon: wait until free",
            "+ After 6 touches without an answer: at least 14 days between two "
            "touches; what comes too soon: wait until free",
        )

    def test_archived_rules_bind_nobody(self):
        other = self.policy.copy().rule_ids
        other.policy_id.active = False
        self.rule.action_archive()
        version = self.assertVersions(2)
        self.assertChanges(version, f"{GONE} {CAP_2}")
        self.rule.max_touches = 7
        self.assertVersions(2)
        self.rule.unlink()
        self.assertVersions(2)

    def test_a_rule_that_moves_changes_both(self):
        other = self._create_policy(name="Other")
        self.assertVersions(1, other)
        self.rule.policy_id = other
        self.assertVersions(2)
        self.assertChanges(self.assertVersions(2, other), f"+ {CAP_2}")
        self.rule.unlink()
        self.assertVersions(3, other)

    def test_order(self):
        """Others who come, go or are numbered anew change nothing for those who
        stay."""
        below = self._create_policy(self._cap(1), name="Below", sequence=30)
        guard = self._create_policy(self._cap(9), name="Guard", is_guard=True)
        self.assertVersions(1, below)
        new = self._create_policy(self._cap(3), name="New", sequence=25)
        for place, policy in enumerate(self.policy + new + guard + below):
            policy.sequence = place
        for policy in (self.policy, new, below, guard):
            self.assertVersions(1, policy)
        below.sequence, self.policy.sequence = 0, 5
        version = self.assertVersions(2, below)
        self.assertIn(("+", "Asked first"), version._say_changes())
        self.assertVersions(2)
        self.assertVersions(1, new)
        new.name = "Newer"
        new.is_guard = False
        self.assertVersions(1, new)
        self.assertVersions(1, guard)
        guard.sequence = 0
        self.assertVersions(1, guard)
        new.active = False
        self.assertVersions(2)

    def test_import(self):
        """A file is one transaction."""
        self._save()
        result = self._as("author", self.env["contact.policy"]).load(
            [".id", "is_guard", "rule_ids/rule_type", "rule_ids/window_value"],
            [[str(self.policy.id), "1", "gap", "3"], ["", "", "gap", "4"]],
        )
        self.assertFalse(result["messages"])
        version = self.assertVersions(2)
        self.assertEqual(version.author_id, self.users["author"])
        self.assertIn("At least 3 days", version.sentences)

    def test_a_deleted_policy_keeps_its_versions(self):
        """What was decided stays explained."""
        version = self.assertVersions(1)
        self.policy.unlink()
        self._save()
        self.assertTrue(version.exists())
        self.assertFalse(version.policy_id)
        self.assertEqual(version.display_name, "Loyal, version 1")
        self.assertFalse(version.changes)

    def test_install_and_upgrade(self):
        """Policies from before there were versions get their first one."""
        self.env.cr.flush()
        self.policy.version_ids.unlink()
        archived = self._create_policy(self._cap(), active=False)
        self.env.cr.flush()
        archived.version_ids.unlink()
        self.env["contact.policy"]._install_versions()
        version = self.assertVersions(1)
        self.assertIn("began", version.reason)
        self.assertVersions(1, archived)
        self.env["contact.policy"]._install_versions()
        self.assertVersions(1)

    def test_two_at_a_time(self):
        """Whoever changes a policy while somebody else does begins again: the row of
        the policy is written, and with it its date."""
        self.rule.max_touches = 3
        moment = self._now
        self.assertVersions(2)
        self.assertEqual(self.policy.write_date, moment)
