from odoo.tests import tagged

from .common import DAY, HOUR, NOW
from .report_common import ReportCase

TOO_MANY = "mass_mailing.mailing_subscription_optout_data_2"
RATES = ("complained", "bounced", "opted_out", "too_many")


@tagged("post_install", "-at_install")
class TestReportDose(ReportCase):
    """Harm per 1,000 touches, by how many the person had in the 7 days before."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # anna: doses 0, 1, 2 and, long after, 0 again; ben: 0 and 1 (seven days sharp)
        cls._create_touch(cls.anna, NOW - 30 * DAY)
        cls._create_touch(cls.anna, NOW - 29 * DAY, bounced=True)
        cls.last = cls._create_touch(cls.anna, NOW - 28 * DAY, complained=True)
        cls._create_touch(cls.anna, NOW - DAY)
        cls._create_touch(cls.ben, NOW - 10 * DAY)
        cls._create_touch(cls.ben, NOW - 3 * DAY)
        cls._create_touch(cls.ben, NOW - 4 * DAY, category_id=cls.transactional.id)
        cls.env.flush_all()
        cls.Dose = cls.env["contact.dose"]

    def _rates(self, groupby="dose", user=None):
        """{group: (touches, *rates)}."""
        self.env.flush_all()
        groups = self.Dose.with_user(user or self.env.user)._read_group(
            [("profile_id", "in", self.people.ids)],
            [groupby],
            ["touch_count:sum", *(f"{name}_rate:avg" for name in RATES)],
        )
        return {key: tuple(values) for key, *values in groups}

    def _opt_out(self, profile, moment, reason=False):
        return self.env["mailing.subscription"].create(
            {
                "contact_id": self.env["mailing.contact"]
                .create({"email": profile.email_normalized})
                .id,
                "list_id": self.env["mailing.list"].create({"name": "News"}).id,
                "opt_out": True,
                "opt_out_datetime": moment,
                "opt_out_reason_id": reason and self.env.ref(reason).id,
            }
        )

    def _wish(self, profile, moment, before, after, way="page"):
        wish = self.env["contact.wish"].search([("profile_id", "=", profile.id)])
        wish = wish or self.env["contact.wish"].create({"profile_id": profile.id})
        self.env["contact.wish.change"].create(
            {
                "wish_id": wish.id,
                "way": way,
                "date": moment,
                "before": before,
                "after": after,
            }
        )

    def test_doses(self):
        self.assertEqual(
            self._rates(),
            {
                "0": (3, 0, 0, 0, 0),
                "1": (2, 0, 500, 0, 0),
                "2": (1, 1000, 0, 0, 0),
            },
        )

    def test_opt_outs(self):
        """The latest touch is the reason, if it is no older than seven days."""
        self._opt_out(self.anna, NOW - 27 * DAY, TOO_MANY)
        self._opt_out(self.ben, NOW - 3 * DAY + HOUR)
        self.assertEqual(
            self._rates(),
            {
                "0": (3, 0, 0, 0, 0),
                "1": (2, 0, 500, 500, 0),
                "2": (1, 1000, 0, 1000, 1000),
            },
        )

    def test_opt_outs_long_after(self):
        before = self._rates()
        self._opt_out(self.anna, NOW - 21 * DAY, TOO_MANY)
        self.assertEqual(self._rates(), before)
        self._opt_out(self.anna, NOW - 31 * DAY)
        self.assertEqual(self._rates(), before)

    def test_blacklisted_with_a_reason(self):
        """Who was blacklisted without one need not have asked for it."""
        moment = NOW - 28 * DAY + HOUR
        found = {}
        for reason in (False, self.env.ref(TOO_MANY).id):
            self.env["mail.blacklist"].search([]).unlink()
            entry = self.env["mail.blacklist"].create(
                {"email": self.anna.email_normalized, "opt_out_reason_id": reason}
            )
            self.env.flush_all()
            self.env.cr.execute(
                "UPDATE mail_blacklist SET create_date = %s WHERE id = %s",
                [moment, entry.id],
            )
            found[bool(reason)] = self._rates()["2"]
        self.assertEqual(
            found, {False: (1, 1000, 0, 0, 0), True: (1, 1000, 0, 1000, 1000)}
        )

    def test_wishes(self):
        week = {"max_touches": 1, "period": "week"}
        month = {"max_touches": 2, "period": "month"}
        none = {"max_touches": False, "period": False}
        stop = {**none, "is_stopped": True}
        moment = NOW - 2 * DAY  # after ben's last one
        for before, after, way, harm in (
            (none, week, "page", (0, 500)),
            (week, month, "page", (0, 500)),
            (month, week, "page", (0, 0)),
            (week, week, "page", (0, 0)),
            (week, none, "page", (0, 0)),
            (none, week, "revoked", (0, 0)),
            (none, stop, "page", (500, 0)),
            (stop, stop, "page", (0, 0)),
        ):
            with self.subTest(before=before, after=after, way=way):
                self.env["contact.wish.change"].search([]).unlink()
                self._wish(self.ben, moment, before, after, way)
                self.assertEqual(self._rates()["1"][3:], harm)

    def test_policy(self):
        """The first that is for the person; guards are no policies of anybody."""
        domain = repr([("name", "=", "anna")])
        self._create_policy(is_guard=True, sequence=1, name="Guard")
        mine = self._create_policy(domain=domain, sequence=2, name="Anna's")
        usual = self._create_policy(sequence=3)
        self.assertEqual(
            {policy: values[0] for policy, values in self._rates("policy_id").items()},
            {mine: 4, usual: 2},
        )
        mine.active = usual.active = False
        self.assertEqual(list(self._rates("policy_id")), [self.env["contact.policy"]])

    def test_policy_of_one_unit(self):
        theirs = self._create_policy(company_id=self.unit.id, sequence=1)
        usual = self._create_policy(sequence=3)
        self.assertEqual(list(self._rates("policy_id")), [usual])
        self.assertNotIn(theirs, self._rates("policy_id"))

    def test_other_units(self):
        """Their touches are no lines, and no dose; their people are nobody."""
        self._create_touch(self.anna, NOW - 2 * DAY, company_id=self.unit.id)
        self.ben.partner_id.company_id = self.unit
        self.assertEqual(
            {dose: values[0] for dose, values in self._rates(user=self.user).items()},
            {"0": 2, "1": 1, "2": 1},
        )

    def test_a_touch_of_another_unit_is_to_blame(self):
        """Not the reader's own, which was earlier."""
        self._create_touch(self.ben, NOW - 3 * DAY + HOUR, company_id=self.unit.id)
        self._opt_out(self.ben, NOW - 2 * DAY)
        self.assertEqual(self._rates(user=self.user)["1"], (2, 0, 500, 0, 0))

    def test_lines_are_named_whole(self):
        """Beside a line there are no other words."""
        names = dict(self.env["contact.dose"]._fields["dose"].selection)
        self.assertEqual(names["0"], "none before")
        self.assertEqual(names["1"], "1 touch before")
        self.assertEqual(names["6"], "6 touches before")
        self.assertEqual(names["7"], "7 or more before")
