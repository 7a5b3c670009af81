from odoo.tests import tagged

from .common import DAY, HOUR, NOW
from .journey_common import JourneyCase


@tagged("post_install", "-at_install")
class TestJourneyMerge(JourneyCase):
    """Two profiles turn out to be one person: one journey stays, both histories do."""

    def _travel(self, name, *steps):
        """A person who came to the first stage, and moved on (stage, when)."""
        (first, since), *others = steps
        person = self._create_traveller(first, since, name=name)
        for stage, date in others:
            person._move_to_stage(stage, date=date, reason="x")
        return person

    def _merge(self, source, target):
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (source + target).partner_id.ids, target.partner_id
        )
        self.assertFalse(source.exists())
        return target

    def test_further_stage_stays(self):
        for source_is_further in (True, False):
            near = self._travel(
                f"near {source_is_further}",
                (self.stranger, NOW - 9 * DAY),
                (self.lead, NOW - 2 * DAY),
            )
            far = self._travel(
                f"far {source_is_further}",
                (self.stranger, NOW - 8 * DAY),
                (self.lead, NOW - 7 * DAY),
                (self.customer, NOW - 5 * DAY),
            )
            pair = (far, near) if source_is_further else (near, far)
            with self.subTest(source_is_further=source_is_further):
                person = self._merge(*pair)
                self.assertEqual(person.journey_stage_id, self.customer)
                self.assertEqual(person.journey_stage_date, NOW - 5 * DAY)
                self.assertEqual(
                    self._moves(person),
                    [
                        (self.stranger, self.lead),
                        (self.lead, self.customer),
                        (self.stranger, self.lead),
                    ],
                )
                aside = person.journey_move_ids.filtered("is_merged")
                self.assertEqual(aside.date, NOW - 2 * DAY)

    def test_same_stage(self):
        """Who is there for longer is right."""
        early = self._travel("early", (self.lead, NOW - 5 * DAY))
        late = self._travel("late", (self.lead, NOW - DAY))
        person = self._merge(early, late)
        self.assertEqual(person.journey_stage_date, NOW - 5 * DAY)

    def test_lost_and_found(self):
        """Who is lost there and bought later here is not lost."""
        for lapsed_at, expected in (
            (NOW - 9 * DAY, self.customer),
            (NOW - HOUR, self.lapsed),
        ):
            lost = self._travel(f"lost {expected.name}", (self.lapsed, lapsed_at))
            found = self._travel(
                f"found {expected.name}", (self.customer, NOW - 2 * DAY)
            )
            self.assertEqual(self._merge(found, lost).journey_stage_id, expected)

    def test_lost_and_unknown(self):
        """A new address says nothing about somebody who was lost."""
        lost = self._travel("lost", (self.lapsed, NOW - 9 * DAY))
        new = self._travel("new", (self.stranger, NOW - DAY))
        self.assertEqual(self._merge(lost, new).journey_stage_id, self.lapsed)

    def test_adoption(self):
        """A mailing contact's journey goes on when the person becomes a contact."""
        contact = self.env["mailing.contact"].create({"email": "m@journey.test"})
        contact.journey_stage_id = self.lead
        partner = self.env["res.partner"].create(
            {"name": "M", "email": "m@journey.test"}
        )
        self.assertEqual(partner.profile_id, contact.profile_id)
        self.assertEqual(partner.journey_stage_id, self.lead)

    def test_where_a_merge_leads_rules_go_on(self):
        """The last move of the journey that stays counts, not that of a duplicate."""
        far = self._travel("far", (self.lead, NOW - 9 * DAY))
        far.journey_stage_id = self.customer
        near = self._travel("near", (self.customer, NOW - 5 * DAY))
        near._move_to_stage(self.lead, reason="x", date=NOW)
        person = self._merge(near, far)
        self._create_hit(self._create_signal(self.repeat), person, NOW - 9 * DAY)
        self.env["contact.profile"]._advance(person.ids)
        self.assertEqual(person.journey_stage_id, self.repeat)

    def test_history_of_nobody(self):
        """A profile that nothing needs goes, though rules have moved it; what somebody
        did is kept."""
        Contact = self.env["mailing.contact"]
        contacts = Contact.create([{"email": f"{n}@journey.test"} for n in range(2)])
        ruled, moved = (contact.profile_id for contact in contacts)
        ruled._move_to_stage(self.lead, kind="rule")
        moved._move_to_stage(self.lead)
        contacts.unlink()
        self.assertFalse(ruled.exists())
        self.assertTrue(moved.exists())
