from datetime import date

from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.mass_mailing_contact_strategy.models.identity.people import of_partners

from .common import DAY, HOUR, NOW, SECOND
from .rule_kinds_common import KindsCase


@tagged("post_install", "-at_install")
class TestRuleKinds(KindsCase):
    """What each kind of rule says, refuses and answers."""

    # ------------------------------------------------------------
    # Quiet
    # ------------------------------------------------------------

    def test_quiet_nights(self):
        """In the person's own night; the mailing waits until it is over."""
        rule = self._rule("quiet", quiet_from=21, quiet_to=8)
        self.assertIn("from 9:00 PM to 8:00 AM", rule.sentence.replace("\u202f", " "))
        morning = NOW.replace(hour=6)  # 8:00 in Oslo
        self.assertSend(self.anna, at=morning)
        answer = self.assertDefer(self.anna, morning, at=NOW.replace(hour=2))
        self.assertIn("by the person's clock", answer["reasons"][0]["message"])
        bert = self._create_person("bert", tz="America/New_York")
        self.assertDefer(bert, NOW.replace(hour=12), at=morning)

    def test_quiet_when_a_cap_ends(self):
        """Free by the cap at night: the answer is the morning after."""
        self._create_policy(
            self._cap(1, 7), {"rule_type": "quiet", "quiet_from": 21, "quiet_to": 8}
        )
        self._create_touch(self.anna, NOW - 6 * DAY - 10 * HOUR)  # 1:00 in Oslo
        self.assertDefer(self.anna, NOW.replace(hour=6) + DAY)

    def test_quiet_dates(self):
        off = {f"on_{day}": False for day in ("monday", "tuesday", "wednesday")}
        off |= {f"on_{day}": False for day in ("thursday", "friday", "saturday")}
        dates = [
            Command.create({"name": "May", "date_from": date(2026, 5, 11)}),
            Command.create(
                {"date_from": date(2026, 5, 12), "date_to": date(2026, 5, 13)}
            ),
        ]
        rule = self._rule("quiet", on_sunday=False, date_ids=dates, **off)
        self.assertIn("on May", rule.sentence)
        self.assertDefer(self.anna, NOW.replace(day=13, hour=22))

    def test_quiet_that_cannot_be_meant(self):
        off = {f"on_{day}": False for day in ("monday", "tuesday", "wednesday")}
        off |= {f"on_{day}": False for day in ("thursday", "friday", "saturday")}
        self.assertRefused("for ever", "quiet", quiet_from=8, quiet_to=8)
        self.assertRefused("between 0:00", "quiet", quiet_from=25)
        self.assertRefused("weekdays or dates", "quiet", on_sunday=False, **off)
        wrong = {"date_from": date(2026, 5, 12), "date_to": date(2026, 5, 11)}
        self.assertRefused(
            "before the first", "quiet", date_ids=[Command.create(wrong)]
        )

    # ------------------------------------------------------------
    # Block and holdout
    # ------------------------------------------------------------

    def test_block_for_a_time_after_a_tag(self):
        rule = self._rule(
            "block",
            tag_ids=self.complaint.ids,
            is_for_a_time=True,
            window_value=30,
            window_unit="day",
        )
        self.assertIn("30 days after it was last seen", rule.sentence)
        self.assertSend(self.anna)
        self._complain(self.anna, NOW - 29 * DAY)
        self.assertDefer(self.anna, NOW + DAY)

    def test_block_while_a_tag_is_known(self):
        self._rule("block", tag_ids=self.complaint.ids)
        self._complain(self.anna, NOW - 900 * DAY)
        answer = self.assertHold(self.anna)
        self.assertFalse(answer["next_allowed"])
        self.assertIn("Complaint", answer["reasons"][0]["message"])

    def test_block_of_a_segment(self):
        segment = self.env["contact.segment"].create(
            {
                "name": "Competitors",
                "condition_ids": [
                    Command.create(
                        {"kind": "domain", "domain": "[('name', '=', 'anna')]"}
                    )
                ],
            }
        )
        rule = self._rule("block", segment_ids=segment.ids)
        self.assertHold(self.anna)
        self.assertSend(self._create_person("bert"))
        self.assertIn("Competitors", rule.sentence)
        self.assertEqual(segment.use_count, 1)

    def test_block_of_nobody(self):
        self.assertRefused("choose segments or tags", "block")
        self.assertRefused(
            "needs a tag",
            "block",
            tag_ids=self.complaint.ids,
            is_for_a_time=True,
            window_value=0,
        )

    def test_holdout_is_always_the_same(self):
        people = self.env["contact.profile"].browse(
            self._create_partners(200).profile_id.ids
        )
        rule = self._rule("holdout", holdout_share=20)
        held = [a["profile_id"] for a in self._check(people) if a["reasons"]]
        self.assertTrue(20 <= len(held) <= 60, len(held))
        rule.holdout_share = 40
        more = [a["profile_id"] for a in self._check(people) if a["reasons"]]
        self.assertLess(set(held), set(more), "who was left out still is")
        rule.holdout_key = "another"
        others = {a["profile_id"] for a in self._check(people) if a["reasons"]}
        self.assertNotEqual(others, set(more))
        self.assertRefused("more than 0", "holdout", holdout_share=0)
        self.assertRefused("less than 100", "holdout", holdout_share=100)

    # ------------------------------------------------------------
    # Less and less
    # ------------------------------------------------------------

    def _ladder(self, **vals):
        steps = (
            {"after_touches": 2, "window_value": 7},
            {"after_touches": 4, "effect": "pause", "window_value": 1}
            | {"window_unit": "month"},
            {"after_touches": 5, "effect": "stop"},
        )
        return self._rule(
            "sunset", step_ids=[Command.create(step) for step in steps], **vals
        )

    def test_ladder(self):
        rule = self._ladder()
        self.assertIn("no more touches until an answer", rule.sentence)
        touch = self._create_touch(self.anna, NOW - 3 * DAY)
        self.assertSend(self.anna)
        self._create_touch(self.anna, NOW - 2 * DAY)
        self.assertDefer(self.anna, NOW + 5 * DAY)
        self._create_touch(self.anna, NOW - DAY)
        self._create_touch(self.anna, NOW - HOUR)
        answer = self.assertDefer(self.anna, NOW.replace(month=6) - HOUR)
        self.assertIn("pause", answer["reasons"][0]["message"])
        last = self._create_touch(self.anna, NOW - SECOND)
        answer = self.assertHold(self.anna)
        self.assertFalse(answer["next_allowed"])
        last.write({"clicked": True, "clicked_date": NOW})
        self.assertSend(self.anna)
        last.write({"clicked": False, "clicked_date": False})
        touch.write({"clicked": True, "clicked_date": NOW - 36 * HOUR})
        self.assertDefer(self.anna, NOW + 7 * DAY - SECOND)

    def test_ladder_at_the_moment_of_the_decision(self):
        """A plan is made before the gate waits for its turn: what others reserve in
        the meantime counts, and so does the time that passes."""
        self._ladder()
        Engine = self.env["contact.policy.engine"]
        message = self.anna._message(self.email, self.env["contact.category"], None)
        people = of_partners(self.anna.partner_id.ids)
        self._create_touch(self.anna, NOW - DAY)
        plan = Engine._plan(message, at=NOW, people=people)
        self.assertFalse(Engine._decide(plan, people, NOW).refused())
        self._create_touch(self.anna, NOW + SECOND)
        self.env.flush_all()
        self.assertTrue(Engine._decide(plan, people, NOW + 2 * SECOND).refused())

    def test_silence_by_time(self):
        self._rule("sunset", step_ids=[Command.create({"after_days": 90})])
        self._create_touch(self.anna, NOW - 90 * DAY + SECOND)
        self.assertSend(self.anna)
        self._create_touch(self.anna, NOW - 90 * DAY)
        self.assertSend(self.anna)  # slowed down, and the last is long ago
        self._create_touch(self.anna, NOW - DAY)
        self.assertDefer(self.anna, NOW + 13 * DAY)

    def test_newcomers_and_others_are_left_alone(self):
        rule = self._ladder(grace_days=30)
        for hours in range(6):
            self._create_touch(self.anna, NOW - hours * HOUR)
        self.env.cr.execute(
            "UPDATE contact_profile SET create_date = %s WHERE id = %s",
            [NOW - 30 * DAY + SECOND, self.anna.id],
        )
        self.assertSend(self.anna)
        self.env.cr.execute(
            "UPDATE contact_profile SET create_date = %s WHERE id = %s",
            [NOW - 30 * DAY, self.anna.id],
        )
        self.assertHold(self.anna)
        everybody = self.env["contact.segment"].create({"name": "All"})
        rule.spared_segment_ids = everybody
        self.assertSend(self.anna)

    def test_ladders_that_cannot_be_meant(self):
        down = [{"after_touches": 5}, {"after_touches": 5, "effect": "stop"}]
        for pattern, steps in (
            ("Add a step", []),
            ("some touches, or some days", [{}]),
            ("some touches, or some days", [{"after_touches": -1}]),
            ("Say how long", [{"after_touches": 1, "window_value": 0}]),
            ("later than the one before", down),
        ):
            with self.subTest(pattern=pattern):
                self.assertRefused(
                    pattern,
                    "sunset",
                    step_ids=[Command.create(step) for step in steps],
                )
