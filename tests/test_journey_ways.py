from psycopg2 import IntegrityError

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ADDON, DAY, NOW
from .journey_common import REASON, JourneyCase


@tagged("post_install", "-at_install")
class TestJourneyWays(JourneyCase):
    """Form, contact, mailing contact, import, program, dialog: all pass the door."""

    def test_everybody_starts(self):
        """Also those whom SQL makes; and nobody has moved by that."""
        partner = self.env["res.partner"].create({"name": "New", "email": "n@x.test"})
        contact = self.env["mailing.contact"].create({"email": "m@x.test"})
        profile = self.env["contact.profile"].create({"email_normalized": "p@x.test"})
        people = partner.profile_id + contact.profile_id + profile
        self.env.invalidate_all()
        self.assertEqual(people.journey_stage_id, self.stranger)
        self.assertTrue(all(people.mapped("journey_stage_date")))
        self.assertFalse(people.journey_move_ids)

    def test_start_elsewhere(self):
        """There may be another start, or none; one only."""
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(IntegrityError),
            self.cr.savepoint(),
        ):
            self.subscriber.is_start = True
            self.env.flush_all()
        self.stranger.is_start = False
        person = self._create_person("nowhere")
        self.assertFalse(person.journey_stage_id)
        self.subscriber.is_start = True
        self.assertEqual(person.journey_stage_id, self.subscriber)
        self.assertEqual(self._create_person().journey_stage_id, self.subscriber)

    def test_create_a_profile(self):
        Profile = self.env["contact.profile"]
        for values, context in (
            ({"journey_stage_id": self.lead.id}, {}),
            ({}, {"default_journey_stage_id": self.lead.id}),
        ):
            person = Profile.with_context(**context).create(
                {**values, "journey_stage_date": NOW - DAY}
            )
            self.assertEqual(person.journey_stage_id, self.lead)
            self.assertEqual(person.journey_stage_date, NOW)
            self.assertEqual(self._moves(person), [(self.Stage, self.lead)])

    def test_contacts(self):
        """At their creation, too, when there is no profile yet; all at once."""
        for model, vals in (
            ("res.partner", {"name": "A"}),
            ("mailing.contact", {"name": "A"}),
        ):
            with self.subTest(model=model):
                Model = self.env[model]
                records = Model.create(
                    [
                        {
                            **vals,
                            "email": f"{index}@{model}.test",
                            "journey_stage_id": self.lead.id,
                        }
                        for index in range(2)
                    ]
                )
                people = records.profile_id
                self.assertEqual(people.journey_stage_id, self.lead)
                self.assertEqual(len(people.journey_move_ids), 2)
                records.journey_stage_id = self.customer
                self.assertEqual(people.journey_stage_id, self.customer)
                self.assertEqual(records.mapped("journey_stage_id"), self.customer)
                with self.assertRaises(UserError):
                    records.journey_stage_id = self.lead
                with self.assertRaises(UserError):
                    records.journey_stage_id = False
                records.with_context(stage_reason=REASON).journey_stage_id = self.lead
                self.assertEqual(len(people.journey_move_ids), 6)
                context = {"default_journey_stage_id": self.lead.id}
                new = Model.with_context(**context).create(
                    {**vals, "email": f"new@{model}.test"}
                )
                self.assertEqual(new.journey_stage_id, self.lead)

    def test_no_address(self):
        """Nothing is swallowed: without an address there is nobody to move."""
        with self.assertRaisesRegex(UserError, "address"):
            self.env["mailing.contact"].create(
                {"name": "A", "journey_stage_id": self.lead.id}
            )

    def test_import(self):
        """The importer says which rows are refused, and imports none then."""
        person = self._create_traveller(self.customer)
        fields = ["name", "email", "journey_stage_id"]
        Partner = self.env["res.partner"].with_context(import_file=True)
        rows = [["New", "new@x.test", "Lead"]]
        result = Partner.load(fields, rows)
        self.assertTrue(result["ids"], result)
        new = Partner.browse(result["ids"]).profile_id
        self.assertEqual(new.journey_stage_id, self.lead)
        self.assertEqual(new.journey_move_ids.kind, "import")
        xmlid = person.partner_id._BaseModel__ensure_xml_id()
        xmlid = next(iter(xmlid))[1]
        result = Partner.load(
            ["id", "journey_stage_id"],
            [[xmlid, "Lead"]],
        )
        self.assertFalse(result["ids"])
        self.assertIn("Say why anna goes back", result["messages"][0]["message"])
        self.assertEqual(person.journey_stage_id, self.customer)

    def test_server_action(self):
        """A program has no other way."""
        action = self.env["ir.actions.server"].create(
            {
                "name": "Back",
                "model_id": self.env["ir.model"]._get_id("contact.profile"),
                "state": "code",
                "code": f"records.write({{'journey_stage_id': {self.lead.id}}})",
            }
        )
        person = self._create_traveller(self.customer)
        with self.assertRaisesRegex(UserError, "Say why"):
            action.with_context(
                active_model="contact.profile", active_ids=person.ids
            ).run()

    def test_move_back_wizard(self):
        user = self._create_user("stager", f"{ADDON}.{ADDON}_group_user")
        people = self._create_travellers(2, self.customer)
        wizard = (
            self.env["contact.stage.move"]
            .with_user(user)
            .with_context(active_model="contact.profile", active_ids=people.ids)
            .create({"stage_id": self.lead.id, "reason": REASON})
        )
        self.assertEqual(
            wizard.former_stage_ids, self.subscriber + self.lead + self.opportunity
        )
        wizard.action_move()
        self.assertEqual(people.journey_stage_id, self.lead)
        self.assertEqual(people.journey_move_ids.user_id, user)
