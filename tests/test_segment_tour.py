from odoo.fields import Command
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import ADDON, StrategyMixin


@tagged("post_install", "-at_install")
class TestSegmentTour(StrategyMixin, HttpCase):
    """A segment is built, in a browser."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._prepare_strategy()
        cls.env["contact.segment"].search([]).active = False
        cls.env["contact.profile"].search([]).active = False
        cls.user = cls._create_user(
            "marketer",
            f"{ADDON}.{ADDON}_group_user",
            "mass_mailing.group_mass_mailing_user",
        )
        letter = cls.env["mailing.list"].create({"name": "Letter"})
        for name, lists in (("Anna", letter), ("Bea", letter), ("Cy", letter.browse())):
            cls.env["mailing.contact"].create(
                {
                    "name": name,
                    "email": f"{name.lower()}@strategy.test",
                    "subscription_ids": [
                        Command.create({"list_id": one.id}) for one in lists
                    ],
                }
            )
        cls.user.partner_id.profile_id.active = False

    def test_build(self):
        """What people did, within a time, and the first of them only."""
        self.start_tour("/odoo", "contact_segment_build", login="marketer")
        segment = self.env["contact.segment"].search([])
        self.assertEqual(segment.name, "Two latest letters")
        self.assertEqual(segment.max_members, 1)
        (line,) = segment.condition_ids
        self.assertEqual((line.kind, line.window_value), ("behaviour", 30))
        self.assertEqual(segment.people_count, 1)

    def test_outline(self):
        """Lines are moved by buttons and by the keyboard alone."""
        segment = self._create_group()
        url = f"/odoo/contact-segments/{segment.id}"
        self.start_tour(url, "contact_segment_outline", login="marketer")
        lines = segment.condition_ids.sorted("sequence")
        self.assertEqual(lines.mapped("level"), [0, 1, 1, 1])
        self.assertIn("Bea", lines[2].domain)
        self.assertEqual(segment.people_count, 3)

    def test_add_below(self):
        """A new line stands where it was asked for, saved as shown."""
        segment = self._create_group()
        url = f"/odoo/contact-segments/{segment.id}"
        self.start_tour(url, "contact_segment_add_below", login="marketer")
        lines = segment.condition_ids.sorted("sequence")
        self.assertEqual(lines.mapped("level"), [0, 1, 1, 1, 0, 0])
        self.assertEqual(
            lines.mapped("kind"), ["any", "share", "share", *3 * ["domain"]]
        )
        self.assertEqual(lines[1:3].mapped("share_to"), [10, 50])
        self.assertIn("Cy", lines[3].domain)

    def _create_group(self):
        """A group with one line, and two lines after it."""
        named = "[('name', '=', '%s')]"
        return self.env["contact.segment"].create(
            {
                "name": "One of them",
                "condition_ids": [
                    Command.create({"sequence": 1, "kind": "any"}),
                    *(
                        Command.create(
                            {
                                "sequence": place,
                                "kind": "domain",
                                "domain": named % name,
                                "level": level,
                            }
                        )
                        for place, (name, level) in enumerate(
                            (("Cy", 1), ("Anna", 0), ("Bea", 0)), 2
                        )
                    ),
                ],
            }
        )

    def test_broken(self):
        """Used in a mailing; broken, it stops the mailing; mended, it counts again."""
        people = self._create_partners(3, "reader")
        people.profile_id.active = True
        self.env["mailing.contact"].search([]).profile_id.active = False
        named = "[('name', 'in', ('reader 0', 'reader 1'))]"
        segment = self.env["contact.segment"].create(
            {
                "name": "Reads us",
                "condition_ids": [
                    Command.create({"sequence": 1, "kind": "domain", "domain": named}),
                    Command.create({"sequence": 2, "kind": "domain"}),
                ],
            }
        )
        mailing = self._create_mailing(people, user_id=self.user.id)
        url = f"/odoo/mailing.mailing/{mailing.id}"
        self.start_tour(url, "contact_segment_mailing", login="marketer")
        self.assertEqual(mailing.segment_ids, segment)
        # as if an app with its field was uninstalled
        self.env.cr.execute(
            "UPDATE contact_segment_condition SET domain = %s WHERE id = %s",
            ["[('field_that_is_gone', '=', 1)]", segment.condition_ids[1].id],
        )
        self.env.invalidate_all()
        with mute_logger("odoo.http"):  # it is refused
            self.start_tour(url, "contact_segment_broken", login="marketer")
        self.assertEqual(mailing.state, "draft")
        url = f"/odoo/contact-segments/{segment.id}"
        self.start_tour(url, "contact_segment_mend", login="marketer")
        self.assertFalse(segment.problem)
        self.assertEqual(segment.people_count, 2)

    def test_overlaps_of_none(self):
        """The empty table leads to the first segment whoever may make one."""
        overlaps = "/odoo/contact-segment-overlaps"
        access = self.env.ref(f"{ADDON}.access_contact_segment_user")
        access.perm_create = False
        self.start_tour(overlaps, "contact_segment_none", login="marketer")
        access.perm_create = True
        self.start_tour(overlaps, "contact_segment_first", login="marketer")
        self.assertEqual(self.env["contact.segment"].search([]).name, "The first")
