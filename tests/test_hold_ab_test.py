from odoo.tests import tagged

from .common import DAY, HOUR, NOW, GateCase


@tagged("post_install", "-at_install")
class TestHoldAbTest(GateCase):
    """A test's sample is drawn once; its winner leaves nobody out, and nobody twice."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partners = cls._create_partners(40)
        for partner in cls.partners[:20]:
            cls._create_touch(partner.profile_id, NOW - 5 * DAY)
        cls._create_policy(cls._cap(1))

    def _launch_versions(self):
        first = self._create_mailing(
            self.partners,
            subject="Version A",
            ab_testing_enabled=True,
            ab_testing_pc=50,
            ab_testing_winner_selection="manual",
            ab_testing_schedule_datetime=NOW + 10 * DAY,
        )
        second = first.copy({"subject": "Version B", "ab_testing_pc": 20})
        (first + second).action_launch()
        self._run_queue()
        return first, second

    def _reached(self, mailings):
        touches = self.env["contact.touch"].search(
            [("mailing_id", "in", mailings.ids), ("state", "=", "sent")]
        )
        profiles = touches.mapped("profile_id")
        self.assertEqual(len(profiles), len(touches), "somebody got it twice")
        return profiles

    def _sample(self, mailing):
        return set(self._outcomes(mailing))

    def test_samples_and_their_rechecks(self):
        first, second = self._launch_versions()
        self.assertEqual(len(self._sample(first)), 20)
        self.assertEqual(len(self._sample(second)), 8)
        self.assertFalse(self._sample(first) & self._sample(second))
        before = (self._sample(first), self._sample(second))
        self._reached(first + second)
        self._go_to(NOW + 2 * DAY)
        self._run_queue()
        self.assertEqual((self._sample(first), self._sample(second)), before)
        self.assertEqual(len(self._reached(first + second)), 28)
        for mailing in first + second:
            self.assertEqual(mailing.state, "done")

    def test_winner_reaches_the_rest_once(self):
        first, second = self._launch_versions()
        self._go_to(NOW + 3 * DAY)
        self._run_queue()
        action = first.action_select_as_winner()
        final = self.env["mailing.mailing"].browse(action["res_id"])
        self._run_queue()
        for days in (5, 9, 12):
            self._go_to(NOW + days * DAY)
            self._run_queue()
        self.assertEqual(
            self._reached(first + second + final), self.partners.profile_id
        )
        self.assertEqual(final.state, "done")

    def test_winner_while_versions_wait(self):
        first, second = self._launch_versions()
        action = second.action_select_as_winner()
        final = self.env["mailing.mailing"].browse(action["res_id"])
        for hours in (1, 49, 7 * 24, 9 * 24):
            self._go_to(NOW + hours * HOUR)
            self._run_queue()
        self.assertEqual(
            self._reached(first + second + final), self.partners.profile_id
        )
        for mailing in first + second + final:
            self.assertEqual(mailing.state, "done")

    def test_winner_chosen_for_all_versions_at_once(self):
        """Odoo's own scheduled action asks the versions of a campaign together."""
        first, second = self._launch_versions()
        self.assertTrue((first + second).filtered("is_waiting"))
        first.ab_testing_winner_selection = "opened_ratio"
        (first + second).action_send_winner_mailing()
        self.assertFalse((first + second).filtered("is_waiting"))
        self.assertTrue(first.campaign_id.ab_testing_winner_mailing_id)

    def test_samples_drawn_at_the_same_time(self):
        """Odoo drew both before either was sent: nobody is in two of them."""
        first, second = self._launch_versions()
        sample = self._sample(first)
        self.assertTrue(first.hold_ids)
        third = first.copy({"subject": "Version C"})
        with self.mock_mail_gateway():
            third.action_send_mail(sorted(sample) + self.partners.ids)
        self.assertFalse(self._sample(third) & sample)
        self.assertFalse(self._sample(third) & self._sample(second))
        self.assertEqual(len(self._sample(third)), 40 - 28)

    def test_waits_for_a_version_while_the_winner_is_chosen(self):
        first, second = self._launch_versions()
        campaign = first.campaign_id
        campaign.ab_testing_winner_mailing_id = second.copy({"ab_testing_pc": 100})
        campaign.ab_testing_winner_mailing_id.action_launch()
        self.assertTrue(first.is_waiting)
        self._run_queue()
        self.assertEqual(first.state, "done")
        self.assertEqual(set(first.hold_ids.mapped("state")), {"expired"})
        for days in (3, 5, 9):
            self._go_to(NOW + days * DAY)
            self._run_queue()
        final = campaign.ab_testing_winner_mailing_id
        self.assertEqual(
            self._reached(first + second + final), self.partners.profile_id
        )
