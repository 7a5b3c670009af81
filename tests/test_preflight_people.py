import doctest
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.mass_mailing_contact_strategy.models.delivery import (
    mailing_mailing_preflight,
    preflight,
)

from .common import DAY, HOUR, NOW
from .preflight_common import PreflightCase


@tagged("post_install", "-at_install")
class TestPreflightPeople(PreflightCase):
    """Names behind every number, and what each rule costs."""

    def test_doctests(self):
        self.assertEqual(doctest.testmod(preflight).failed, 0)

    def test_names_add_up(self):
        """Everybody has one answer, and the numbers are theirs."""
        result = self.mailing._preflight_people()
        people = result["recipients"]
        self.assertEqual(
            {kind: len(people[kind]) for kind in people},
            {kind: result[kind] for kind in ("now", "later", "not")},
        )
        everybody = people["now"] + people["later"] + people["not"]
        self.assertEqual(sorted(everybody), sorted(self.partners.ids))
        for line in result["lines"]:
            self.assertEqual(len(line["recipients"]), line["count"])
            self.assertLessEqual(set(line["recipients"]), set(people[line["kind"]]))
        for kind in people:
            self.assertTrue(people[kind], kind)

    def test_those_named_are_those_it_is_sent_to(self):
        people = self.mailing._preflight_people()["recipients"]
        self._launch(self.mailing)
        outcomes = self._outcomes(self.mailing)
        kinds = {"sent": "now", "deferred": "later", "held": "not", "cancel": "not"}
        said = {res_id: kind for kind, ids in people.items() for res_id in ids}
        self.assertEqual(said, {r: kinds[o] for r, o in outcomes.items()})

    def test_cost_is_what_the_rule_keeps_back(self):
        """As many more get it as when the rule is really taken away."""
        lines, now, costs = self._lines(), self._reached(), {}
        for rule in self.policy.rule_ids:
            rule.active = False
            costs[rule.id] = self._reached() - now
            rule.active = True
        said = {rule_id: line["cost"] for rule_id, line in lines.items()}
        self.assertEqual(said, {rule_id: costs[rule_id] for rule_id in said})
        self.assertFalse(sum(costs[rule_id] for rule_id in costs.keys() - said))
        self.assertTrue(all(costs[rule.id] for rule in (self.cap, self.gap)))

    def test_looser_is_what_the_rule_would_bring(self):
        """As many more get it as when the rule is really made looser."""
        lines, now = self._lines(), self._reached()
        looser = {
            self.cap: {"max_touches": 3},
            self.gap: {"window_value": 1},
            self.strict: {"max_touches": 4},
        }
        gains = []
        for rule, vals in looser.items():
            before = {name: rule[name] for name in vals}
            rule.write(vals)
            gains.append(self._reached() - now)
            if line := lines.get(rule.id):
                self.assertEqual(line["looser_gain"], gains[-1])
                self.assertIn(line["looser"], rule.sentence)
            rule.write(before)
        self.assertGreater(sum(gains), 0)

    def test_next_step(self):
        """Half of a day is twelve hours; half of an hour cannot be said."""
        for value, unit, half in (
            (1, "day", {"window_value": 12, "window_unit": "hour"}),
            (3, "week", {"window_value": 252, "window_unit": "hour"}),
            (1, "month", {"window_value": 15, "window_unit": "day"}),
            (4, "day", {"window_value": 2}),
            (1, "hour", {}),
        ):
            self.gap.write({"window_value": value, "window_unit": unit})
            self.assertEqual(self.gap._get_looser(), half)
        self.assertFalse(self.gap._say_looser())

    def test_an_address_frees_one(self):
        """Three colleagues in one inbox: the rule keeps one message from going out."""
        office = self.env["res.partner"].create(
            [{"name": f"shared {i}", "email": "shared@strategy.test"} for i in range(3)]
        )
        for profile in office.profile_id:
            self._create_touch(profile, NOW - HOUR)
        mailing = self._create_mailing(office)
        (line,) = mailing._preflight_people()["lines"]
        self.assertEqual((line["count"], line["cost"]), (3, 1))

    def test_own_wish_has_no_price(self):
        """What people asked for is nobody's to trade."""
        person = self._create_person("wisher")
        wish = self.env["contact.wish"]._of(person)
        wish._keep({"max_touches": 1, "period": "week"}, "page")
        self._create_touch(person, NOW - 5 * DAY)
        (line,) = self._create_mailing(person.partner_id)._preflight_people()["lines"]
        self.assertFalse(line["rule_id"])
        self.assertNotIn("cost", line)

    def test_without_a_policy(self):
        self.policy.action_archive()
        self.assertFalse(self._lines())
        wizard = self.env["contact.preflight"].create({"mailing_id": self.mailing.id})
        reached = {wizard.get_reach(day)["reach"] for day in range(14)}
        self.assertEqual(reached, {wizard.now_count})

    def test_without_recipients(self):
        mailing = self._create_mailing(self.partners.browse())
        wizard = self.env["contact.preflight"].create({"mailing_id": mailing.id})
        self.assertFalse(wizard.line_ids)
        self.assertEqual(wizard.get_reach(0)["reach"], 0)
        action = wizard.action_view_answer("now")
        self.assertEqual(action["domain"], [("id", "in", [])])


