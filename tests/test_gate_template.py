from odoo.tests import tagged

from .common import DAY, NOW, GateCase


@tagged("post_install", "-at_install")
class TestGateTemplate(GateCase):
    """A template writes to somebody else: the cap is of who gets the message."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partners = cls._create_partners(2)
        cls.record, cls.reader = cls.partners
        cls._create_policy(cls._cap(1))

    def _template(self, **vals):
        return self.env["mail.template"].create(
            {
                "name": "To the other",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "subject": "About you",
                "body_html": "<p>Hello</p>",
                "use_default_to": False,
                **vals,
            }
        )

    def _compose(self, template, recipients=None):
        recipients = self.record if recipients is None else recipients
        composer = self.env["mail.compose.message"].create(
            {
                "composition_mode": "mass_mail",
                "model": "res.partner",
                "res_ids": repr(recipients.ids),
                "template_id": template.id,
                "mass_mailing_name": "By template",
            }
        )
        with self.mock_mail_gateway():
            composer._action_send_mail()
            self._deliver()
        self.env.invalidate_all()
        return composer.mass_mailing_id

    def _ways(self):
        """The ways in which a template names its recipient."""
        return (
            {"email_to": self.reader.email},
            {"email_to": f'"The Reader" <{self.reader.email}>'},
            {"partner_to": str(self.reader.id)},
        )

    def test_tired_reader_gets_nothing(self):
        self._create_touch(self.reader.profile_id, NOW - DAY)
        for way in self._ways():
            with self.subTest(**way):
                mailing = self._compose(self._template(**way))
                self.assertFalse(self._mails)
                self.assertFalse(self._touches(mailing))
                self.assertEqual(mailing.hold_ids.profile_id, self.reader.profile_id)
                mailing.unlink()

    def test_tired_record_is_not_concerned(self):
        self._create_touch(self.record.profile_id, NOW - DAY)
        for way in self._ways():
            with self.subTest(**way):
                mailing = self._compose(self._template(**way))
                self.assertOutcome(mailing, self.record, sent=1)
                touch = self._touches(mailing, "sent")
                self.assertEqual(touch.profile_id, self.reader.profile_id)
                self.assertEqual(touch.address, self.reader.email_normalized)
                touch.unlink()
                mailing.unlink()

    def test_one_reader_of_many_records_gets_one(self):
        others = self._create_partners(3, prefix="subject")
        mailing = self._compose(self._template(email_to=self.reader.email), others)
        touches = self._touches(mailing, "sent")
        self.assertEqual(touches.profile_id, self.reader.profile_id)
        self.assertEqual(len(touches), 1)
        self.assertEqual(set(self._outcomes(mailing)), set(others.ids))

    def test_template_for_the_record_itself(self):
        self._create_touch(self.record.profile_id, NOW - DAY)
        mailing = self._compose(
            self._template(use_default_to=True), self.record + self.reader
        )
        self.assertOutcome(mailing, self.partners, sent=1, deferred=1)
        self.assertEqual(mailing.hold_ids.res_id, self.record.id)

    def test_reader_without_a_profile(self):
        for _twice in range(2):
            mailing = self._compose(self._template(email_to="new@strategy.test"))
        touch = self.env["contact.touch"].search(
            [("address", "=", "new@strategy.test")]
        )
        self.assertEqual(len(touch), 1)
        self.assertEqual(mailing.hold_ids.profile_id, touch.profile_id)

    def test_what_was_meant_for_one_does_not_reach_another_later(self):
        """The mailing itself knows nothing of the template's recipient."""
        self._create_touch(self.reader.profile_id, NOW - DAY)
        mailing = self._compose(self._template(email_to=self.reader.email))
        self._go_to(NOW + 6 * DAY)
        self._run_queue()
        reached = self._touches(mailing, "sent").profile_id
        self.assertNotIn(self.record.profile_id, reached)

    def test_decided_again_stays_with_the_reader(self):
        """*Decide Again* does not send to the record what was meant for the reader."""
        self._create_touch(self.reader.profile_id, NOW - DAY)
        mailing = self._compose(self._template(email_to=self.reader.email))
        mailing.hold_ids.action_decide_again()
        self._go_to(NOW + 10 * DAY)
        self._run_queue()
        self.assertFalse(self._touches(mailing))
