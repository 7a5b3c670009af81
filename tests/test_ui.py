from lxml import etree

from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import ADDON, NOW, StrategyCase

ACTIONS = (
    "contact_policy_action",
    "contact_hold_action",
    "contact_touch_action",
    "contact_touch_action_uncertain",
    "contact_profile_action",
    "contact_channel_action",
    "contact_category_action",
    "contact_tag_assignment_action",
    "contact_tag_dimension_action",
    "contact_tag_action",
    "contact_wish_action",
)


@tagged("post_install", "-at_install")
class TestUi(StrategyCase):
    """Screens open for everybody who has them, and say what they should."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = cls._create_user("ui_user", f"{ADDON}.{ADDON}_group_user")
        cls.mailer = cls._create_user(
            "ui_mailer", "mass_mailing.group_mass_mailing_user"
        )
        cls.manager = cls._create_user("ui_manager", f"{ADDON}.{ADDON}_group_manager")
        cls.anna = cls._create_person("Anna Berg", email="anna@strategy.test")
        cls.policy = cls._create_policy(cls._cap(1, channel_ids=cls.email.ids))

    def _form(self, record, user=None):
        return Form(record.with_user(user or self.manager))

    def test_every_action_opens(self):
        """Each view of each action can be read and its data loaded."""
        for name in ACTIONS:
            for user in (self.user, self.mailer, self.manager):
                with self.subTest(action=name, user=user.login):
                    action = self.env.ref(f"{ADDON}.{name}").with_user(user)
                    values = action._get_action_dict()
                    views = [*values["views"], (False, "search")]
                    Model = self.env[action.res_model].with_user(user)
                    found = Model.get_views(views)["views"]
                    for view in found.values():
                        names = etree.fromstring(view["arch"]).xpath(
                            "//field[not(ancestor::field)]/@name"
                        )
                        own = [name for name in names if name in Model._fields]
                        Model.search_read([], own, limit=5)

    def test_every_action_says_what_it_is_for(self):
        """An empty screen offers the first step."""
        for name in ACTIONS:
            with self.subTest(action=name):
                self.assertIn(
                    "o_view_nocontent_smiling_face",
                    self.env.ref(f"{ADDON}.{name}").help,
                )

    def test_menus(self):
        """The app has an icon, every entry leads somewhere, settings are managers'."""
        root = self.env.ref(f"{ADDON}.{ADDON}_menu_root")
        self.assertEqual(root.web_icon, f"{ADDON},static/description/icon.png")
        self.assertTrue(root.web_icon_data)
        menus = self.env["ir.ui.menu"].search([("id", "child_of", root.id)]) - root
        for menu in menus:
            self.assertTrue(menu.action or menu.child_id, menu.complete_name)
        Menu = self.env["ir.ui.menu"].with_context({"ir.ui.menu.full_list": False})
        settings = self.env.ref(f"{ADDON}.{ADDON}_menu_configuration")
        seen = {
            user: Menu.with_user(user)._visible_menu_ids()
            for user in (self.user, self.manager)
        }
        self.assertIn(root.id, seen[self.user])
        self.assertNotIn(settings.id, seen[self.user])
        self.assertIn(settings.id, seen[self.manager])

    def test_forms_save(self):
        """What can be made by hand can be made in its form."""
        with self._form(self.env["contact.channel"]) as form:
            form.name = "Fax"
            form.unit_name = "faxes"
            form.code = "fax"
        with self._form(self.env["contact.category"]) as form:
            form.name = "Survey"
            form.code = "survey"
            form.counts = False
        with self._form(self.env["contact.touch"], self.user) as form:
            form.profile_id = self.anna
            form.channel_id = self.call
            form.note = "Asked about boots"
        touch = self.env["contact.touch"].search([("profile_id", "=", self.anna.id)])
        self.assertRecordValues(
            touch, [{"channel_id": self.call.id, "counts": True, "state": "sent"}]
        )
        self._form(touch).save()
        with self._form(self.anna) as form:
            form.is_seed = True
        self.assertTrue(self.anna.is_seed)

    def test_policy_form(self):
        """A rule starts as a sensible sentence, not with zero."""
        with self._form(self.env["contact.policy"]) as form:
            form.name = "Loyal"
            form.domain = "[('name', 'ilike', 'anna')]"
            with form.rule_ids.new() as rule:
                rule.channel_ids.add(self.email)
                self.assertEqual(
                    rule.sentence,
                    "At most 2 e-mails in any 7 days, otherwise wait until free",
                )
            with form.rule_ids.new() as rule:
                rule.rule_type = "gap"
                rule.window_value = 24
                rule.window_unit = "hour"
        policy = form.record
        self.assertEqual(policy.audience, "1 people")
        self.assertEqual(len(policy.rule_ids), 2)

    def test_policy_form_warns(self):
        """A policy below one for everybody is for nobody: the form says so."""
        form = self._form(self._create_policy(self._gap(), name="Late", sequence=90))
        self.assertIn("Everybody", form.warning)

    def test_programs_are_for_administrators(self):
        """The program of a rule is not even shown to others."""
        view = self.env.ref(f"{ADDON}.contact_policy_rule_view_form")
        Rule = self.env["contact.policy.rule"]
        for user, shown in (
            (self.manager, False),
            (self.env.ref("base.user_admin"), True),
        ):
            arch = Rule.with_user(user).get_view(view.id)["arch"]
            fields = etree.fromstring(arch).xpath("//field[@name='code']")
            self.assertEqual(bool(fields), shown, user.login)

    def _hold(self):
        partner = self.anna.partner_id
        mailing = self._create_mailing(partner, user_id=self.mailer.id)
        touch = self._create_touch(self.anna, NOW, note="Newsletter")
        return self.env["contact.hold"].create(
            {
                "mailing_id": mailing.id,
                "profile_id": self.anna.id,
                "res_model": "res.partner",
                "res_id": partner.id,
                "date": NOW,
                "decision": "defer",
                "state": "deferred",
                "next_allowed": NOW,
                "touch_ids": [Command.link(touch.id)],
                "policy_id": self.policy.id,
                "rule_id": self.policy.rule_ids.id,
                "facts": {},
            }
        )

    def test_hold_form(self):
        """The form says in one sentence what became of the person."""
        hold = self._hold()
        form = self._form(hold, self.user)
        self.assertEqual(form.headline, "Anna Berg gets “Spring” later.")
        for state, words in (
            ("held", "was not sent"),
            ("sent", "and got it"),
            ("expired", "in vain"),
            ("overridden", "all the same"),
        ):
            hold.state = state
            self.assertIn(words, hold.headline)

    def test_mailing_form(self):
        """Kind and the last useful moment are set on the mailing."""
        mailing = self._hold().mailing_id
        with self._form(mailing, self.mailer) as form:
            form.category_id = self.promotion
            form.useful_until = NOW
            self.assertEqual(form.deferred_count, 1)
        self.assertEqual(mailing.category_id, self.promotion)

    def test_mailing_list_has_counters(self):
        """The list of mailings can show who waits, and who was left out."""
        view = self.env.ref("mass_mailing.view_mail_mass_mailing_tree")
        arch = self.env["mailing.mailing"].with_user(self.mailer).get_view(view.id)
        for name in ("deferred_count", "held_count"):
            self.assertIn(f'name="{name}"', arch["arch"])

    def test_preflight_dialog(self):
        """The dialog opens for whoever sends, with the numbers that add up."""
        action = self._hold().mailing_id.with_user(self.mailer).action_preflight()
        wizard = self.env["contact.preflight"].with_user(self.mailer)
        form = Form(wizard.browse(action["res_id"]))
        self.assertEqual(form.now_count + form.later_count + form.not_count, form.total)

    def test_profile_from_contacts(self):
        """From a contact and from a mailing contact one click leads to the profile."""
        person = self.env["mailing.contact"].create(
            {"name": "Bo", "email": "bo@strategy.test"}
        )
        for record in (self.anna.partner_id, person):
            action = record.with_user(self.mailer).action_view_contact_profile()
            self.assertEqual(action["res_id"], record.profile_id.id)
            self.assertEqual(action["res_model"], "contact.profile")

    def test_allowance_table(self):
        """What is left is said per channel; what is not, with the moment."""
        html = self.anna.with_user(self.user).allowance_html
        text = " ".join(etree.HTML(html).itertext()).split()
        self.assertIn("1 of 1 left", " ".join(text))
        self.assertIn("At most 1 e-mail in any 7 days", " ".join(text))
        self._create_touch(self.anna, self.env.cr.now())
        self.anna.invalidate_recordset()
        text = " ".join(
            " ".join(etree.HTML(self.anna.allowance_html).itertext()).split()
        )
        self.assertIn("Later from", text)
        self.assertNotIn("of 1 left", text)

    def test_allowance_table_without_policy(self):
        """Where nobody set a limit, the answer is a plain yes."""
        self.policy.action_archive()
        text = " ".join(etree.HTML(self.anna.allowance_html).itertext())
        self.assertIn("Yes", text)
        self.assertNotIn("left", text)

    def test_allowance_table_counts_like_the_engine(self):
        """Guards, inboxes and calendar windows are counted as the engine counts."""
        self.policy.action_archive()
        self._create_policy(
            self._cap(3, count_per="inbox"), is_guard=True, name="Guard"
        )
        self._create_policy(
            self._cap(5, value=1, unit="month", window_kind="calendar"), name="Own"
        )
        other = self._create_person("Ole", email=self.anna.email_normalized)
        self._create_touch(other, self.env.cr.now())
        text = " ".join(
            " ".join(etree.HTML(self.anna.allowance_html).itertext()).split()
        )
        self.assertIn("2 of 3 left", text)
