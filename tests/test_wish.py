from psycopg2 import IntegrityError

from odoo.exceptions import AccessError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import ADDON, DAY, NOW, StrategyCase


@tagged("post_install", "-at_install")
class TestWish(StrategyCase):
    """What a person asked for, as users see it, and when two are one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = cls._create_user("wish_user", f"{ADDON}.{ADDON}_group_user")
        cls.anna, cls.bert = cls._create_person("anna"), cls._create_person("bert")

    def _say(self, profile, **wishes):
        profile._hear(wishes)
        self.env.invalidate_all()
        return profile.wish_ids

    def test_one_for_each_person(self):
        Wish = self.env["contact.wish"]
        self.assertEqual(Wish._of(self.anna), Wish._of(self.anna))
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            Wish.create({"profile_id": self.anna.id})

    @mute_logger("odoo.sql_db")
    def test_a_limit_is_one_at_least(self):
        with self.assertRaises(IntegrityError):
            self._say(self.anna, period="week", max_touches=0)

    def test_it_is_said_in_words(self):
        wish = self._say(
            self.anna,
            period="month",
            max_touches=2,
            refused_category_ids=self.promotion.ids,
            refused_channel_ids=(self.sms + self.call).ids,
        )
        self.assertEqual(
            self.anna.wish_summary,
            "At most 2 messages in any month. Not wanted: Promotion. "
            "Not wanted: SMS and Call.",
        )
        self._say(self.anna, period=False, max_touches=False)
        self.assertEqual(wish.change_ids[0].said, "No limit of messages.")

    def test_revoked_with_a_reason(self):
        wish = self._say(self.anna, period="week", max_touches=1)
        action = self.env["contact.wish.revoke"].with_user(self.user)
        form = Form(action.with_context(default_profile_id=self.anna.id))
        with self.assertRaises(AssertionError):
            form.save()
        form.reason = "Called on Monday"
        form.save().action_revoke()
        self.env.invalidate_all()
        self.assertFalse(wish.period)
        self.assertRecordValues(
            wish.change_ids[0],
            [
                {
                    "way": "revoked",
                    "reason": "Called on Monday",
                    "user_id": self.user.id,
                }
            ],
        )

    def test_nobody_else_changes_it(self):
        wish = self._say(self.anna, period="week", max_touches=1)
        for record in (wish, wish.change_ids):
            with self.assertRaises(AccessError):
                record.with_user(self.user).write({"write_date": NOW})

    def test_the_tighter_of_two_holds(self):
        self._say(self.anna, period="week", max_touches=3, paused_until=NOW)
        self._say(
            self.bert,
            period="month",
            max_touches=4,
            paused_until=NOW + DAY,
            refused_channel_ids=self.sms.ids,
        )
        self.bert._merge_into(self.anna)
        self.assertRecordValues(
            self.anna.wish_ids,
            [
                {
                    "max_touches": 3,
                    "period": "month",
                    "paused_until": NOW + DAY,
                    "refused_channel_ids": self.sms.ids,
                    "is_stopped": False,
                }
            ],
        )
        # what each of them said is still known
        self.assertEqual(
            sorted(self.anna.wish_ids.change_ids.mapped("way")),
            ["merge", "page", "page"],
        )

    def test_the_only_wish_of_two_moves(self):
        wish = self._say(self.bert, is_stopped=True)
        self.bert._merge_into(self.anna)
        self.assertEqual(self.anna.wish_ids, wish)
        self.assertEqual(wish.change_ids.profile_id, self.anna)

    def test_a_wish_survives_the_contact(self):
        """Whoever is typed in again with the same address has not forgotten."""
        wish = self._say(self.anna, period="week", max_touches=1)
        self.anna.partner_id.unlink()
        self.assertTrue(wish.exists())

    def test_searched_on_profiles(self):
        self._say(self.anna, is_stopped=True)
        people = self.anna + self.bert
        found = people.search(
            [("id", "in", people.ids), ("wish_ids.is_stopped", "=", True)]
        )
        self.assertEqual(found, self.anna)

    def test_the_link_in_a_mailing_is_the_recipients(self):
        mailing = self._create_mailing(self.anna.partner_id)
        base = mailing.get_base_url()
        body = f'<a href="{base}/contact/preferences">Less often</a>'
        html = mailing._shorten_links(body, {"mass_mailing_id": mailing.id})
        self.assertIn("/contact/preferences", html)
        mail = self.env["mail.mail"].create(
            {
                "body_html": body,
                "mailing_id": mailing.id,
                "model": "res.partner",
                "res_id": self.anna.partner_id.id,
                "email_to": "anna@strategy.test",
            }
        )
        (values,) = mail._prepare_outgoing_list()
        path = mailing._get_preferences_path(
            "anna@strategy.test", self.anna.partner_id.id
        )
        self.assertIn(path.replace("&", "&amp;"), values["body"])
        (values,) = mail.with_context(mailing_test_mail=True)._prepare_outgoing_list()
        self.assertIn(body[:30], values["body"])
