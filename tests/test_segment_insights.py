from datetime import timedelta

from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .common import DAY, NOW
from .segment_preview_common import PreviewCase


@tagged("post_install", "-at_install")
class TestSegmentReasons(PreviewCase):
    """Why is somebody in it?"""

    def _reasons(self, *lines, person=None, **vals):
        examples = self._segment(*lines, **vals).get_preview({})["examples"]
        person = person or self.ann
        return next(one["reasons"] for one in examples if one["id"] == person.id)

    def test_tag(self):
        """A tag with its source."""
        (reason,) = self._reasons(self._tagged(self.likes))
        self.assertIn("Likes", reason)
        source = self.ann.tag_assignment_ids.source
        label = dict(
            self.ann.tag_assignment_ids._fields["source"]._description_selection(
                self.env
            )
        )[source]
        self.assertIn(label, reason)

    def test_which_made_it_true(self):
        """Of a group of which one must be true: that one."""
        lines = (
            self._group("any"),
            self._tagged(self.likes, level=1),
            self._tagged(self.buys, level=1),
        )
        (reason,) = self._reasons(*lines, person=self.eve)
        self.assertIn("Buys", reason)
        self.assertEqual(len(self._reasons(*lines, person=self.dan)), 2)

    def test_not(self):
        """What is not true is said as such."""
        lines = (self._group("none"), self._tagged(self.buys, level=1))
        (reason,) = self._reasons(*lines)
        self.assertIn("not", reason)

    def test_persona(self):
        """Said or concluded."""
        self.ann.persona_id = self._create_persona("Helen")
        line = {"kind": "persona", "persona_ids": self.ann.persona_id.ids}
        self.assertEqual(self._reasons(line), ["Helen (said)"])

    def test_field(self):
        """The value of the field."""
        self.ann.partner_id.city = "Oslo"
        line = {"kind": "domain", "domain": "[('partner_id.city', '=', 'Oslo')]"}
        self.assertEqual(self._reasons(line), ["City: Oslo"])

    def test_behaviour(self):
        """How many records, and the latest."""
        for days in (3, 2):
            self._create_touch(self.ann, NOW - days * DAY)
        segment = self._segment(
            {
                "kind": "behaviour",
                "model_id": self.env["ir.model"]._get_id("contact.touch"),
                "person_path": "profile_id",
                "date_path": "date",
                "window_value": 30,
                "threshold": 2,
            }
        )
        preview = segment._preview(NOW)
        self.assertEqual(preview["count"], 1)
        (reason,) = preview["examples"][0]["reasons"]
        self.assertEqual(reason, "Touch: 2, last 05/10/2026")


