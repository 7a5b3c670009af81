from odoo.tests import tagged

from .common import DAY, NOW, GateCase


@tagged("post_install", "-at_install")
class TestGateWaitingMates(GateCase):
    """A message that still waits counts as of now, also for whoever shares a home, a
    company or an inbox with its recipient."""

    def _wait(self, partner, date):
        """A message that was reserved long ago and has not gone out."""
        mailing = self._create_mailing(partner, subject="Waits")
        trace = self.env["mailing.trace"].create(
            {
                "mass_mailing_id": mailing.id,
                "model": partner._name,
                "res_id": partner.id,
                "email": partner.email_normalized,
                "trace_status": "outgoing",
            }
        )
        touch = self._touches(mailing)
        self.assertEqual(touch.state, "reserved")
        touch.write({"date": date})
        return trace, touch

    def _check_counted(self, rule, waiting, asked):
        self._create_policy(self._cap(1, 2, **rule))
        _trace, touch = self._wait(waiting, NOW - 5 * DAY)
        mailing = self._create_mailing(asked)
        self._launch(mailing)
        self.assertOutcome(mailing, asked, deferred=1)
        self.assertEqual(touch.date, NOW)

    def test_at_home(self):
        home = {"street": "Storgata 1", "zip": "0150", "city": "Oslo"}
        anna, bert = self._create_partners(2)
        (anna + bert).write(home)
        self._check_counted({"count_per": "household"}, anna, bert)

    def test_at_work(self):
        firm = self.env["res.partner"].create({"name": "Firm", "is_company": True})
        anna, bert = self._create_partners(2)
        (anna + bert).parent_id = firm
        self._check_counted({"count_per": "company"}, anna, bert)

    def test_in_the_inbox(self):
        anna, bert = self._create_partners(2)
        bert.email = anna.email
        self._check_counted({"count_per": "inbox"}, anna, bert)

    def test_of_nobody_else(self):
        anna, bert = self._create_partners(2)
        self._create_policy(self._cap(1, 2, count_per="household"))
        _trace, touch = self._wait(anna, NOW - 5 * DAY)
        mailing = self._create_mailing(bert)
        self._launch(mailing)
        self.assertOutcome(mailing, bert, sent=1)
        self.assertEqual(touch.date, NOW - 5 * DAY)
