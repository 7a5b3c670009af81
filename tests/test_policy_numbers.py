from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import SQL

from .common import ADDON, DAY, NOW, SECOND
from .report_common import ReportCase


@tagged("post_install", "-at_install")
class TestPolicyNumbers(ReportCase):
    """What policies do, in their list."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.guard = cls._create_policy(
            domain=repr([("name", "in", ("anna", "ben", "cid"))]),
            is_guard=True,
            sequence=1,
            name="Guard",
        )
        cls.loyal = cls._create_policy(
            domain=repr([("name", "in", ("anna", "ben"))]), sequence=2, name="Loyal"
        )
        cls.late = cls._create_policy(
            domain=repr([("name", "in", ("ben", "cid"))]), sequence=3, name="Late"
        )
        cls.policies = cls.guard + cls.loyal + cls.late
        cls.mailing = cls._create_mailing(cls.people.partner_id)

    def _numbers(self, part, user=None):
        """{policy: number}."""
        self.env.flush_all()
        told = self.policies.with_user(user or self.env.user).get_numbers()
        self.assertEqual(set(told), {str(policy.id) for policy in self.policies})
        return {policy: told[str(policy.id)][part] for policy in self.policies}

    def _hold(self, person, date, policy, **vals):
        return self.env["contact.hold"].create(
            {
                "mailing_id": self.mailing.id,
                "profile_id": person.id,
                "res_model": "res.partner",
                "res_id": person.partner_id.id,
                "date": date,
                "decision": "hold",
                "state": "held",
                "policy_id": policy.id,
                **vals,
            }
        )

    def test_people_fall_under_the_first(self):
        """Guards are for everybody; ben fits two, and falls under the first."""
        self.assertEqual(
            self._numbers("covered"), {self.guard: 3, self.loyal: 2, self.late: 1}
        )
        self.loyal.sequence = 4
        self.assertEqual(
            self._numbers("covered"), {self.guard: 3, self.loyal: 1, self.late: 2}
        )

    def test_what_is_off_covers_nobody(self):
        self.loyal.active = False
        self.assertEqual(
            self._numbers("covered"), {self.guard: 3, self.loyal: 0, self.late: 2}
        )

    def test_as_the_engine_says(self):
        """The policy that would be named for each person."""
        self.env.flush_all()
        applies = [self.people[index] for index in range(3)]
        found = {policy: 0 for policy in (self.loyal, self.late)}
        for person in applies:
            said = person._try_policies(person._message("email", None, None), NOW)
            names = {p["name"] for p in said["policies"] if p["state"] == "applies"}
            for policy in found:
                found[policy] += policy.name in names
        covered = self._numbers("covered")
        self.assertEqual({policy: covered[policy] for policy in found}, found)

    def test_policies_of_units(self):
        """Each is for the messages of its unit; another unit's takes nobody away."""
        self.loyal.company_id = self.unit
        self.assertEqual(
            self._numbers("covered"), {self.guard: 3, self.loyal: 2, self.late: 2}
        )

    def test_people_of_other_units(self):
        self.ben.partner_id.company_id = self.unit
        self.assertEqual(
            self._numbers("covered", self.user),
            {self.guard: 2, self.loyal: 1, self.late: 1},
        )

    def test_a_policy_that_cannot_be_read(self):
        """Nobody knows whom it takes from those below it."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE contact_policy SET domain = %s WHERE id = %s",
                "[('gone', '=', 1)]",
                self.loyal.id,
            )
        )
        self.env.invalidate_all()
        self.assertEqual(
            self._numbers("covered"), {self.guard: 3, self.loyal: None, self.late: None}
        )

    def test_held_back(self):
        """Each person once, for 30 days, also who got it later; not by an override."""
        other = self._create_mailing(self.people.partner_id)
        self._hold(self.anna, NOW - DAY, self.loyal)
        self._hold(self.anna, NOW - 2 * DAY, self.loyal, mailing_id=other.id)
        self._hold(self.ben, NOW - 30 * DAY, self.loyal, state="sent")
        self._hold(self.cid, NOW - 30 * DAY - SECOND, self.late)
        self._hold(self.cid, NOW, self.late, mailing_id=other.id, state="overridden")
        self.assertEqual(
            self._numbers("held"), {self.guard: 0, self.loyal: 2, self.late: 0}
        )

    def test_harm(self):
        """Per 1,000 touches of those under it; where nothing was sent, nothing."""
        for person in (self.anna, self.anna, self.ben):
            self._create_touch(person, NOW - DAY)
        self._create_touch(self.ben, NOW - 90 * DAY, complained=True)
        self._create_touch(self.anna, NOW - 90 * DAY - SECOND, complained=True)
        self.assertEqual(
            self._numbers("complained"),
            {self.guard: 250, self.loyal: 250, self.late: None},
        )
        self.assertEqual(
            self._numbers("opted_out"), {self.guard: 0, self.loyal: 0, self.late: None}
        )
        blacklist = self.env["mail.blacklist"].create(
            {
                "email": self.anna.email_normalized,
                "opt_out_reason_id": self.env.ref(
                    "mass_mailing.mailing_subscription_optout_data_2"
                ).id,
            }
        )
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE mail_blacklist SET create_date = %s WHERE id = %s",
                NOW,
                blacklist.id,
            )
        )
        self.assertEqual(
            self._numbers("opted_out"),
            {self.guard: 250, self.loyal: 250, self.late: None},
        )

    def test_a_guard_of_some(self):
        """A guard is asked about its own people."""
        self.guard.domain = repr([("name", "=", "cid")])
        self._create_touch(self.anna, NOW - DAY, complained=True)
        self.assertEqual(
            self._numbers("complained"),
            {self.guard: None, self.loyal: 1000, self.late: None},
        )

    def test_rights(self):
        """Whoever may not read policies is told nothing of them."""
        stranger = self._create_user("stranger")
        with self.assertRaises(AccessError):
            self.policies.with_user(stranger).get_numbers()
        reader = self._create_user("reader", f"{ADDON}.{ADDON}_group_user")
        self.assertEqual(self._numbers("covered", reader)[self.guard], 3)
