import requests

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import DAY, NOW
from .sms_common import SmsCase


@tagged("post_install", "-at_install")
class TestSmsUncertain(SmsCase):
    """The provider's answer was lost: a person decides."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.one = cls._create_callers(1)
        cls._create_policy(cls._cap(1))

    @mute_logger("odoo.addons.sms.models.sms_sms")
    def _lose_answer(self, why=None):
        why = why or requests.exceptions.ReadTimeout()
        error = AccessError("The request to the service timed out.")
        error.__context__ = why
        self.answers = {self.one.phone: error}
        mailing = self._create_sms_mailing(self.one)
        self._launch(mailing)
        self.answers = {}
        return mailing

    def test_an_answer_that_was_lost(self):
        mailing = self._lose_answer()
        self.assertEqual(mailing.uncertain_count, 1)
        touch = self._touches(mailing)
        self.assertEqual((touch.state, touch.is_uncertain), ("sent", True))
        self.assertDefer(self.one.profile_id, NOW + 7 * DAY, "sms")
        mailing.action_retry_failed()
        self._run_queue()
        self.assertFalse(self.numbers)

    def test_a_provider_that_was_never_reached(self):
        mailing = self._lose_answer(requests.exceptions.ConnectTimeout())
        self.assertEqual(mailing.uncertain_count, 0)
        self.assertEqual(self._touches(mailing).state, "failed")

    def test_lost_and_it_arrived(self):
        mailing = self._lose_answer()
        self._touches(mailing).action_uncertain_arrived()
        self.assertOutcome(mailing, self.one, sent=1)
        self.assertEqual(mailing.uncertain_count, 0)
        self._run_queue()
        self.assertFalse(self.numbers)

    def test_lost_and_sent_again(self):
        mailing = self._lose_answer()
        self._touches(mailing).action_uncertain_again()
        self._run_queue()
        self.assertOutcome(mailing, self.one, deferred=1)
        self._go_to(NOW + 7 * DAY)
        self._run_queue()
        self.assertOutcome(mailing, self.one, sent=1)
        self.assertEqual(self.numbers, [self.one.phone])

    def test_lost_and_left(self):
        mailing = self._lose_answer()
        touch = self._touches(mailing)
        touch.action_uncertain_leave()
        self.assertOutcome(mailing, self.one, error=1)
        self.assertEqual(touch.state, "sent")
        self._run_queue()
        self.assertFalse(self.numbers)

    def test_lost_and_the_provider_reports_it(self):
        mailing = self._lose_answer()
        mailing.mailing_trace_ids.sms_tracker_ids._action_update_from_sms_state("sent")
        self.env.invalidate_all()
        self.assertEqual(mailing.uncertain_count, 0)
        self.assertOutcome(mailing, self.one, sent=1)
