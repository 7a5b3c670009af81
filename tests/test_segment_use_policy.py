from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ADDON, DAY, NOW, GateCase
from .segment_use_common import SegmentUseMixin

LOGGER = f"odoo.addons.{ADDON}.models.delivery.mailing_mailing_queue"


@tagged("post_install", "-at_install")
class TestSegmentUsePolicy(SegmentUseMixin, GateCase):
    """Policies for segments, personas and stages."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.persona = cls.env["contact.persona"].create({"name": "Helen"})
        cls.stage = cls.env["contact.journey.stage"].search([])[-1]
        cls.oslo = cls._create_partners(3, "oslo", city="Oslo")
        cls.bergen = cls._create_partners(2, "bergen", city="Bergen")
        cls.everybody = cls.oslo | cls.bergen
        cls.segment = cls._create_segment("Oslo")
        cls.loyal = cls._create_policy(
            cls._cap(2), name="Loyal", segment_ids=cls.segment.ids, sequence=1
        )
        cls.rest = cls._create_policy(cls._cap(1), name="Rest", sequence=2)
        for partner in cls.everybody:
            cls._create_touch(partner.profile_id, NOW - DAY)

    def _policies(self, partners):
        answers = partners.profile_id.check_contact("email", at=NOW)
        return [answer["policy_id"] for answer in answers]

    def test_first_that_fits(self):
        self.assertEqual(self._policies(self.oslo), self.loyal.ids * 3)
        self.assertEqual(self._policies(self.bergen), self.rest.ids * 2)
        self.assertSend(self.oslo.profile_id)
        mailing = self._create_mailing(self.everybody)
        self._launch(mailing)
        self.assertOutcome(mailing, self.everybody, sent=3, deferred=2)

    def test_who_moves_falls_under_another(self):
        self.oslo[0].city = "Bergen"
        self.assertEqual(self._policies(self.oslo[0]), self.rest.ids)

    def test_all_must_hold(self):
        one, two, three = self.oslo.profile_id
        one.persona_id = two.persona_id = self.persona
        one.journey_stage_id = three.journey_stage_id = self.stage
        self.bergen.profile_id.persona_id = self.persona
        self.loyal.persona_ids = self.persona
        expected = [self.loyal.id, self.loyal.id, self.rest.id]
        self.assertEqual(self._policies(self.oslo), expected)
        self.loyal.stage_ids = self.stage
        expected = [self.loyal.id, self.rest.id, self.rest.id]
        self.assertEqual(self._policies(self.oslo), expected)
        self.loyal.domain = "[('name', '=', 'oslo 1')]"
        self.assertEqual(self._policies(self.oslo), self.rest.ids * 3)
        self.assertEqual(self._policies(self.bergen), self.rest.ids * 2)

    def test_one_of_several_segments(self):
        self.loyal.segment_ids |= self._create_segment("Bergen")
        self.assertEqual(self._policies(self.everybody), self.loyal.ids * 5)

    def test_guard(self):
        self.loyal.is_guard = True
        self.loyal.rule_ids.max_touches = 1
        self.rest.rule_ids.max_touches = 5
        self.assertSend(self.bergen.profile_id)
        mailing = self._create_mailing(self.everybody)
        self._launch(mailing)
        self.assertOutcome(mailing, self.everybody, sent=2, deferred=3)

    def test_program_of_a_guard(self):
        self.loyal.write(
            {
                "is_guard": True,
                "rule_ids": [
                    Command.clear(),
                    Command.create(self._code("recipients.hold(profiles, 'no')")),
                ],
            }
        )
        self.rest.rule_ids.max_touches = 5
        mailing = self._create_mailing(self.everybody)
        self._launch(mailing)
        self.assertOutcome(mailing, self.everybody, sent=2, held=3)

    def test_in_words(self):
        self.loyal.persona_ids = self.persona
        self.assertIn("Oslo", self.loyal.audience)
        self.assertIn("Helen", self.loyal.audience)
        self.assertEqual(self.rest.audience, "everybody")
        self.loyal.sequence = 9
        self.env.invalidate_all()
        self.assertIn("Rest", self.loyal.warning)
        self.rest.segment_ids = self.segment
        self.env.invalidate_all()
        self.assertFalse(self.loyal.warning)

    def test_broken_blocks_and_lets_nobody_fall_through(self):
        self._break(self.segment)
        with self.assertRaisesRegex(ValidationError, "Oslo"):
            self.oslo.profile_id.check_contact("email", at=NOW)
        mailing = self._create_mailing(self.everybody)
        with mute_logger(LOGGER):
            self._launch(mailing)
        self.assertFalse(self._statuses(mailing))
        self.assertNotEqual(mailing.state, "done")
        self.assertIn("Oslo", mailing.message_ids[:1].body)
        self.assertIn("Oslo", self.loyal.warning)
        self.assertTrue(self.loyal.audience)

    def test_broken_cannot_be_chosen(self):
        other = self._create_segment("Bergen")
        self._break(other)
        with self.assertRaisesRegex(ValidationError, "Bergen"):
            self.loyal.segment_ids = other

    def test_deleting_what_a_policy_is_for_is_refused(self):
        self.loyal.persona_ids = self.persona
        self.env.flush_all()
        with self.assertRaises(UserError):
            self.segment.unlink()
        self.assertEqual(self.loyal.persona_ids, self.persona)

    def test_whose_segment_it_is(self):
        unit = self.env["res.company"].create({"name": "Unit"})
        theirs = self._create_segment("Bergen", company_id=unit.id)
        manager = self._create_user("segment_manager", f"{ADDON}.{ADDON}_group_manager")
        self.loyal.with_user(manager).segment_ids = self.segment
        with self.assertRaises(AccessError):
            self.loyal.with_user(manager).segment_ids = theirs
            self.loyal.with_user(manager).segment_ids.mapped("name")
