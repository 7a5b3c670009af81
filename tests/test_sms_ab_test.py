from odoo.tests import tagged

from .common import DAY, HOUR, NOW
from .sms_common import SmsCase


@tagged("post_install", "-at_install")
class TestSmsAbTest(SmsCase):
    """Tests of text messages: samples are kept, and the winner reaches the rest."""

    def test_versions_and_winner(self):
        partners = self._create_callers(20)
        for partner in partners[:10]:
            self._create_touch(partner.profile_id, NOW - 5 * DAY)
        self._create_policy(self._cap(1))
        first = self._create_sms_mailing(
            partners,
            subject="Version A",
            ab_testing_enabled=True,
            ab_testing_pc=50,
            ab_testing_schedule_datetime=NOW + DAY,
            ab_testing_sms_winner_selection="clicks_ratio",
        )
        second = first.copy({"sms_subject": "Version B", "ab_testing_pc": 20})
        (first + second).action_put_in_queue()
        self._run_queue()
        samples = [set(self._outcomes(mailing)) for mailing in first + second]
        self.assertEqual([len(sample) for sample in samples], [10, 4])
        self.assertFalse(samples[0] & samples[1])
        self._go_to(NOW + DAY + HOUR)
        self.env["utm.campaign"]._cron_process_mass_mailing_ab_testing()
        final = first.campaign_id.ab_testing_winner_mailing_id
        self.assertTrue(final)
        for hours in (1, 49, 7 * 24, 9 * 24):
            self._go_to(NOW + DAY + (1 + hours) * HOUR)
            self._run_queue()
        touches = self.env["contact.touch"].search(
            [
                ("mailing_id", "in", (first + second + final).ids),
                ("state", "=", "sent"),
            ]
        )
        self.assertEqual(touches.profile_id, partners.profile_id)
        self.assertEqual(len(touches), 20)
        self.assertEqual(len(set(self.numbers)), len(self.numbers))
