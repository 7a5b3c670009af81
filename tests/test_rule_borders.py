import hashlib

from odoo.fields import Command
from odoo.tests import tagged

from .common import DAY, HOUR, NOW, SECOND
from .rule_kinds_common import KindsCase

WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@tagged("post_install", "-at_install")
class TestRuleBorders(KindsCase):
    """The last value that a rule may have, and the first that it may not."""

    def _accepts(self, kind, **vals):
        """Such a rule can be made; it is gone again."""
        self._rule(kind, **vals).policy_id.unlink()

    # ------------------------------------------------------------
    # Lengths of time
    # ------------------------------------------------------------

    def test_ten_years(self):
        for unit, most in (("hour", 87840), ("day", 3660), ("week", 522)):
            length = {"max_touches": 1, "window_unit": unit}
            with self.subTest(unit=unit):
                self._accepts("cap", window_value=most, **length)
                self.assertRefused("ten years", "cap", window_value=most + 1, **length)
        length = {"max_touches": 1, "window_unit": "month"}
        self._accepts("cap", window_value=120, **length)
        self.assertRefused("ten years", "cap", window_value=121, **length)

    def test_every_kind_with_a_length_needs_one(self):
        others = {"other_category_ids": self.service.ids}
        for kind, vals in (
            ("cap", {"max_touches": 1}),
            ("gap", {}),
            ("adaptive", {"max_touches": 1}),
            ("cost", {"max_cost": 1}),
            ("apart", others),
        ):
            with self.subTest(kind=kind):
                self._accepts(kind, window_value=1, window_unit="hour", **vals)
                for value, pattern in ((0, "needs a length"), (-1, "negative")):
                    self.assertRefused(pattern, kind, window_value=value, **vals)
                self.assertRefused("needs a length", kind, window_unit=False, **vals)
        self._accepts("holdout", window_value=0)

    def test_after_a_tag(self):
        vals = {"tag_ids": self.complaint.ids, "is_for_a_time": True}
        self._accepts("block", window_value=1, window_unit="hour", **vals)
        self._accepts("block", window_value=3660, window_unit="day", **vals)
        for value, unit in ((3661, "day"), (0, "day"), (-1, "day"), (7, False)):
            length = {"window_value": value, "window_unit": unit}
            self.assertRefused("needs a tag", "block", **length, **vals)

    # ------------------------------------------------------------
    # Numbers
    # ------------------------------------------------------------

    def test_classes(self):
        for least, most in ((0, 0), (0, 3), (3, 3)):
            self._accepts("adaptive", min_touches=least, max_touches=most)
        for least, most in ((-1, 3), (4, 3)):
            self.assertRefused(
                "Silent people", "adaptive", min_touches=least, max_touches=most
            )
        none = {"min_touches": 0, "max_touches": 0}
        sentence = self._rule("adaptive", **none).sentence
        self.assertIn("0 for silent, 0 for cold, 0 for warm, 0 for hot", sentence)

    def test_nobody_has_looked_yet(self):
        """Who has no class is silent."""
        self._rule("adaptive", min_touches=1, max_touches=4, window_value=7)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE contact_profile SET engagement_class = NULL WHERE id = %s",
            [self.anna.id],
        )
        self.env.invalidate_all()
        self.assertSend(self.anna)
        self._create_touch(self.anna, NOW - DAY)
        self.assertDefer(self.anna, NOW + 6 * DAY)

    def test_money(self):
        self._accepts("cost", max_cost=0)
        for vals in ({"max_cost": -0.01}, {"cost_share": -0.01}):
            self.assertRefused("less than nothing", "cost", **vals)
        if "sale.order" not in self.env:
            self.assertRefused("needs the app Sales", "cost", cost_share=1)

    def test_shares(self):
        for share in (0.01, 99.99):
            self._accepts("holdout", holdout_share=share)
        for share in (0, 100, -1, 101):
            self.assertRefused("more than 0", "holdout", holdout_share=share)

    def test_the_first_per_cent_is_left_out(self):
        """Shares are counted from nothing on: some draw has the person there."""
        place = 100.0
        for draw in map(str, range(10_000)):
            text = f"{draw}:{self.anna.id}".encode()
            place = int(hashlib.md5(text).hexdigest()[:8], 16) * 100 / 2**32
            if 0.1 < place < 0.9:
                break
        rule = self._rule("holdout", holdout_key=draw, holdout_share=1)
        self.assertHold(self.anna)
        rule.holdout_share = round(place - 0.05, 2)
        self.assertSend(self.anna)

    # ------------------------------------------------------------
    # Quiet
    # ------------------------------------------------------------

    def test_times_of_day(self):
        for hour in (0, 0.5, 23 + 59 / 60):
            self._accepts("quiet", quiet_from=hour, quiet_to=12)
            self._accepts("quiet", quiet_from=12, quiet_to=hour)
        for hour in (-0.5, 24):
            self.assertRefused("between 0:00", "quiet", quiet_from=hour, quiet_to=12)
            self.assertRefused("between 0:00", "quiet", quiet_from=12, quiet_to=hour)

    def test_quiet_in_words(self):
        for start, end, days, words in (
            (21, 8, WEEK, "from 9:00 PM to 8:00 AM,"),
            (12, 13, WEEK[:1], "from 12:00 PM to 1:00 PM on Monday,"),
            (0, 0, WEEK[5:], "on Saturday and Sunday,"),
        ):
            rule = self._rule(
                "quiet",
                quiet_from=start,
                quiet_to=end,
                **{f"on_{day}": day in days for day in WEEK},
            )
            self.assertIn(f" {words}", rule.sentence.replace("\u202f", " "))

    # ------------------------------------------------------------
    # Less and less
    # ------------------------------------------------------------

    def _ladder(self, grace_days=0, **step):
        return {"grace_days": grace_days, "step_ids": [Command.create(step)]}

    def test_steps(self):
        for step in (
            {"after_touches": 1, "window_value": 1, "window_unit": "hour"},
            {"after_days": 3660, "window_value": 3660},
            {"after_days": 1, "effect": "stop", "window_value": 0},
        ):
            self._accepts("sunset", **self._ladder(**step))
        self._accepts("sunset", **self._ladder(3660, after_touches=1))
        for pattern, vals in (
            ("ten years", self._ladder(after_days=3661)),
            ("Newcomers", self._ladder(3661, after_touches=1)),
            ("Newcomers", self._ladder(-1, after_touches=1)),
            ("some touches", self._ladder(after_touches=1, after_days=-1)),
            ("Say how long", self._ladder(after_touches=1, window_value=3661)),
            ("Say how long", self._ladder(after_touches=1, window_value=0)),
            ("Say how long", self._ladder(after_touches=1, window_unit=False)),
        ):
            self.assertRefused(pattern, "sunset", **vals)

    def test_silent_since(self):
        """So many days after the first touch without an answer, to the second."""
        self._rule("sunset", **self._ladder(after_days=30, effect="stop"))
        self._create_touch(self.anna, NOW - 30 * DAY + SECOND)
        self.assertSend(self.anna)
        self.assertHold(self.anna, at=NOW + SECOND)
        self._create_touch(self.anna, NOW - HOUR)
        self.assertSend(self.anna)

    # ------------------------------------------------------------
    # In between
    # ------------------------------------------------------------

    def test_tags_seen_again(self):
        """The last time counts, of the tags of the rule alone, to the second."""
        other = self.complaint.copy({"name": "Return"})
        self._rule(
            "block",
            tag_ids=(self.complaint | other).ids,
            is_for_a_time=True,
            window_value=30,
            window_unit="day",
        )
        third = self.complaint.copy({"name": "Praise"})
        bert = self._create_person("bert")
        for person, tag, seen in (
            (self.anna, self.complaint, NOW - 40 * DAY),
            (self.anna, other, NOW - 10 * DAY),
            (self.anna, third, NOW - DAY),
            (bert, self.complaint, NOW - 30 * DAY),
        ):
            self._see(person, tag, seen)
        self.assertDefer(self.anna, NOW + 20 * DAY)
        self.assertSend(bert)
        (before,) = self._check(bert, at=NOW - SECOND)
        self.assertEqual(before["next_allowed"], NOW)

    def _see(self, person, tag, seen):
        self.env["contact.tag.assignment"].create(
            {
                "profile_id": person.id,
                "tag_id": tag.id,
                "kind": "explicit",
                "first_seen": seen,
                "last_seen": seen,
            }
        )

    def test_apart_on_some_channels(self):
        """Only messages on those wait; what they wait for is on any."""
        self._rule(
            "apart",
            channel_ids=self.email.ids,
            other_category_ids=self.service.ids,
            window_value=3,
        )
        self._create_touch(
            self.anna, NOW - DAY, category_id=self.service.id, channel_id=self.call.id
        )
        self.assertDefer(self.anna, NOW + 2 * DAY)
        self.assertSend(self.anna, channel="letter")

    def test_block_in_words(self):
        segment = self.env["contact.segment"].create({"name": "Rivals"})
        vals = {"window_value": 30, "tag_ids": self.complaint.ids}
        rule = self._rule("block", segment_ids=segment.ids, is_for_a_time=True, **vals)
        terms = rule._terms()
        for step, said, unsaid in (
            (None, ("Rivals", "Complaint", "until 30 days"), ()),
            (0, ("Rivals",), ("Complaint", "until")),
            (1, ("Complaint", "until 30 days"), ("Rivals",)),
        ):
            words = rule._say(terms, step)
            for part in said:
                self.assertIn(part, words)
            for part in unsaid:
                self.assertNotIn(part, words)