@tagged("post_install", "-at_install")
class TestPreflightDialog(PreflightCase):
    """The dialog: people, moments, the schedule."""

    def setUp(self):
        super().setUp()
        self.user = self._create_user("sender", "mass_mailing.group_mass_mailing_user")
        self.user.tz = "Europe/Vienna"
        self.mailing.user_id = self.user

    def _open(self):
        mailing = self.mailing.with_user(self.user)
        wizard = self.env["contact.preflight"].with_user(self.user)
        return wizard.browse(mailing.action_preflight()["res_id"])

    def test_numbers_lead_to_people(self):
        wizard = self._open()
        for kind in ("now", "later", "not"):
            action = wizard.action_view_answer(kind)
            found = self.env[action["res_model"]].search_count(action["domain"])
            self.assertEqual(found, wizard[f"{kind}_count"])
            same = self.mailing.with_user(self.user).action_view_preflight(kind)
            self.assertEqual(same["domain"], action["domain"])
        for line in wizard.line_ids:
            action = line.action_view_recipients()
            self.assertEqual(len(action["domain"][0][2]), line.count)
            self.assertEqual(action["name"], line.label)

    def test_very_many_people_are_named_in_part(self):
        module = "odoo.addons.mass_mailing_contact_strategy"
        with (
            patch.object(mailing_mailing_preflight, "NAMED", 2),
            patch(f"{module}.wizards.contact_preflight.NAMED", 2),
        ):
            action = self._open().action_view_answer("later")
        self.assertEqual(len(action["domain"][0][2]), 2)
        self.assertIn("the first 2", action["name"])

    def test_nobody_else_looks(self):
        wizard = self._open()
        other = self._create_user("other", "mass_mailing.group_mass_mailing_user")
        for ask in (
            lambda: wizard.with_user(other).action_view_answer("now"),
            lambda: wizard.with_user(other).get_reach(0),
            lambda: wizard.with_user(other).action_send_then(0),
            lambda: wizard.line_ids[0].with_user(other).action_view_recipients(),
            lambda: wizard.write({"sample": [1]}),
            lambda: wizard.read(["recipients"]),
        ):
            with self.assertRaises(AccessError):
                ask()

    def test_reach_of_each_day(self):
        """What is said of a day is what the engine says when it has come."""
        wizard = self._open()
        said = [wizard.get_reach(day) for day in range(14)]
        self.assertEqual({answer["days"] for answer in said}, {14})
        self.assertFalse(any(answer["margin"] for answer in said))
        done = []
        for answer in said:
            self._go_to(fields.Datetime.to_datetime(answer["moment"]))
            done.append(self._reached())
        self.assertEqual([answer["reach"] for answer in said], done)
        self.assertEqual(done[0], wizard.now_count)
        self.assertGreater(max(done), done[0])

    def test_same_hour_of_the_clock(self):
        """Over the end of summer time the hour stays; the moment in UTC does not."""
        self._go_to(NOW.replace(month=10, day=20))
        wizard = self._open()
        moments = [wizard.get_reach(day)["moment"] for day in (0, 4, 5, 13)]
        self.assertEqual(
            moments,
            [
                "2026-10-20 09:00:00",
                "2026-10-24 09:00:00",
                "2026-10-25 10:00:00",
                "2026-11-02 10:00:00",
            ],
        )

    def test_hour_of_the_schedule(self):
        """The first day is the next on which that hour comes."""
        self.mailing.schedule_date = NOW + 5 * DAY - 2 * HOUR
        wizard = self._open()
        self.assertEqual(wizard.get_reach(0)["moment"], "2026-05-13 07:00:00")
        self.assertEqual(wizard.get_reach(13)["moment"], "2026-05-26 07:00:00")

    def test_not_after_it_is_useful(self):
        self.mailing.useful_until = NOW + 3 * DAY
        wizard = self._open()
        self.assertEqual(wizard.get_reach(3)["days"], 4)
        self.assertFalse(wizard.get_reach(4))
        with self.assertRaises(UserError):
            wizard.action_send_then(4)

    def test_one_click_sets_the_schedule(self):
        wizard = self._open()
        wizard.action_send_then(2)
        self.assertEqual(self.mailing.schedule_type, "scheduled")
        self.assertEqual(self.mailing.schedule_date, NOW + 2 * DAY)
        self.assertEqual(self.mailing.state, "in_queue")

    def test_sent_mailings_are_not_planned(self):
        wizard = self._open()
        self.mailing.state = "done"
        with self.assertRaises(UserError):
            wizard.action_send_then(2)

    def test_a_sample_says_its_error(self):
        """Of many some are asked; the truth is within the error that is said."""
        exact = [self._open().get_reach(day)["reach"] for day in (0, 7)]
        with patch.object(preflight, "SAMPLE", 15):
            wizard = self._open()
        self.assertEqual(len(wizard.sudo().sample), 15)
        for day, truth in zip((0, 7), exact, strict=True):
            answer = wizard.get_reach(day)
            self.assertGreater(answer["margin"], 0)
            # five of a hundred samples lie outside, hardly any so far
            self.assertLessEqual(abs(answer["reach"] - truth), 2 * answer["margin"])

    def test_days_that_are_none(self):
        wizard = self._open()
        for day in (-1, 14, "1", True, None, [0], 0.0):
            with self.assertRaises(UserError):
                wizard.get_reach(day)
        with self.assertRaises(UserError):
            wizard.action_view_answer("soon")
