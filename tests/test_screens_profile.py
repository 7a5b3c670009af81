from datetime import timedelta

from lxml import etree

from odoo import fields
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import ADDON, DAY, HOUR, StrategyCase


@tagged("post_install", "-at_install")
class TestScreensProfile(StrategyCase):
    """The page of a person: what is known, how, and everything that happened."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = cls._create_user("page_user", f"{ADDON}.{ADDON}_group_user")
        cls.anna = cls._create_person("Anna Berg", email="anna@strategy.test")
        cls.now = fields.Datetime.now()
        cls.level = cls.env["contact.tag.dimension"].create(
            {"name": "Level", "code": "screens_level", "is_exclusive": True}
        )
        cls.beginner, cls.expert = cls.env["contact.tag"].create(
            [{"name": name, "dimension_id": cls.level.id} for name in ("New", "Old")]
        )
        cls.persona = cls.env["contact.persona"].create({"name": "Sailor"})

    def _know(self, tag, kind, **more):
        return self.env["contact.tag.assignment"].create(
            {
                "profile_id": self.anna.id,
                "tag_id": tag.id,
                "kind": kind,
                "first_seen": self.now - 2 * DAY,
                "last_seen": self.now - DAY,
                **more,
            }
        )

    def _facts(self, user=None):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.anna.with_user(user or self.user).tag_facts

    # ------------------------------------------------------------
    # They said, we concluded
    # ------------------------------------------------------------

    def test_facts_say_how_it_is_known(self):
        """A chip has its source, its age, how sure it is and who said it."""
        self._know(
            self.beginner, "explicit", source="form", user_id=self.user.id, note="fair"
        )
        fact = self._facts()["explicit"][str(self.beginner.id)]
        self.assertEqual((fact["dimension"], fact["name"]), ("Level", "New"))
        self.assertEqual(fact["source"], "Form")
        self.assertEqual(fact["user"], self.user.name)
        self.assertEqual(fact["note"], "fair")
        self.assertEqual(fact["last_seen"], fields.Datetime.to_string(self.now - DAY))
        self.assertFalse(fact["clash"])
        self.assertFalse(fact["has_evidence"])

    def test_facts_show_what_disagrees(self):
        """Where one answer only is possible both sides name the other one."""
        self._know(self.beginner, "explicit")
        self._know(self.expert, "implicit", confidence=0.7, source="click")
        facts = self._facts()
        self.assertEqual(facts["explicit"][str(self.beginner.id)]["clash"], "Old")
        implicit = facts["implicit"][str(self.expert.id)]
        self.assertEqual(implicit["clash"], "New")
        self.assertAlmostEqual(implicit["confidence"], 0.7)

    def test_facts_agree(self):
        """The same, said and concluded, is no conflict; nor are two open answers."""
        self._know(self.beginner, "explicit")
        self._know(self.beginner, "implicit")
        self.assertFalse(self._facts()["implicit"][str(self.beginner.id)]["clash"])
        self.level.is_exclusive = False
        self._know(self.expert, "implicit")
        self.assertFalse(self._facts()["implicit"][str(self.expert.id)]["clash"])

    def test_facts_without_the_expired(self):
        """What has expired is not shown, from the second on at which it does."""
        known = self._know(self.beginner, "explicit")
        known.expires = self.now + HOUR
        self.assertTrue(self._facts())
        known.expires = self.now - timedelta(seconds=1)
        self.assertFalse(self._facts())

    def test_evidence_of_a_record(self):
        """A fact with a record behind it has evidence to open."""
        self._know(
            self.beginner,
            "explicit",
            res_model="res.partner",
            res_id=self.anna.partner_id.id,
        )
        fact = self._facts()["explicit"][str(self.beginner.id)]
        self.assertTrue(fact["has_evidence"])

    def test_facts_in_one_go(self):
        """The facts of many people take as many queries as those of few."""
        people = self._create_partners(12).profile_id
        for person in people:
            person.explicit_tag_ids = self.beginner
        self.env.flush_all()

        def count(profiles):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            profiles.browse(profiles.ids).mapped("tag_facts")
            return self.env.cr.sql_log_count - before

        count(people)  # what is cached for ever is cached now
        self.assertEqual(count(people), count(people[:2]))

    # ------------------------------------------------------------
    # Portrait
    # ------------------------------------------------------------

    def test_responses_by_week(self):
        """Each response stands in the week in which it came, the newest last."""
        self._create_touch(
            self.anna,
            self.now - 9 * DAY,
            opened=True,
            opened_date=self.now - 8 * DAY,
            clicked=True,
            clicked_date=self.now - 6 * DAY,
        )
        self._create_touch(
            self.anna,
            self.now - 70 * DAY,
            replied=True,
            replied_date=self.now - 69 * DAY,
            bounced=True,
            bounced_date=self.now - HOUR,
        )
        self.assertEqual(self.anna.response_weeks, [0] * 6 + [1, 1])

    def test_form_for_users(self):
        """A user adds a tag, and what was concluded cannot be written."""
        with Form(self.anna.with_user(self.user)) as form:
            form.explicit_tag_ids.add(self.beginner)
        self.assertEqual(self.anna.explicit_tag_ids, self.beginner)
        view = self.env.ref(f"{ADDON}.contact_profile_view_form")
        arch = etree.fromstring(self.anna.get_view(view.id)["arch"])
        (concluded,) = arch.xpath("//field[@name='implicit_tag_ids']")
        self.assertEqual(concluded.get("readonly"), "1")

    def test_list_has_filters_that_work(self):
        """Every filter of the list can be asked."""
        view = self.env.ref(f"{ADDON}.contact_profile_view_search")
        Profile = self.env["contact.profile"].with_user(self.user)
        arch = etree.fromstring(Profile.get_view(view.id, "search")["arch"])
        for node in arch.xpath("//filter[@domain]"):
            with self.subTest(node.get("name")):
                Profile.search(eval(node.get("domain")), limit=1)
        for node in arch.xpath("//filter[contains(@context, 'group_by')]"):
            with self.subTest(node.get("name")):
                groupby = eval(node.get("context"))["group_by"]
                Profile.formatted_read_group([], [groupby], ["__count"])
        for node in arch.xpath("//searchpanel/field"):
            with self.subTest(node.get("name")):
                Profile.search_panel_select_multi_range(node.get("name"), expand=True)

    def test_kanban_moves_between_personas(self):
        """A card dragged to another persona's column is a user's choice."""
        self.anna.with_user(self.user).persona_id = self.persona
        self.assertEqual(self.anna.persona_id, self.persona)

    # ------------------------------------------------------------
    # The records that users know
    # ------------------------------------------------------------

    def test_partner_form(self):
        """On a contact a user sets what the profile knows; others read the persona."""
        partner = self.anna.partner_id
        editor = self._create_user(
            "page_editor", f"{ADDON}.{ADDON}_group_user", "base.group_partner_manager"
        )
        with Form(partner.with_user(editor)) as form:
            form.persona_id = self.persona
            form.explicit_tag_ids.add(self.beginner)
        self.assertEqual(self.anna.persona_id, self.persona)
        self.assertEqual(self.anna.explicit_tag_ids, self.beginner)
        plain = self._create_user("page_plain", "base.group_partner_manager")
        form = Form(partner.with_user(plain))
        self.assertEqual(form.persona_id, self.persona)
        self.assertNotIn("explicit_tag_ids", form._view["fields"])
        with self.assertRaises(AssertionError):
            form.persona_id = self.env["contact.persona"]

    def test_new_partner_with_facts(self):
        """What is known is entered together with the contact."""
        with Form(self.env["res.partner"]) as form:
            form.name = "Carla"
            form.explicit_tag_ids.add(self.beginner)
        partner = form.save()
        self.assertEqual(partner.profile_id.explicit_tag_ids, self.beginner)

    def test_mailing_contact_form(self):
        """The same on mailing contacts."""
        contact = self.env["mailing.contact"].create(
            {"name": "Dag", "email": "dag@strategy.test"}
        )
        with Form(contact) as form:
            form.persona_id = self.persona
            form.explicit_tag_ids.add(self.expert)
        self.assertEqual(contact.profile_id.persona_id, self.persona)
        self.assertEqual(contact.profile_id.explicit_tag_ids, self.expert)

    def test_records_are_found_by_what_is_known(self):
        """Contacts and mailing contacts are searched by persona and tags."""
        self.anna.write(
            {
                "persona_id": self.persona.id,
                "explicit_tag_ids": [Command.link(self.beginner.id)],
            }
        )
        for domain in (
            [("persona_id", "=", self.persona.id)],
            [("explicit_tag_ids", "in", self.beginner.ids)],
        ):
            found = self.env["res.partner"].search(domain)
            self.assertEqual(found, self.anna.partner_id)
