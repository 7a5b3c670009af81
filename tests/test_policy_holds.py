from odoo.fields import Command
from odoo.tests import tagged

from .common import DAY, HOUR, NOW, GateCase


@tagged("post_install", "-at_install")
class TestPolicyHolds(GateCase):
    """Whom a policy holds back, counted and in words."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        nobody = "[('email_normalized', '=', 'nobody@strategy.test')]"
        cls.other = cls._create_policy(domain=nobody)
        cls.policy = cls._create_policy(cls._cap(1))
        cls.people = cls._create_partners(3, prefix="waits")

    def _holds(self, *people):
        mailing = self._create_mailing(self.people)
        self._launch(mailing)
        self.assertEqual(mailing.deferred_count, len(people), self._outcomes(mailing))
        return mailing.hold_ids

    def test_are_counted_and_shown(self):
        """By the policy that holds them back, and as long as it does."""
        self.assertEqual((self.policy.hold_count, self.other.hold_count), (0, 0))
        one, two, _three = self.people
        for person in (one, two):
            self._create_touch(person.profile_id, NOW - DAY)
        holds = self._holds(one, two)
        (self.policy | self.other).invalidate_recordset()
        self.assertEqual((self.policy.hold_count, self.other.hold_count), (2, 0))
        Hold = self.env["contact.hold"]
        self.assertEqual(Hold.search(self.policy.action_view_holds()["domain"]), holds)
        self.assertFalse(Hold.search(self.other.action_view_holds()["domain"]))
        self._go_to(NOW + 6 * DAY)
        self._run_queue()
        self.assertEqual(set(holds.mapped("state")), {"sent"})
        self.assertEqual(self.policy.hold_count, 0)

    def _said(self, touches, maximum=None):
        """Why somebody waits who was sent so many messages already."""
        person = self.people[0].profile_id
        self.policy.rule_ids.max_touches = maximum or touches
        for number in range(touches):
            self._create_touch(person, NOW - DAY - number * HOUR, note=f"No. {number}")
        return self._holds(person).reason

    def test_five_touches_are_named(self):
        reason = self._said(5)
        for number in range(5):
            self.assertIn(f"“No. {number}”", reason)
        self.assertNotIn("more", reason)

    def test_of_more_the_number_is_said(self):
        reason = self._said(7)
        self.assertIn("“No. 4”", reason)
        self.assertNotIn("“No. 5”", reason)
        self.assertIn("2 more", reason)
        self.assertNotIn("First comes", reason)

    def test_of_one_more(self):
        self.assertIn("1 more", self._said(6))

    def test_until_when_a_tag_stops_them(self):
        """Each person's own time, though many are asked at once."""
        dimension = self.env["contact.tag.dimension"].create({"name": "Trouble"})
        tag = self.env["contact.tag"].create(
            {"name": "Complaint", "dimension_id": dimension.id}
        )
        self.policy.write(
            {
                "rule_ids": [
                    Command.create(
                        {
                            "rule_type": "block",
                            "tag_ids": tag.ids,
                            "is_for_a_time": True,
                            "window_value": 5,
                            "window_unit": "day",
                        }
                    )
                ]
            }
        )
        self.env["contact.tag.assignment"].create(
            [
                {
                    "profile_id": person.profile_id.id,
                    "tag_id": tag.id,
                    "kind": "explicit",
                    "first_seen": NOW - days * DAY,
                    "last_seen": NOW - days * DAY,
                }
                for days, person in enumerate(self.people[:2], 1)
            ]
        )
        holds = self._holds(*self.people[:2])
        ends = {hold.res_id: hold.next_allowed for hold in holds}
        one, two, _three = self.people
        self.assertEqual(ends, {one.id: NOW + 4 * DAY, two.id: NOW + 3 * DAY})

    def test_what_is_booked_counts(self):
        """Unless its kind does not, or it went to an address for tests."""
        self.people[0].profile_id.is_seed = True
        self.policy.rule_ids.max_touches = 5
        for category, counts in ((self.newsletter, 2), (self.transactional, 0)):
            category.counts = bool(counts)
            mailing = self._create_mailing(self.people, category_id=category.id)
            self._launch(mailing)
            touches = self._touches(mailing)
            self.assertEqual(len(touches), 3)
            self.assertEqual(len(touches.filtered("counts")), counts)

    def test_headline(self):
        self._create_touch(self.people[0].profile_id, NOW - DAY)
        hold = self._holds(self.people[0])
        self.assertIn("waits 0", hold.headline)
        self.assertIn("“Spring” later", hold.headline)
        self.assertFalse(self.env["contact.hold"].new({}).headline)
