from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import DAY, NOW
from .segment_use_common import SegmentUseMixin
from .send_common import SendCase


@tagged("post_install", "-at_install")
class TestSegmentUseMailing(SegmentUseMixin, SendCase):
    """Mailings to segments, and without some; really sent."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.oslo = cls._create_partners(3, "oslo", city="Oslo")
        cls.bergen = cls._create_partners(2, "bergen", city="Bergen")
        cls.everybody = cls.oslo | cls.bergen
        cls.in_oslo = cls._create_segment("Oslo")
        cls.in_bergen = cls._create_segment("Bergen")
        cls.first = cls._create_segment("First", domain=[("name", "=", "oslo 0")])

    def _create_segment_mailing(self, recipients=None, *, without=(), **vals):
        return self._create_mailing(
            self.everybody if recipients is None else recipients,
            segment_ids=vals.pop("segments", self.in_oslo).ids,
            exclude_segment_ids=[segment.id for segment in without],
            **vals,
        )

    def assertSent(self, mailing, recipients):
        self.assertEqual(self._statuses(mailing), dict.fromkeys(recipients.ids, "sent"))

    def test_both_must_hold(self):
        mailing = self._create_segment_mailing(self.oslo[:2] | self.bergen)
        self._launch(mailing)
        self.assertSent(mailing, self.oslo[:2])
        self.assertEqual(mailing.state, "done")

    def test_without(self):
        mailing = self._create_segment_mailing(
            segments=self.in_oslo | self.in_bergen, without=self.first
        )
        self._launch(mailing)
        self.assertSent(mailing, self.everybody - self.oslo[0])

    def test_only_without(self):
        nobody = self.env["contact.segment"]
        mailing = self._create_segment_mailing(segments=nobody, without=self.in_oslo)
        self._launch(mailing)
        self.assertSent(mailing, self.bergen)

    def test_to_a_list(self):
        contacts = self._create_list_contacts(3)
        contacts[0].email = self.oslo[0].email
        mailing = self._create_list_mailing()
        mailing.segment_ids = self.in_oslo
        self._launch(mailing)
        self.assertSent(mailing, contacts[0])
        other = self._create_list_mailing()
        other.exclude_segment_ids = self.in_oslo
        self._launch(other)
        self.assertSent(other, contacts[1:])

    def test_to_leads(self):
        if "crm.lead" not in self.env or not self.env["crm.lead"]._mailing_enabled:
            self.skipTest("no mailings to leads")
        leads = self.env["crm.lead"].create(
            [
                {"name": "Oslo", "email_from": self.oslo[0].email},
                {"name": "Bergen", "partner_id": self.bergen[0].id},
                {"name": "New", "email_from": "new@strategy.test"},
            ]
        )
        mailing = self._create_segment_mailing(leads)
        self._launch(mailing)
        self.assertSent(mailing, leads[0])
        other = self._create_mailing(leads, exclude_segment_ids=self.in_oslo.ids)
        self._launch(other)
        self.assertSent(other, leads[1:])

    def test_recipients_are_decided_at_sending(self):
        mailing = self._create_segment_mailing()
        mailing.action_launch()
        self.oslo[0].city = "Bergen"
        self.bergen[0].city = "Oslo"
        self._run_queue()
        self.assertSent(mailing, self.oslo[1:] | self.bergen[0])

    def test_deferred_people_are_asked_again(self):
        self._create_policy(self._cap(1))
        for partner in self.oslo[:2]:
            self._create_touch(partner.profile_id, NOW - 5 * DAY)
        mailing = self._create_segment_mailing()
        self._launch(mailing)
        self.assertOutcome(mailing, self.oslo, sent=1, deferred=2)
        self.oslo[0].city = "Bergen"
        self._go_to(NOW + 2 * DAY)
        self._run_queue()
        self.assertOutcome(mailing, self.oslo, sent=2, expired=1)
        self.assertEqual(
            mailing.hold_ids.filtered(lambda hold: hold.state == "expired").res_id,
            self.oslo[0].id,
        )

    def test_whom_the_sender_may_not_see_is_left_out_all_the_same(self):
        unit = self.env["res.company"].create({"name": "Unit"})
        self.oslo[0].profile_id.company_id = unit
        self.oslo[0].company_id = False
        mailing = self._create_segment_mailing(
            segments=self.env["contact.segment"], without=self.in_oslo
        )
        mine = mailing.with_user(self._create_marketer())
        self.assertEqual(set(mine._get_recipients()), set(self.bergen.ids))

    def test_of_another_unit(self):
        """It knows other people and other facts: that is said, and nothing is refused
        where units share their people."""
        unit = self.env["res.company"].create({"name": "Other Unit"})
        theirs = self._create_segment("Theirs", company_id=unit.id)
        own = self._create_segment("Own", company_id=self.env.company.id)
        mailing = self._create_segment_mailing(segments=own | self.in_oslo)
        self.assertFalse(mailing.segment_unit_note)
        mailing.exclude_segment_ids = theirs
        note = mailing.segment_unit_note
        for word in ("“Theirs”", "Other Unit", self.env.company.name):
            self.assertIn(word, note)
        self.assertNotIn("Own", note)
        mailing.company_id = unit
        self.assertIn("“Own”", mailing.segment_unit_note)
        self.assertNotIn("Theirs", mailing.segment_unit_note)

    def test_copies_keep_them(self):
        mailing = self._create_segment_mailing(without=self.first)
        copy = mailing.copy()
        self.assertEqual(copy.segment_ids, self.in_oslo)
        self.assertEqual(copy.exclude_segment_ids, self.first)

    def test_ab_test(self):
        mailing = self._create_segment_mailing(
            ab_testing_enabled=True, ab_testing_pc=50
        )
        self._launch(mailing)
        self.assertEqual(len(self._statuses(mailing)), 1)
        action = mailing.action_select_as_winner()
        winner = self.env["mailing.mailing"].browse(action["res_id"])
        self.assertEqual(winner.segment_ids, self.in_oslo)
        self._launch(winner)
        sent = {*self._statuses(mailing), *self._statuses(winner)}
        self.assertEqual(sent, set(self.oslo.ids))

    def test_preflight_counts_them_only(self):
        self._create_policy(self._cap(1))
        self._create_touch(self.oslo[0].profile_id, NOW - DAY)
        mailing = self._create_segment_mailing()
        counts = mailing.preflight_total, mailing.preflight_now, mailing.preflight_later
        self.assertEqual(counts, (3, 2, 1))
        self.assertIn("3", mailing.segment_note)
        mailing.exclude_segment_ids = self.first
        self.assertEqual(mailing.preflight_total, 2)

    def test_archived_segment_still_limits(self):
        mailing = self._create_segment_mailing()
        self.env.cr.execute("UPDATE contact_segment SET active = FALSE")
        self.env.invalidate_all()
        self._launch(mailing)
        self.assertSent(mailing, self.oslo)

    # ------------------------------------------------------------
    # Broken
    # ------------------------------------------------------------

    def test_broken_stops_launch_and_schedule(self):
        for names in ("segment_ids", "exclude_segment_ids"):
            mailing = self._create_mailing(self.everybody, **{names: self.first.ids})
            self._break(self.first)
            for start in (
                mailing.action_launch,
                mailing.action_schedule,
                mailing.action_send_mail,
                lambda mailing=mailing: mailing.action_send_mail(self.oslo.ids),
            ):
                with self.assertRaisesRegex(UserError, "First"):
                    start()
            self.assertFalse(self._statuses(mailing))
            self.assertEqual(mailing._get_recipients(), [])
            self.assertEqual(mailing.preflight_state, "error")
            self.assertIn("First", mailing.preflight_error)
            self.assertIn("First", mailing.segment_problem)

    def test_broken_in_the_queue_stops_alone(self):
        broken = self._create_mailing(
            self.everybody, exclude_segment_ids=self.first.ids
        )
        fine = self._create_segment_mailing(subject="Fine")
        (broken | fine).action_launch()
        self._break(self.first)
        self._run_queue()
        self.assertSent(fine, self.oslo)
        self.assertFalse(self._statuses(broken))
        self.assertEqual(broken.state, "in_queue")
        self.assertIn("First", broken.message_ids[:1].body)
        said = len(broken.message_ids)
        self._run_queue()
        self.assertEqual(len(broken.message_ids), said)
        self.first.condition_ids.domain = "[('name', '=', 'oslo 0')]"
        self._run_queue()
        self.assertSent(broken, self.everybody - self.oslo[0])

    def test_nobody_leaves_an_audience_that_cannot_be_told(self):
        self._create_policy(self._cap(1))
        self._create_touch(self.oslo[0].profile_id, NOW - 5 * DAY)
        mailing = self._create_segment_mailing()
        self._launch(mailing)
        self._break(self.in_oslo)
        self._go_to(NOW + 2 * DAY)
        self._run_queue()
        self.assertOutcome(mailing, self.oslo, sent=2, deferred=1)
        self.assertEqual(mailing.state, "sending")
        self._mend(self.in_oslo)
        self._run_queue()
        self.assertOutcome(mailing, self.oslo, sent=3)

    def test_never_refreshed_stops(self):
        self.first.kind = "frozen"
        self.first.frozen_date = False
        mailing = self._create_mailing(
            self.everybody, exclude_segment_ids=self.first.ids
        )
        with self.assertRaisesRegex(UserError, "First"):
            mailing.action_launch()
