from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import ADDON, DAY, NOW, SECOND, GateCase


@tagged("post_install", "-at_install")
class TestOverride(GateCase):
    """Against the rules: signed, listed, for a time, and it counts."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policy = cls._create_policy(cls._cap(1, 7))
        cls.anna, cls.bert = (cls._create_person(name) for name in ("anna", "bert"))

    def setUp(self):
        super().setUp()
        for person in (self.anna, self.bert):
            self._create_touch(person, NOW - DAY)
        people = (self.anna | self.bert).partner_id
        self.mailing = self._create_mailing(people, "Recall")

    def _override(self, **vals):
        return self.env["contact.override"].create(
            {"reason": "Recall", "until": NOW + DAY, **vals}
        )

    def _sent(self, mailing=None):
        mailing = mailing or self.mailing
        touches = self.env["contact.touch"].search([("mailing_id", "=", mailing.id)])
        return touches.profile_id

    def test_a_mailing(self):
        """Whoever waits gets it; it is listed, and counts from then on."""
        self._launch(self.mailing)
        self.assertEqual(self.mailing.deferred_count, 2)
        override = self._override(mailing_id=self.mailing.id)
        self._run_queue()
        self.assertEqual(self._sent(), self.anna | self.bert)
        self.assertEqual(override.touch_count, 2)
        self.assertEqual(set(self.mailing.hold_ids.mapped("state")), {"overridden"})
        self.assertFalse(self.mailing.deferred_count or self.mailing.held_count)
        bodies = "".join(self.mailing.message_ids.mapped("body"))
        self.assertIn("overrides the contact strategy", bodies)
        self.assertDefer(self.anna, NOW + 7 * DAY)

    def assertDefer(self, person, until):
        (answer,) = person.check_contact("email", at=self._now)
        self.assertEqual((answer["decision"], answer["next_allowed"]), ("defer", until))

    def test_only_what_would_be_held_back_is_an_exception(self):
        override = self._override(mailing_id=self.mailing.id)
        self.env["contact.touch"].search([("profile_id", "=", self.anna.id)]).unlink()
        self._launch(self.mailing)
        self.assertEqual(override.touch_ids.profile_id, self.bert)

    def test_a_person(self):
        """All mailings of the unit; nobody else."""
        self._override(profile_id=self.anna.id)
        (answer,) = self.anna.check_contact("email", at=NOW)
        self.assertEqual(answer["decision"], "send")
        self.assertDefer(self.bert, NOW + 6 * DAY)
        self._launch(self.mailing)
        self.assertEqual(self._sent(), self.anna)

    def test_a_person_and_a_mailing(self):
        self._override(profile_id=self.anna.id, mailing_id=self.mailing.id)
        (answer,) = self.anna.check_contact("email", at=NOW)
        self.assertEqual(answer["decision"], "defer", "of no mailing")
        other = self._create_mailing(self.anna.partner_id, "Other")
        self._launch(other)
        self.assertFalse(self._sent(other))
        self._launch(self.mailing)
        self.assertEqual(self._sent(), self.anna)

    def test_its_end(self):
        override = self._override(profile_id=self.anna.id)
        self._go_to(override.until)
        self.assertFalse(override.is_open)
        self.assertDefer(self.anna, NOW + 6 * DAY)

    def test_taken_back(self):
        override = self._override(profile_id=self.anna.id)
        override.action_revoke()
        self.assertFalse(override.is_open)
        self.assertEqual(override.revoked_by_id, self.env.user)
        self.assertDefer(self.anna, NOW + 6 * DAY)
        self.assertNotIn(
            override, self.env["contact.override"].search([("is_open", "=", True)])
        )

    def test_found_while_in_force(self):
        """Until its last second, and not when it was taken back."""
        Override = self.env["contact.override"]
        ended = self._override(profile_id=self.bert.id, until=NOW + DAY)
        override = self._override(profile_id=self.anna.id, until=NOW + 2 * DAY)
        revoked = self._override(profile_id=self.bert.id, until=NOW + 2 * DAY)
        revoked.action_revoke()
        mine = [("id", "in", (ended | override | revoked).ids)]
        self._go_to(ended.until)
        for found, there in ((True, override), (False, ended | revoked)):
            domain = [("is_open", "=", found), *mine]
            self.assertEqual(Override.search(domain), there)
            asked = [*Override._search_is_open("in", [found]), *mine]
            self.assertEqual(Override.search(asked), there)
        self.assertIs(Override._search_is_open("not in", [True]), NotImplemented)

    def test_the_oldest_answers_for_it(self):
        first = self._override(profile_id=self.anna.id)
        second = self._override(mailing_id=self.mailing.id)
        self.assertEqual((first.touch_count, second.touch_count), (0, 0))
        self._launch(self.mailing)
        self.assertEqual(first.touch_ids.profile_id, self.anna)
        self.assertEqual(second.touch_ids.profile_id, self.bert)

    def test_at_most_a_year(self):
        year = self._override(profile_id=self.anna.id, until=NOW + 366 * DAY)
        self.assertTrue(year.is_open)
        with self.assertRaisesRegex(ValidationError, "within a year"):
            self._override(profile_id=self.anna.id, until=year.until + SECOND)

    def test_another_unit(self):
        unit = self.env["res.company"].create({"name": "Unit"})
        self._override(profile_id=self.anna.id, company_id=unit.id)
        self.assertDefer(self.anna, NOW + 6 * DAY)

    def test_what_cannot_be_meant(self):
        for pattern, vals in (
            ("which mailing", {}),
            ("Say why", {"profile_id": self.anna.id, "reason": " "}),
            ("later than now", {"profile_id": self.anna.id, "until": NOW}),
            ("within a year", {"profile_id": self.anna.id, "until": NOW + 400 * DAY}),
        ):
            with self.assertRaisesRegex(ValidationError, pattern):
                self._override(**vals)

    def test_signed_is_signed(self):
        override = self._override(profile_id=self.anna.id)
        with self.assertRaisesRegex(UserError, "as it was signed"):
            override.reason = "Another"
        with self.assertRaisesRegex(UserError, "as it was signed"):
            override.until = NOW + 9 * DAY

    def test_whose_right_it_is(self):
        """Users read them; managers sign, with their own name."""
        user = self._create_user("user", f"{ADDON}.{ADDON}_group_user")
        boss = self._create_user("boss", f"{ADDON}.{ADDON}_group_manager")
        Override = self.env["contact.override"]
        vals = {"profile_id": self.anna.id, "reason": "Recall", "user_id": user.id}
        with self.assertRaises(AccessError):
            Override.with_user(user).create(vals)
        override = Override.with_user(boss).create(vals)
        self.assertEqual(override.user_id, boss)
        self.assertTrue(override.with_user(user).reason)
        with self.assertRaises(AccessError):
            override.with_user(user).action_revoke()
        with self.assertRaises(AccessError):
            override.with_user(boss).unlink()
        override.with_user(boss).action_revoke()

    def test_seeds_need_none(self):
        self.anna.is_seed = True
        override = self._override(mailing_id=self.mailing.id)
        self._launch(self.mailing)
        self.assertEqual(override.touch_ids.profile_id, self.bert)
