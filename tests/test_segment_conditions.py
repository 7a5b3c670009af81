from itertools import pairwise

from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .common import DAY, NOW
from .segment_common import SegmentCase


@tagged("post_install", "-at_install")
class TestSegmentConditions(SegmentCase):
    """What single lines mean, and how they are put together."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = cls._people(5)
        cls.anna, cls.bert, cls.carl, cls.dora, cls.emil = cls.people
        cls.anna.partner_id.city = "Álesund"
        cls.bert.partner_id.city = "Oslo"
        cls.helen, cls.thor = (cls._create_persona(name) for name in ("Helen", "Thor"))
        (cls.anna | cls.bert).persona_id = cls.helen
        cls.carl.persona_id = cls.thor
        cls.without_partner = cls.env["contact.profile"].create(
            {"email_normalized": "nobody@strategy.test"}
        )
        cls.people |= cls.without_partner

    def _fields(self, domain, **vals):
        return {"kind": "domain", "domain": repr(domain), **vals}

    def _persona(self, *personas, **vals):
        ids = [persona.id for persona in personas]
        return {"kind": "persona", "persona_ids": [Command.set(ids)], **vals}

    # ------------------------------------------------------------
    # The tree
    # ------------------------------------------------------------

    def test_groups(self):
        """All, at least one, none; at any depth."""
        helen, thor = self._persona(self.helen), self._persona(self.thor)
        oslo = self._fields([("partner_id.city", "=", "Oslo")])
        self.assertMembers(self._create_segment(helen, oslo), self.bert)
        self.assertMembers(
            self._create_segment(("any", thor, oslo)), self.bert | self.carl
        )
        rest = self.dora | self.emil | self.without_partner
        self.assertMembers(self._create_segment(("none", thor, helen)), rest)
        self.assertMembers(
            self._create_segment(("any", ("none", thor, helen), ("all", helen, oslo))),
            rest | self.bert,
        )
        self.assertMembers(
            self._create_segment(({"kind": "all", "is_negated": True}, helen, oslo)),
            self.people - self.bert,
        )
        self.assertMembers(self._create_segment(), self.people)

    def test_structure_is_refused(self):
        """A line too deep, and an empty group, are refused when saved."""
        thor = self._persona(self.thor)
        for lines in ((thor, {**thor, "level": 1}), ({"kind": "any"},)):
            with self.assertRaises(ValidationError):
                self._create_segment(*lines)
        segment = self._create_segment(("any", thor), thor)
        with self.assertRaisesRegex(ValidationError, "Line 1"):
            segment.condition_ids[1].unlink()
        # in one write the lines may be anything in between
        segment = self._create_segment(("any", thor), thor)
        first, inner, last = segment.condition_ids
        segment.condition_ids = [
            Command.delete(inner.id),
            Command.update(last.id, {"level": 1}),
        ]
        self.assertEqual(segment.condition_ids, first | last)
        with self.assertRaisesRegex(ValidationError, "Line 2"):
            last.level = 3

    def test_archived(self):
        """Nobody who is archived, in the database and in memory."""
        self.carl.active = False
        not_helen = self._persona(self.helen, is_negated=True)
        segment = self._create_segment(("any", not_helen, self._fields([])))
        self.assertMembers(segment, self.people - self.carl)
        asked = self._create_segment(self._fields([("active", "=", False)]))
        domain = asked._compile_conditions(NOW)
        found = self.people.with_context(active_test=False).search(domain)
        self.assertEqual(found & self.people, self.carl)

    # ------------------------------------------------------------
    # What we know
    # ------------------------------------------------------------

    def test_persona(self):
        """One of some, none of them, none at all; an empty choice is a problem."""
        both = self._persona(self.helen, self.thor)
        self.assertMembers(
            self._create_segment(both), self.anna | self.bert | self.carl
        )
        rest = self.dora | self.emil | self.without_partner
        self.assertMembers(self._create_segment({**both, "is_negated": True}), rest)
        nobody = {"kind": "persona", "is_empty": True}
        self.assertMembers(self._create_segment(nobody), rest)
        with self.assertRaisesRegex(ValidationError, "Line 1, Persona"):
            self._create_segment({"kind": "persona"})
        segment = self._create_segment(both)
        self.env.cr.execute("DELETE FROM contact_persona_contact_segment_condition_rel")
        self.env.invalidate_all()
        self.assertProblem(segment, "Line 1", "is empty")

    def test_tag_lines(self):
        """Said or concluded, sure and fresh enough; what is archived is a problem."""
        boats = self._create_tag("Boats")
        self._tag(self.anna, boats)
        old = NOW - 100 * DAY
        self._tag(
            self.bert,
            boats,
            "implicit",
            source="rule",
            confidence=0.4,
            first_seen=old,
            last_seen=old,
        )
        self._tag(self.carl, boats, "implicit", source="rule", confidence=0.8)
        line = {"kind": "tag", "tag_ids": [Command.set(boats.ids)]}
        for extra, expected in (
            ({}, self.anna | self.bert | self.carl),
            ({"tag_kind": "explicit"}, self.anna),
            ({"tag_kind": "implicit"}, self.bert | self.carl),
            ({"min_confidence": 0.5}, self.anna | self.carl),
            ({"tag_kind": "implicit", "min_confidence": 0.8}, self.carl),
            ({"seen_days": 99}, self.anna | self.carl),
            ({"seen_days": 101}, self.anna | self.bert | self.carl),
        ):
            self.assertMembers(self._create_segment({**line, **extra}), expected)
            outside = {**line, **extra, "is_negated": True}
            self.assertMembers(self._create_segment(outside), self.people - expected)
        self.assertMembers(
            self._create_segment({"kind": "tag", "is_empty": True}),
            self.people - self.anna - self.bert - self.carl,
        )
        segment = self._create_segment(line)
        boats.active = False
        self.assertProblem(segment, "archived")

    def test_exclusive_tags(self):
        """Of tags that exclude each other, either means the one that counts."""
        red = self._create_tag("Colour", is_exclusive=True)
        blue = self.env["contact.tag"].create(
            {"name": "Blue", "dimension_id": red.dimension_id.id}
        )
        self._tag(self.anna, red)
        self._tag(self.anna, blue, "implicit", source="rule")
        line = {"kind": "tag", "tag_ids": [Command.set(blue.ids)]}
        self.assertMembers(self._create_segment(line), self.Profile)
        self.assertMembers(
            self._create_segment({**line, "tag_kind": "implicit"}), self.anna
        )

    def test_lists(self):
        """Subscribed, opted out, neither; with two addresses as Odoo sees it."""
        news = self.env["mailing.list"].create({"name": "News"})
        contacts = self.env["mailing.contact"].create(
            [
                {
                    "name": person.name,
                    "email": person.email_normalized,
                    "subscription_ids": [
                        Command.create({"list_id": news.id, "opt_out": opt_out})
                    ],
                }
                for person, opt_out in (
                    (self.anna, False),
                    (self.bert, True),
                    (self.carl, False),
                    (self.carl, True),
                )
            ]
        )
        self.assertEqual(contacts.profile_id, self.anna | self.bert | self.carl)
        line = {"kind": "list", "list_ids": [Command.set(news.ids)]}
        for extra, expected in (
            ({}, self.anna | self.carl),
            ({"list_state": "out"}, self.bert),
            ({"is_empty": True}, self.people - self.anna - self.carl),
        ):
            self.assertMembers(self._create_segment({**line, **extra}), expected)
            outside = {**line, **extra, "is_negated": True}
            self.assertMembers(self._create_segment(outside), self.people - expected)

    def test_response(self):
        """What came back from a mailing; of which the unit's touches count."""
        mailing = self._create_mailing(self.people.partner_id)
        other = self.env["res.company"].create({"name": "Other"})
        common = {"mailing_id": mailing.id, "state": "sent"}
        self._create_touch(self.anna, NOW, **common, clicked=True, opened=True)
        self._create_touch(self.bert, NOW, **common, bounced=True)
        self._create_touch(self.carl, NOW, **common, opened=True, company_id=other.id)
        line = {"kind": "response", "mailing_ids": [Command.set(mailing.ids)]}
        for response, expected in (
            ("sent", self.anna | self.carl),
            ("opened", self.anna | self.carl),
            ("clicked", self.anna),
            ("replied", self.Profile),
            ("bounced", self.bert),
        ):
            asked = {**line, "response": response}
            self.assertMembers(self._create_segment(asked), expected)
            outside = {**asked, "is_negated": True}
            self.assertMembers(self._create_segment(outside), self.people - expected)
        own = self._create_segment(
            {**line, "response": "opened"}, company_id=self.env.company.id
        )
        self.assertMembers(own, self.anna)

    # ------------------------------------------------------------
    # A share
    # ------------------------------------------------------------

    def test_share(self):
        """Shares that follow each other divide all people, always alike."""
        people = self.people = self.people | self._people(200, "crowd")
        edges = (0, 12.5, 50, 100)
        shares = [
            self._members(
                self._create_segment({"kind": "share", "share_from": a, "share_to": b})
            )
            for a, b in pairwise(edges)
        ]
        self.assertEqual(sum(map(len, shares)), len(people))
        self.assertEqual(self.Profile.union(*shares), people)
        self.assertTrue(60 < len(shares[2]) < 145)
        again = {"kind": "share", "share_from": 0, "share_to": 50}
        self.assertMembers(self._create_segment(again), shares[0] | shares[1])
        other = self._members(self._create_segment({**again, "share_key": "2"}))
        self.assertNotEqual(other, shares[0] | shares[1])
