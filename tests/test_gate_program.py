from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import DAY, NOW, GateCase

QUEUE = (
    "odoo.addons.mass_mailing_contact_strategy.models.delivery.mailing_mailing_queue"
)


@tagged("post_install", "-at_install")
class TestGateProgram(GateCase):
    """Rules that administrators program take their place in the chain."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partners = cls._create_partners(3)
        cls.anna, cls.bea, cls.cid = cls.partners

    def _program(self, code, *rules, **vals):
        return self._create_policy(*rules, self._code(code), **vals)

    def _mail(self, recipients=None):
        recipients = self.partners if recipients is None else recipients
        mailing = self._create_mailing(recipients)
        self._launch(mailing)
        return mailing

    def test_hold(self):
        self._program(
            f"recipients.hold(profiles.filtered(lambda p: p.id == "
            f"{self.anna.profile_id.id}), 'On holiday')"
        )
        mailing = self._mail()
        self.assertOutcome(mailing, self.partners, sent=2, held=1)
        self.assertEqual(mailing.hold_ids.profile_id, self.anna.profile_id)
        self.assertIn("On holiday", mailing.hold_ids.reason)
        answer = self.assertHold(self.anna.profile_id)
        self.assertIn("On holiday", answer["reasons"][0]["message"])

    def test_defer(self):
        until = NOW + 2 * DAY
        self._program(
            "if env.cr.now() < datetime.datetime(2026, 5, 14, 9):\n"
            "    recipients.defer(profiles, datetime.datetime(2026, 5, 14, 9), 'Fair')"
        )
        mailing = self._mail()
        self.assertOutcome(mailing, self.partners, deferred=3)
        self.assertEqual(set(mailing.hold_ids.mapped("next_allowed")), {until})
        self._go_to(until)
        self._run_queue()
        self.assertOutcome(mailing, self.partners, sent=3)

    def test_asked_about_those_whom_the_others_let_through(self):
        self._create_touch(self.anna.profile_id, NOW - DAY)
        self._program(
            "recipients.hold(profiles, 'asked')",
            self._cap(1),
        )
        mailing = self._mail()
        self.assertOutcome(mailing, self.partners, held=2, deferred=1)
        hold = mailing.hold_ids.filtered(lambda h: h.state == "deferred")
        self.assertEqual(hold.profile_id, self.anna.profile_id)

    def test_only_people_of_its_policy(self):
        self._program(
            "recipients.hold(profiles)",
            domain=repr([("id", "=", self.anna.profile_id.id)]),
            sequence=1,
        )
        mailing = self._mail()
        self.assertOutcome(mailing, self.partners, sent=2, held=1)

    def test_guard(self):
        self._create_policy(sequence=1)
        self._program(
            "recipients.hold(profiles)",
            domain=repr([("id", "=", self.bea.profile_id.id)]),
            sequence=2,
            is_guard=True,
        )
        mailing = self._mail()
        self.assertOutcome(mailing, self.partners, sent=2, held=1)
        self.assertEqual(mailing.hold_ids.profile_id, self.bea.profile_id)

    def test_refused_people_use_no_allowance(self):
        self._program("recipients.hold(profiles)", self._cap(1))
        mailing = self._mail()
        self.assertFalse(self._touches(mailing))

    def test_knows_the_mailing(self):
        self._program("if mailing.subject == 'Spring': recipients.hold(profiles)")
        self.assertOutcome(self._mail(), self.partners, held=3)
        other = self._create_mailing(self.partners, subject="Autumn")
        self._launch(other)
        self.assertOutcome(other, self.partners, sent=3)
        self.assertSend(self.partners.profile_id)

    @mute_logger("odoo.addons.base.models.ir_actions")
    def test_an_error_stops_the_mailing(self):
        """Whom a rule could not judge is not written to."""
        self._program("1 / 0")
        mailing = self._create_mailing(self.partners)
        mailing.action_launch()
        with self.assertLogs(QUEUE, "WARNING") as logged:
            self._run_queue()
        self.assertIn("division", "".join(logged.output))
        self.assertIn("division", mailing.message_ids[0].body)
        self.assertFalse(self._touches(mailing))
        self.assertFalse(mailing.mailing_trace_ids)

    def test_category_that_obeys_nothing_asks_no_program(self):
        self._program("recipients.hold(profiles)")
        mailing = self._create_mailing(self.partners, category_id=self.transactional.id)
        self._launch(mailing)
        self.assertOutcome(mailing, self.partners, sent=3)

    def test_program_of_another_unit_is_not_asked(self):
        unit = self.env["res.company"].create({"name": "Unit"})
        self._program("recipients.hold(profiles)", company_id=unit.id)
        self.assertOutcome(self._mail(), self.partners, sent=3)
