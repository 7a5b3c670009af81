from unittest.mock import patch

from odoo.fields import Command
from odoo.tests import tagged

from .common import DAY, HOUR, NOW, GateCase
from .rule_kinds_common import KindsCase


@tagged("post_install", "-at_install")
class TestEngineReview(GateCase):
    """What goes first, and who is let through."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = cls._create_partners(1)
        cls.anna = cls.people.profile_id

    def test_forecast_of_people_who_belong_together(self):
        """It counts whoever gets the message before them, as the gate does."""
        firm = self.env["res.partner"].create({"name": "Firm", "is_company": True})
        home = {"street": "Main Street 1", "zip": "1010", "city": "Vienna"}
        people = self._create_partners(6, "clerk", parent_id=firm.id)
        people |= self._create_partners(4, "flatmate", **home)
        people |= self._create_partners(1, "other")
        for partner in (people[0], people[7]):
            self._create_touch(partner.profile_id, NOW - DAY)
        for number, rule in enumerate(
            (
                self._cap(2, 7, count_per="company", count_what="people"),
                self._cap(3, 7, count_per="company"),
                self._cap(3, 1, count_per="household", window_kind="calendar"),
                self._cap(1, 3, count_per="household", on_exceed="hold"),
            )
        ):
            with self.subTest(rule=number):
                policy = self._create_policy(rule)
                mailing = self._create_mailing(people, f"Mailing {number}")
                said = mailing.preflight_now, mailing.preflight_later
                self._launch(mailing)
                touches = self._touches(mailing)
                done = len(touches), mailing.deferred_count
                self.assertEqual(said, done)
                self.assertLess(said[0], len(people))
                policy.action_archive()
                touches.unlink()

    def test_forecast_of_an_exempt_kind(self):
        """What does not count takes nothing away from the next."""
        self._create_policy(self._cap(1, 7, count_per="company"))
        firm = self.env["res.partner"].create({"name": "Firm", "is_company": True})
        people = self._create_partners(3, "clerk", parent_id=firm.id)
        self.newsletter.counts = False
        mailing = self._create_mailing(people)
        self.assertEqual(mailing.preflight_now, 3)
        self._launch(mailing)
        self.assertOutcome(mailing, people, sent=3)

    def test_an_override_holds_against_programs(self):
        self._create_policy(self._code("recipients.hold(profiles, 'Never')"))
        mailing = self._create_mailing(self.people, "Recall")
        self.env["contact.override"].create(
            {"reason": "Recall", "until": NOW + DAY, "mailing_id": mailing.id}
        )
        self._launch(mailing)
        self.assertOutcome(mailing, self.people, sent=1)

    def test_test_addresses_pass_programs(self):
        self._create_policy(self._code("recipients.hold(profiles, 'Never')"))
        self.anna.is_seed = True
        self.assertSend(self.anna)

    def test_a_branch_is_bound_by_its_unit(self):
        unit = self.env.company
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": unit.id}
        )
        self._create_policy(self._cap(1, 7), company_id=unit.id)
        self._create_touch(self.anna, NOW - HOUR)
        (answer,) = self._check(self.anna, company=branch)
        self.assertEqual(answer["decision"], "defer")


@tagged("post_install", "-at_install")
class TestEngineReviewKinds(KindsCase):
    """Rules of other kinds."""

    def test_a_currency_put_away(self):
        other = self._create_currency()
        self._rule("cost", max_cost=1.5, window_value=7)
        self._create_touch(self.anna, NOW - DAY, cost=4, currency_id=other.id)
        self.assertSend(self.anna)  # worth one
        other.active = False
        self.assertSend(self.anna)

    def _seen(self, tag, seen, **vals):
        return self.env["contact.tag.assignment"].create(
            {"profile_id": self.anna.id, "tag_id": tag.id, "kind": "explicit"}
            | {"first_seen": seen, "last_seen": seen, **vals}
        )

    def test_a_tag_that_is_over_does_not_prolong_a_block(self):
        other = self.complaint.copy({"name": "Other"})
        self._rule(
            "block",
            tag_ids=(self.complaint | other).ids,
            is_for_a_time=True,
            window_value=30,
            window_unit="day",
        )
        self._seen(self.complaint, NOW - 100 * DAY)
        row = self._seen(other, NOW - 20 * DAY)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE contact_tag_assignment SET expires = %s WHERE id = %s",
            [NOW - 10 * DAY, row.id],
        )
        self.env.invalidate_all()
        self.assertSend(self.anna)

    def test_who_came_long_ago_is_no_newcomer(self):
        """A customer of years, whose profile was made when the addon came."""
        stop = Command.create({"after_touches": 2, "effect": "stop"})
        self._rule("sunset", step_ids=[stop], grace_days=30)
        self.env.cr.execute(
            "UPDATE res_partner SET create_date = %s WHERE id = %s",
            [NOW - 2000 * DAY, self.anna.partner_id.id],
        )
        for back in (3, 2, 1):
            self._create_touch(self.anna, NOW - back * 300 * DAY)
        self.env.invalidate_all()
        self.assertHold(self.anna)

    def test_a_ladder_says_the_same_both_ways(self):
        stop = Command.create({"after_touches": 2, "effect": "stop"})
        old = Command.create(
            {"after_days": 100, "effect": "pause", "window_value": 1}
            | {"window_unit": "month"}
        )
        bert, carl = self._create_person("bert"), self._create_person("carl")
        self._rule("sunset", step_ids=[old, stop])
        for back in (3, 2):
            self._create_touch(self.anna, NOW - back * DAY)
        self._create_touch(bert, NOW - 150 * DAY, clicked=True)
        self._create_touch(bert, NOW - 140 * DAY)
        self._create_touch(bert, NOW + DAY)
        self._create_touch(carl, NOW - 100 * DAY)
        self._create_touch(carl, NOW - 2 * DAY, state="failed")
        people = self.anna | bert | carl
        answers = []
        for at_once in (False, True):
            with patch.object(
                type(self.env["contact.policy.engine"]),
                "_is_large_part",
                lambda *_, at_once=at_once: at_once,
            ):
                answers.append(people.check_contact("email", at=NOW))
        self.assertEqual(*answers)
