from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import StrategyCase
from .insight_common import InsightMixin


@tagged("post_install", "-at_install")
class TestPersonaSaid(InsightMixin, StrategyCase):
    """What is said stands above what is concluded, by whatever door it comes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._prepare_insight()
        cls.anna = cls._create_person("anna")
        cls.concluded = cls._create_persona("Helen", domain=cls._fits(cls.anna))
        cls.said = cls._create_persona(
            "Igor", question="What matters?", answer="How it works"
        )
        cls.Persona._conclude(cls.anna.ids)

    def assertSaid(self, profile, source="user"):
        self.assertEqual(profile.persona_id, self.said)
        self.assertEqual(profile.persona_kind, "explicit")
        self.assertEqual(profile.persona_confidence, 1)
        self.assertEqual(self._history(profile)[-1][1:], ("Igor", "explicit", source))
        self.Persona._conclude(profile.ids)
        self.Profile._set_personas([(profile.id, self.concluded.id, 1)], "implicit")
        self.Profile._set_personas([(profile.id, None, None)], "implicit")
        self.env.invalidate_all()
        self.assertEqual(profile.persona_id, self.said)
        self.assertEqual(profile.persona_kind, "explicit")

    def test_on_the_profile(self):
        user = self._create_user("says", "mass_mailing.group_mass_mailing_user")
        self.anna.with_user(user).persona_id = self.said
        self.assertSaid(self.anna)
        change = self.anna.persona_change_ids[0]
        self.assertEqual(change.user_id, user)
        self.assertEqual(change.from_persona_id, self.concluded)

    def test_on_contacts_and_mailing_contacts(self):
        people = self._create_partners(3)
        people.persona_id = self.said
        for person in people.profile_id:
            self.assertSaid(person)
        contact = self.env["mailing.contact"].create({"email": "list@strategy.test"})
        contact.persona_id = self.said
        self.assertSaid(contact.profile_id)

    def test_from_the_beginning(self):
        partner = self.env["res.partner"].create(
            {"name": "new", "email": "new@strategy.test", "persona_id": self.said.id}
        )
        self.assertSaid(partner.profile_id)
        contact = self.env["mailing.contact"].create(
            {"email": "list@strategy.test", "persona_id": self.said.id}
        )
        self.assertSaid(contact.profile_id)
        with self.assertRaisesRegex(UserError, "address"):
            self.env["mailing.contact"].create(
                {"name": "nobody", "persona_id": self.said.id}
            )
        profile = self.Profile.create(
            {"email_normalized": "only@strategy.test", "persona_id": self.said.id}
        )
        self.assertSaid(profile)

    def test_by_import(self):
        result = (
            self.env["res.partner"]
            .with_context(import_file=True)
            .load(
                ["name", "email", "persona_id"],
                [
                    ["New", "new@strategy.test", "Igor"],
                    ["Two", "two@strategy.test", ""],
                ],
            )
        )
        self.assertFalse(result["messages"])
        new, two = self.env["res.partner"].browse(result["ids"])
        self.assertSaid(new.profile_id, "import")
        self.assertFalse(two.persona_id)
        result = self.env["res.partner"].load(
            ["name", "persona_id"], [["Three", "Nobody"]]
        )
        self.assertIn("Nobody", result["messages"][0]["message"])

    def test_by_an_answer(self):
        for answer in ("How it works", "  how  IT works "):
            person = self._create_person(f"p{len(answer)}")
            self.assertEqual(person._answer_persona(answer, "what matters?"), self.said)
            self.assertSaid(person, "form")
            self.assertEqual(person.persona_change_ids[0].note, answer)
        self.assertFalse(self.anna._answer_persona("Nothing"))
        self.assertFalse(self.anna._answer_persona("How it works", "Another?"))
        self.assertFalse(self.anna._answer_persona(""))
        self.concluded.answer = "HOW IT WORKS"
        self.assertFalse(self.anna._answer_persona("How it works"), "two mean it")
        self.assertEqual(self.anna.persona_id, self.concluded)
        questions = self.Persona._get_questions()
        self.assertEqual(questions["What matters?"], [("How it works", self.said)])

    def test_an_answer_in_another_language(self):
        self.env["res.lang"]._activate_lang("nb_NO")
        self.said.with_context(lang="nb_NO").answer = "Hvordan det virker"
        self.assertEqual(self.anna._answer_persona("hvordan det virker"), self.said)
        self.assertEqual(self.anna._answer_persona("how it works"), self.said)

    def test_taken_back(self):
        self.anna.persona_id = self.said
        self.anna.persona_id = False
        self.assertEqual(self.anna.persona_id, self.concluded)
        self.assertEqual(self.anna.persona_kind, "implicit")
        self.assertEqual(
            self._history(self.anna)[-1], ("Igor", "Helen", "implicit", "user")
        )
        self.concluded.domain = "[]"
        self.anna.persona_id = self.said
        self.anna.persona_id = False
        self.assertFalse(self.anna.persona_id)
        self.assertFalse(self.anna.persona_kind)
        # what is concluded cannot be taken back: it would come again
        self.concluded.domain = self._fits(self.anna)
        self.Persona._conclude(self.anna.ids)
        count = len(self.anna.persona_change_ids)
        self.anna.persona_id = False
        self.assertEqual(self.anna.persona_id, self.concluded)
        self.assertEqual(len(self.anna.persona_change_ids), count)

    def test_the_same_is_said_and_concluded(self):
        self.anna.persona_id = self.concluded
        self.assertEqual(self.anna.persona_kind, "explicit")
        self.assertEqual(
            self._history(self.anna)[-1], ("Helen", "Helen", "explicit", "user")
        )
        count = len(self.anna.persona_change_ids)
        self.anna.persona_id = self.concluded
        self.assertEqual(len(self.anna.persona_change_ids), count)

    def test_what_is_concluded_cannot_be_written(self):
        manager = self._create_user(
            "manager",
            "mass_mailing_contact_strategy.mass_mailing_contact_strategy_group_manager",
        )
        person = self.anna.with_user(manager)
        for vals in (
            {"persona_kind": "explicit"},
            {"persona_confidence": 1},
            {"persona_change_ids": [Command.clear()]},
            {"engagement_score": 100},
            {"engagement_class": "hot"},
            {"quality_score": 100, "lang": "en_US"},
            {"quality_check_ids": [Command.clear()]},
        ):
            with (
                self.subTest(vals=vals),
                self.assertRaisesRegex(UserError, "follows"),
            ):
                person.write(vals)
            with self.assertRaisesRegex(UserError, "follows"):
                person.create({"email_normalized": "x@strategy.test", **vals})

    def test_nonsense(self):
        for value in (10**8, 2**40, "x", [1]):
            with self.subTest(value=value), self.assertRaises(ValidationError):
                self.anna.write({"persona_id": value})
        with self.assertRaises(ValidationError):
            self.anna.partner_id.write({"persona_id": "x"})

    def test_rights(self):
        internal = self._create_user("internal", "base.group_partner_manager")
        with self.assertRaises(AccessError):
            self.anna.with_user(internal).persona_id = self.said
        with self.assertRaises(AccessError):
            self.anna.partner_id.with_user(internal).persona_id = self.said
        self.assertEqual(
            self.anna.partner_id.with_user(internal).persona_id, self.concluded
        )
        unit = self.env["res.company"].create({"name": "Unit"})
        theirs = self._create_person("theirs", company_id=unit.id)
        user = self._create_user("user", "mass_mailing.group_mass_mailing_user")
        with self.assertRaises(AccessError):
            theirs.with_user(user).persona_id = self.said
        theirs.persona_id = self.said
        own = self.env["contact.persona.change"].with_user(user).search([])
        self.assertTrue(own)
        self.assertNotIn(theirs, own.sudo().profile_id)
        self.assertEqual(self.said.with_user(user).people_count, 0)
        self.assertEqual(self.said.people_count, 1)

    def test_queries_do_not_grow_with_people(self):
        people = self._create_partners(20)
        self._precommit()
        counts = []
        for some in (people[:2], people[2:]):
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            some.write({"persona_id": self.said.id})
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])

    def test_merged_people(self):
        bea, carl = self._create_person("bea"), self._create_person("carl")
        bea.persona_id = self.said
        with mute_logger("odoo.models.unlink"):
            bea._merge_into(self.anna)
        self.assertEqual(self.anna.persona_id, self.said)
        self.assertEqual(self.anna.persona_kind, "explicit")
        self._precommit()
        self.assertEqual(self.anna.persona_id, self.said)
        self.assertEqual(len(self.anna.persona_change_ids), 3, "both histories")
        with mute_logger("odoo.models.unlink"):
            self.anna._merge_into(carl)
        self.assertEqual(carl.persona_id, self.said)
        self._precommit()
        self.assertFalse(carl.persona_candidate_ids, "the rule means the other id")

    def test_what_is_concluded_keeps_nobody(self):
        contact, said = self.env["mailing.contact"].create(
            [{"email": "list@strategy.test"}, {"email": "said@strategy.test"}]
        )
        profile, kept = contact.profile_id, said.profile_id
        self.concluded.domain = self._fits(profile, kept)
        self.Persona._conclude((profile + kept).ids)
        self.assertEqual(profile.persona_id, self.concluded)
        kept.persona_id = self.said
        (contact + said).unlink()
        self.assertFalse(profile.exists())
        self.assertTrue(kept.exists())