@tagged("post_install", "-at_install")
class TestSegmentComparisons(PreviewCase):
    """Segments beside each other, and against everybody."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["contact.segment"].search([]).active = False
        cls.liking = cls._segment(cls._tagged(cls.likes), name="Liking")
        cls.buying = cls._segment(cls._tagged(cls.buys), name="Buying")

    def test_overlaps(self):
        """Each two: how many are in both."""
        told = self.env["contact.segment"].get_overlaps()
        one, other = str(self.liking.id), str(self.buying.id)
        self.assertEqual(told["pairs"][one], {one: 4, other: 1})
        self.assertEqual(told["pairs"][other], {one: 1, other: 2})
        counts = {segment["name"]: segment["count"] for segment in told["segments"]}
        self.assertEqual(counts, {"Liking": 4, "Buying": 2})
        self.assertEqual(self.liking.people_count, 4)

    def test_overlaps_of_some(self):
        """Of chosen segments only."""
        told = self.liking.get_overlaps()
        self.assertEqual([one["id"] for one in told["segments"]], self.liking.ids)

    def test_also_in(self):
        """The form names those that share people."""
        (other,) = self.liking.get_insights(["overlaps"])["overlaps"]
        self.assertEqual(other["id"], self.buying.id)
        self.assertEqual((other["count"], other["share"]), (1, 0.25))

    def test_view_common(self):
        """Who is in both opens as a list of people."""
        action = (self.liking | self.buying).action_view_common()
        self.assertEqual(self.Profile.search(action["domain"]), self.dan)

    def test_response(self):
        """People, not touches, and those who got no mailing do not count."""
        mailing = self._create_mailing(self.people.partner_id)
        now = self.env.cr.now()
        for person in self.people[1:]:
            for days in (2, 3):
                self._create_touch(
                    person,
                    now - timedelta(days=days),
                    mailing_id=mailing.id,
                    opened=person in (self.bea, self.flo),
                    clicked=person == self.bea,
                )
        self._create_touch(self.ann, now - 100 * DAY, mailing_id=mailing.id)
        response = self.liking.get_insights(["response"])["response"]
        rows = {
            row["name"]: [cell["count"] for cell in row["cells"]]
            for row in response["rows"]
        }
        self.assertEqual(
            rows,
            {
                "got": [3, 5],
                "opened": [1, 2],
                "clicked": [1, 1],
                "replied": [0, 0],
                "left": [0, 0],
            },
        )
        self.assertIn("too few", response["words"])

    def test_opted_out(self):
        """Whoever was blacklisted meanwhile opted out, once."""
        mailing = self._create_mailing(self.people.partner_id)
        self._create_touch(self.ann, self.env.cr.now(), mailing_id=mailing.id)
        self.env["mail.blacklist"]._add(self.ann.email_normalized)
        response = self.liking.get_insights(["response"])["response"]
        self.assertEqual(response["rows"][-1]["cells"][0], {"count": 1, "share": 1})

    def test_parts(self):
        """What there is not is refused in words."""
        for parts in (["nothing"], "overlaps", [1]):
            with self.assertRaises(UserError):
                self.liking.get_insights(parts)
        with self.assertRaises(UserError):
            (self.liking | self.buying).get_insights()

    def test_behind(self):
        """Who comes next is told, with the reason."""
        self.liking.write(
            {
                "max_members": 2,
                "rank_by": "field",
                "rank_path": "name",
                "rank_order": "asc",
            }
        )
        first, _second = self.liking.get_insights(["behind"])["behind"]
        self.assertEqual(first["id"], self.cy.id)
        self.assertIn("Number 3 of 4", first["reason"])

    def test_growth(self):
        """Each day's size, where members are kept."""
        self.assertEqual(self.liking.get_insights(["growth"])["growth"], [])
        self.liking.kind = "refreshed"
        self.liking.action_refresh()
        today = self.liking.get_insights(["growth"])["growth"][-1]
        self.assertEqual((today["size"], today["entered"]), (4, 4))

    def test_waterfall(self):
        """How many each takes, and how many remain."""
        waterfall = self.env["contact.segment.waterfall"].create({"name": "Spring"})
        self.liking.write({"waterfall_id": waterfall.id, "waterfall_sequence": 2})
        self.buying.write({"waterfall_id": waterfall.id, "waterfall_sequence": 1})
        self.assertRecordValues(
            self.buying | self.liking,
            [
                {"fit_count": 2, "taken_count": 2, "rest_count": 4},
                {"fit_count": 4, "taken_count": 3, "rest_count": 1},
            ],
        )

    def test_ready_source(self):
        """What they did is found by its name, and known again."""
        with Form(self.buying) as form, form.condition_ids.new() as line:
            line.kind = "behaviour"
            line.ready_source = "list_left"
            self.assertEqual(line.model_id.model, "mailing.subscription")
            self.assertEqual(line.person_path, "contact_id")
        saved = self.buying.condition_ids.filtered(lambda one: one.kind == "behaviour")
        self.assertEqual(saved.ready_source, "list_left")
        self.assertEqual(saved.date_path, "opt_out_datetime")
