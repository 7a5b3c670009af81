from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .common import ADDON, DAY, HOUR, NOW, GateCase
from .rule_kinds_common import KindsCase


@tagged("post_install", "-at_install")
class TestRuleKindsCounts(KindsCase):
    """Rules that count: by class, in money, by kind, per company; and their parts."""

    def _create_ladder(self):
        step = Command.create(
            {"after_touches": 4, "effect": "pause", "window_value": 1}
            | {"window_unit": "month"}
        )
        stop = Command.create({"after_touches": 5, "effect": "stop"})
        return self._rule("sunset", step_ids=[step, stop])

    # ------------------------------------------------------------
    # As many as people respond to
    # ------------------------------------------------------------

    def test_allowance_follows_the_class(self):
        rule = self._rule("adaptive", min_touches=1, max_touches=5, window_value=7)
        self.assertIn("1 for silent, 2 for cold, 3 for warm, 5 for hot", rule.sentence)
        for place in range(5):
            self._create_touch(self.anna, NOW - place * HOUR)
        for name, allowed in (("silent", 1), ("cold", 2), ("warm", 3), ("hot", 5)):
            self.env.cr.execute(
                "UPDATE contact_profile SET engagement_class = %s WHERE id = %s",
                [name, self.anna.id],
            )
            self.env.invalidate_all()
            oldest = NOW - (allowed - 1) * HOUR
            answer = self.assertDefer(self.anna, oldest + 7 * DAY)
            self.assertIn(f"{allowed} for {name}", answer["reasons"][0]["message"])
            self.assertEqual(len(answer["reasons"][0]["touch_ids"]), allowed)
        self.assertRefused("more than those", "adaptive", min_touches=3, max_touches=2)

    # ------------------------------------------------------------
    # Money
    # ------------------------------------------------------------

    def test_cost(self):
        self.email.cost = 0.1
        rule = self._rule("cost", max_cost=0.3, window_value=7)
        self.assertTrue(rule.sentence.startswith("Touches may cost"))
        self._create_touch(self.anna, NOW - 3 * DAY, cost=0.1)
        self._create_touch(self.anna, NOW - 2 * DAY, cost=0.1)
        self.assertSend(self.anna)  # three tenths are three tenths
        self._create_touch(self.anna, NOW - DAY, cost=0.1)
        # What cost nothing, or was for somebody else, is not in the way.
        self._create_touch(self.anna, NOW - HOUR, cost=0)
        self._create_touch(self._create_person("carl"), NOW - HOUR, cost=0.3)
        answer = self.assertDefer(self.anna, NOW + 4 * DAY)
        self.assertEqual(len(answer["reasons"][0]["touch_ids"]), 3)
        self._create_touch(self.anna, NOW - HOUR, cost=0.2)
        self.assertDefer(self.anna, NOW + 6 * DAY)
        self.assertSend(self._create_person("bert"))
        rule.max_cost = 0.05
        self.assertHold(self.anna)
        self.assertRefused("less than nothing", "cost", max_cost=-1)
        self.assertRefused("needs a currency", "cost", max_cost=1, currency_id=False)

    def test_cost_in_another_currency(self):
        other = self._create_currency()
        self._rule("cost", max_cost=1, window_value=7)
        self._create_touch(self.anna, NOW - DAY, cost=4, currency_id=other.id)
        self.assertSend(self.anna)
        self._create_touch(self.anna, NOW - HOUR, cost=0.01, currency_id=other.id)
        self.assertDefer(self.anna, NOW + 6 * DAY)

    def test_what_is_sent_costs_in_another_currency(self):
        """The channel's currency is that of its price."""
        self.email.write({"cost": 4, "currency_id": self._create_currency().id})
        rule = self._rule("cost", max_cost=1, window_value=7)
        self.assertSend(self.anna)
        rule.max_cost = 0.99
        self.assertHold(self.anna)
        rule.max_cost = 2
        own = self.env.company.currency_id
        touch = self._create_touch(self.anna, NOW - DAY, cost=1, currency_id=own.id)
        self.assertSend(self.anna)
        touch.cost = 1.01  # in the unit's own currency, as it stands
        self.assertDefer(self.anna, NOW + 6 * DAY)

    def test_the_currency_is_said(self):
        other, own = self._create_currency(), self.env.company.currency_id
        (own | other).write({"position": "after"})
        own.symbol, other.symbol = "Own", "Other"
        for currency in (own, other):
            rule = self._rule("cost", max_cost=3, currency_id=currency.id)
            self.assertIn(f"3.00\N{NO-BREAK SPACE}{currency.symbol}", rule.sentence)

    # ------------------------------------------------------------
    # Never near another kind
    # ------------------------------------------------------------

    def test_apart(self):
        rule = self._rule(
            "apart",
            category_ids=self.promotion.ids,
            other_category_ids=self.service.ids,
            window_value=3,
        )
        self._create_touch(self.anna, NOW - DAY, category_id=self.service.id)
        self.assertDefer(self.anna, NOW + 2 * DAY, category="promotion")
        self.assertSend(self.anna, category="newsletter")
        bert = self._create_person("bert")
        self._create_touch(bert, NOW - DAY, category_id=self.promotion.id)
        self.assertSend(bert, category="promotion")
        self.newsletter.obeys_caps = True
        rule.other_category_ids = self.newsletter
        self.assertSend(bert, category="newsletter")
        rule.is_mutual = True
        self.assertDefer(bert, NOW + 2 * DAY, category="newsletter")
        self.assertRefused("others must wait", "apart")

    # ------------------------------------------------------------
    # Per company
    # ------------------------------------------------------------

    def _firm(self, count):
        firm = self.env["res.partner"].create({"name": "Firm", "is_company": True})
        people = self._create_partners(count, "clerk", parent_id=firm.id)
        return people.profile_id

    def test_people_of_one_company(self):
        """Two of one firm a week: whoever was written to may be again."""
        rule = self._create_policy(
            self._cap(2, 7, count_per="company", count_what="people")
        ).rule_ids
        self.assertIn("2 people with touches in any 7 days per company", rule.sentence)
        first, second, third = self._firm(3)
        self._create_touch(first, NOW - 2 * DAY)
        self._create_touch(second, NOW - 3 * DAY)
        self._create_touch(second, NOW - DAY)
        self._create_touch(self.anna, NOW - HOUR)
        self.assertSend(first | second)
        self.assertDefer(third, NOW + 5 * DAY)
        self.assertSend(self.anna)

    def test_touches_of_one_company(self):
        self._create_policy(self._cap(2, 7, count_per="company"))
        first, second, third = self._firm(3)
        self._create_touch(first, NOW - 2 * DAY)
        self._create_touch(second, NOW - DAY)
        for person in (first, second, third):
            self.assertDefer(person, NOW + 5 * DAY)
        self._create_touch(self.anna, NOW - DAY)
        self.assertSend(self.anna)

    # ------------------------------------------------------------
    # Parts of rules
    # ------------------------------------------------------------

    def test_parts_stay_with_their_unit(self):
        """Nobody moves a step into a rule that they may not change."""
        rule = self._create_ladder()
        unit = self.env["res.company"].create({"name": "Unit"})
        theirs = self._create_policy(self._cap(), company_id=unit.id).rule_ids
        manager = self._create_user("boss", f"{ADDON}.{ADDON}_group_manager")
        step = rule.step_ids[0].with_user(manager)
        with self.assertRaises(AccessError):
            step.rule_id = theirs
        step.after_touches = 1
        self.assertEqual(rule.step_ids[0].after_touches, 1)

    def test_copy(self):
        """A copy of a policy has the steps and the dates, too."""
        policy = self._create_ladder().policy_id
        self.assertEqual(len(policy.copy().rule_ids.step_ids), 2)
        quiet = [Command.create({"date_from": NOW.date() + timedelta(days=1)})]
        policy = self._rule("quiet", date_ids=quiet).policy_id
        self.assertEqual(len(policy.copy().rule_ids.date_ids), 1)

    def test_how_far_back_a_ladder_looks(self):
        rule = self._create_ladder()
        needed = rule._needed_since(NOW)
        self.assertLess(needed, NOW - 27 * DAY)
        self.assertGreater(needed, NOW - 50 * DAY)


@tagged("post_install", "-at_install")
class TestRuleKindsGate(GateCase):
    """What people share is counted while one mailing is decided, too."""

    def test_a_mailing_to_a_company(self):
        """One mailing to all of them passes the gate for two, and no more."""
        for what in ("people", "touches"):
            policy = self._create_policy(
                self._cap(2, 7, count_per="company", count_what=what)
            )
            firm = self.env["res.partner"].create({"name": what, "is_company": True})
            people = self._create_partners(6, what, parent_id=firm.id).profile_id
            mailing = self._create_mailing(people.partner_id)
            self._launch(mailing)
            sent = self.env["contact.touch"].search(
                [("mailing_id", "=", mailing.id), ("state", "in", ("reserved", "sent"))]
            )
            self.assertEqual(len(sent.profile_id), 2, what)
            self.assertEqual(len(mailing.hold_ids), 4)
            policy.action_archive()
