from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import ADDON, DAY, HOUR, StrategyCase
from .insight_common import InsightMixin
from .segment_use_common import SegmentUseMixin

LOGGER = f"odoo.addons.{ADDON}.models.insight.contact_signal_evaluate"


@tagged("post_install", "-at_install")
class TestSegmentUseGuards(SegmentUseMixin, InsightMixin, StrategyCase):
    """What depends on a segment is told, and never left without it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._prepare_insight()
        cls.oslo = cls._create_partners(3, "oslo", city="Oslo")
        cls.bergen = cls._create_partners(2, "bergen", city="Bergen")
        cls.segment = cls._create_segment("Oslo")
        cls.now = fields.Datetime.now() + HOUR

    def _uses(self):
        """Everything that can use a segment: {name: record}."""
        line = {"kind": "segment", "other_segment_ids": self.segment.ids}
        named = repr([("segment_ids", "not in", [0, self.segment.id])])
        partner = self.env["ir.model"]._get_id("res.partner")
        return {
            "mailing": self._create_mailing(
                self.oslo, segment_ids=self.segment.ids, subject="In it"
            ),
            "without": self._create_mailing(
                self.oslo, exclude_segment_ids=self.segment.ids, subject="Without it"
            ),
            "policy": self._create_policy(segment_ids=self.segment.ids, name="Strict"),
            "signal": self._create_signal(
                "engagement", segment_ids=self.segment.ids, name="Bought"
            ),
            "list": self.env["mailing.list"].create(
                {"name": "Follower", "segment_id": self.segment.id}
            ),
            "segment": self.env["contact.segment"].create(
                {"name": "Larger", "condition_ids": [Command.create(line)]}
            ),
            "filter": self.env["mailing.filter"].create(
                {
                    "name": "Favourite",
                    "mailing_domain": named,
                    "mailing_model_id": partner,
                }
            ),
            "domain": self._create_mailing(
                self.oslo, mailing_domain=named, subject="By domain"
            ),
            "ir.filters": self.env["ir.filters"].create(
                {
                    "name": "Mine",
                    "model_id": "res.partner",
                    "domain": f"[('user_id', '=', uid), {named[1:]}",
                }
            ),
        }

    def test_everything_is_found(self):
        uses = self._uses()
        self.segment.invalidate_recordset()
        self.assertEqual(self.segment.use_count, len(uses))
        for name, record in uses.items():
            self.assertIn(record.display_name, self.segment.uses, name)
            self.assertIn(f"/odoo/{record._name}/{record.id}", self.segment.uses)
        self.assertIn("Strict", self.segment.use_note)
        other = self._create_segment("Bergen")
        self.assertEqual(other.use_count, 0)
        self.assertFalse(other.use_note)

    def test_each_keeps_it_from_being_deleted_and_archived(self):
        for name in self._uses():
            segment = self._create_segment(f"For {name}")
            self.segment, former = segment, self.segment
            uses = self._uses()
            for other in set(uses) - {name}:
                uses[other].unlink()
            self.segment = former
            with self.subTest(name):
                with self.assertRaisesRegex(UserError, f"For {name}.* is used"):
                    segment.unlink()
                with self.assertRaisesRegex(UserError, f"For {name}.* is used"):
                    segment.action_archive()
                uses[name].unlink()
                segment.action_archive()
                segment.unlink()
                self.assertFalse(segment.exists())

    def test_what_is_over(self):
        mailing = self._create_mailing(self.oslo, segment_ids=self.segment.ids)
        mailing.state = "done"
        self.assertFalse(self.segment.use_note)
        self.segment.action_archive()
        with self.assertRaisesRegex(UserError, "for everybody"):
            self.segment.unlink()
        copy = mailing.copy()
        self.assertEqual(copy.segment_ids, self.segment)

    def test_unused(self):
        self.segment.action_archive()
        self.segment.unlink()
        self.assertFalse(self.segment.exists())

    def test_together_with_what_uses_it(self):
        line = {"kind": "segment", "other_segment_ids": self.segment.ids}
        other = self.env["contact.segment"].create(
            {"name": "Larger", "condition_ids": [Command.create(line)]}
        )
        other.unlink()
        self.segment.unlink()
        self.assertFalse((self.segment | other).exists())

    def test_of_other_units_is_counted_and_not_named(self):
        unit = self.env["res.company"].create({"name": "Unit"})
        self._create_mailing(
            self.oslo,
            segment_ids=self.segment.ids,
            subject="Secret takeover",
            company_id=unit.id,
        )
        mine = self.segment.with_user(self._create_marketer())
        self.assertEqual(mine.use_count, 1)
        self.assertNotIn("Secret", mine.uses)
        with self.assertRaisesRegex(UserError, "1 more") as caught:
            mine.unlink()
        self.assertNotIn("Secret", str(caught.exception))

    def test_dialog(self):
        action = self.segment.action_view_uses()
        view = self.env["ir.ui.view"].browse(action["views"][0][0])
        with Form(self.segment, view) as form:
            self.assertEqual(form.use_count, 0)

    def _told_of(self, domain):
        self.env.invalidate_all()  # each question is a request of its own
        line = {"domain": repr(domain)}
        return self.segment.get_preview(
            {"condition_ids": [[1, self.segment.condition_ids.id, line]]}
        )

    def test_warned_of_many_more(self):
        """Whatever uses it would be for more than half as many again."""
        both = [("partner_id.city", "in", ["Oslo", "Bergen"])]
        self.assertNotIn("warning", self._told_of(both), "nothing uses it")
        self._create_policy(segment_ids=self.segment.ids)
        told = self._told_of(both)
        self.assertEqual((told["count"], told["saved"]), (5, 3))
        self.assertIn("2 more people are in it (now 3)", told["warning"])
        names = [*self.oslo.mapped("name"), self.bergen[0].name]
        told = self._told_of([("name", "in", names)])
        self.assertEqual((told["count"], told["saved"]), (4, 3))
        self.assertNotIn("warning", told)
        self.assertIsNone(self.segment.get_preview({})["saved"], "nothing is changed")

    def test_not_warned_of_what_is_mended(self):
        """Nobody was in it, and what uses it waited for more."""
        self._create_policy(segment_ids=self.segment.ids)
        self._break(self.segment)
        told = self._told_of([("partner_id.city", "=", "Oslo")])
        self.assertEqual((told["count"], told["saved"]), (3, None))
        self.assertNotIn("warning", told)

    def test_warned_before_it_is_saved(self):
        self._create_policy(segment_ids=self.segment.ids)
        self.assertNotIn("warning", self.segment.get_preview({}))
        gone = [Command.delete(line.id) for line in self.segment.condition_ids]
        told = self.segment.get_preview({"condition_ids": gone})
        self.assertIn("everybody", told["warning"])
        nobody = "[('name', '=', 'nobody is called so')]"
        new = [0, "virtual_1", {"kind": "domain", "domain": nobody}]
        told = self.segment.get_preview({"condition_ids": [*gone, new]})
        self.assertIn("nobody", told["warning"])
        self.assertTrue(self.segment.condition_ids, "nothing was saved")

    # ------------------------------------------------------------
    # Signals
    # ------------------------------------------------------------

    def test_signal_among_the_people_of_a_segment(self):
        signal = self._create_signal("engagement", segment_ids=self.segment.ids)
        signal._evaluate(self.now)
        people = (self.oslo | self.bergen).profile_id
        self.assertEqual(signal.hit_ids.profile_id & people, self.oslo.profile_id)
        self.assertEqual(signal.hit_ids.profile_id, self.oslo.profile_id)
        # Days later, when nobody is new: nothing but the segment says who is meant.
        signal._forget_due(signal._due_profile_ids())
        signal._evaluate(self.now + 2 * DAY)
        self.oslo[0].city = "Bergen"
        signal._evaluate(self.now + 3 * DAY)
        self.assertEqual(signal.hit_ids.profile_id, self.oslo[1:].profile_id)
        # Nobody's records change, and yet other people are meant.
        self._mend(self.segment, city="Bergen")
        signal._evaluate(self.now + 4 * DAY)
        in_bergen = (self.bergen | self.oslo[0]).profile_id
        self.assertEqual(signal.hit_ids.profile_id & people, in_bergen)
        signal.segment_ids = False
        signal._evaluate(self.now + 5 * DAY)
        self.assertEqual(signal.hit_ids.profile_id & people, people)

    def test_signal_of_a_broken_segment_says_so(self):
        signal = self._create_signal("engagement", segment_ids=self.segment.ids)
        signal._evaluate(self.now)
        self._break(self.segment)
        self.oslo[0].city = "Bergen"
        with mute_logger(LOGGER):
            signal._evaluate(self.now)
        self.assertIn("Oslo", signal.error)
        self.assertEqual(signal.hit_ids.profile_id, self.oslo.profile_id)

    def test_signal_whose_segment_asks_for_what_follows(self):
        tag = self.env["contact.tag"].search([], limit=2)
        line = {"kind": "tag", "tag_ids": tag[0].ids}
        tagged_people = self.env["contact.segment"].create(
            {"name": "Tagged", "condition_ids": [Command.create(line)]}
        )
        vals = {"effect": "tag", "segment_ids": tagged_people.ids}
        with self.assertRaisesRegex(ValidationError, "Tagged"):
            self._create_signal(tag_id=tag[0].id, **vals)
        signal = self._create_signal(tag_id=tag[1].id, **vals)
        with self.assertRaisesRegex(ValidationError, "Tagged"):
            tagged_people.condition_ids.tag_ids = tag
        with self.assertRaises(ValidationError):
            tagged_people.condition_ids = [
                Command.create(
                    {"kind": "domain", "domain": "[('implicit_tag_ids', '!=', False)]"}
                )
            ]
        self.assertEqual(signal.segment_ids, tagged_people)

    def test_a_circle_of_two_signals(self):
        tags = self.env["contact.tag"].search([], limit=2)
        one, two = self.env["contact.segment"].create(
            [
                {
                    "name": f"Tagged {tag.id}",
                    "condition_ids": [
                        Command.create({"kind": "tag", "tag_ids": tag.ids})
                    ],
                }
                for tag in tags
            ]
        )
        self._create_signal("tag", tag_id=tags[1].id, segment_ids=one.ids)
        with self.assertRaisesRegex(ValidationError, " > "):
            self._create_signal("tag", tag_id=tags[0].id, segment_ids=two.ids)

    # ------------------------------------------------------------
    # Rights
    # ------------------------------------------------------------

    def test_who_may_not_see_a_segment_cannot_use_it(self):
        unit = self.env["res.company"].create({"name": "Unit"})
        self.segment.company_id = unit
        mine = self.env(user=self._create_marketer())
        found = mine["contact.segment"].search([])
        self.assertNotIn(self.segment.id, found.ids)
        partners = mine["res.partner"]
        of_theirs = [("segment_ids", "in", self.segment.ids)]
        self.assertFalse(mine["contact.profile"].search(of_theirs))
        with self.assertRaises(UserError):
            mine["contact.profile"].search(["!", *of_theirs])
        with self.assertRaises(AccessError):
            self.segment.with_env(mine).get_members()
        self.assertTrue(partners.search_count([]))
