from datetime import datetime, timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from .preferences_common import PAGE, PreferencesCase


@tagged("post_install", "-at_install")
class TestPreferences(PreferencesCase):
    """What people say on the page is kept, said back, and can be undone."""

    def test_opening_changes_nothing(self):
        """Mail scanners follow every link, again and again."""
        count = self.env["contact.wish"].search_count([])
        for _time in range(2):
            page = self._open()
        self.assertIn("anna@strategy.test", page.text)
        self.assertEqual(self.env["contact.wish"].search_count([]), count)
        self.assertEqual(page.headers["Referrer-Policy"], "no-referrer")

    def test_less_often(self):
        page = self._press(often="week-1")
        self.assertIn("Saved.", page.text)
        self.assertIn("At most 1 message in any 7 days.", page.text)
        self.assertRecordValues(self.wish, [{"max_touches": 1, "period": "week"}])
        self.assertRecordValues(
            self.wish.change_ids,
            [
                {
                    "way": "page",
                    "address": "anna@strategy.test",
                    "mailing_id": self.mailing.id,
                    "user_id": False,
                }
            ],
        )
        self._press(often="")
        self.assertFalse(self.wish.period)

    def test_pressing_twice_is_one_change(self):
        self._press(often="week-1")
        page = self._press(often="week-1")
        self.assertIn("Nothing was changed.", page.text)
        self.assertEqual(len(self.wish.change_ids), 1)

    def test_kinds_and_channels(self):
        """Unticked is refused; what is no advertising is not on offer."""
        page = self._open()
        self.assertNotIn(f'id="category_{self.service.id}"', page.text)
        self._press(
            without=[
                ("category", str(self.promotion.id)),
                ("channel", str(self.sms.id)),
            ]
        )
        self.assertEqual(self.wish.refused_category_ids, self.promotion)
        self.assertEqual(self.wish.refused_channel_ids, self.sms)

    def test_a_kind_that_was_not_on_the_page_is_not_refused(self):
        page = self._open()
        new = self.env["contact.category"].create({"name": "New", "code": "new"})
        self._press(page=page, without=[("category", str(self.promotion.id))])
        self.assertEqual(self.wish.refused_category_ids, self.promotion)
        self.assertIn(new.name, self._open().text)

    def test_a_pause_ends_at_midnight_of_the_person(self):
        day = fields.Date.today() + timedelta(days=40)
        page = self._press(pause=day.isoformat())
        self.assertIn(f'value="{day.isoformat()}"', page.text)
        self.assertEqual(self.anna._day_of(self.wish.paused_until), day)
        before = self.wish.paused_until - timedelta(seconds=1)
        self.assertEqual(self.anna._day_of(before), day - timedelta(days=1))
        self._press(pause="")
        self.assertFalse(self.wish.paused_until)

    def test_a_pause_that_is_none(self):
        """It is said; what else was on the form is kept."""
        for day in ("2020-01-01", "9999-12-31", "soon", "2026-13-45"):
            page = self._press(pause=day, often="month-1")
            self.assertIn("The pause was not saved", page.text)
            self.assertFalse(self.wish.paused_until)
        self.assertEqual(self.wish.period, "month")

    def test_midnight_that_does_not_exist(self):
        """Clocks in Santiago jump over it: the day begins at one o'clock."""
        self.anna.tz = "America/Santiago"
        start = self.anna._start_of_day(fields.Date.to_date("2026-09-06"))
        self.assertEqual(start, datetime(2026, 9, 6, 4))

    def test_correct_my_data(self):
        page = self._press(name="  Anna   Berg ", city="Bergen", tz="Europe/Paris")
        self.assertRecordValues(
            self.partner,
            [{"name": "Anna Berg", "city": "Bergen", "tz": "Europe/Paris"}],
        )
        self.assertEqual(self.anna.confirmed_date, fields.Date.today())
        self.assertIn("Name: Anna Berg.", page.text)
        self._press("undo", page=page)
        self.assertRecordValues(
            self.partner, [{"name": "anna", "city": "Oslo", "tz": "Europe/Oslo"}]
        )

    def test_nonsense_is_no_data(self):
        self._press(name=" ", tz="Nowhere/At All", city="a\0b", lang="xx_XX")
        self.assertRecordValues(
            self.partner, [{"name": "anna", "city": "Oslo", "tz": "Europe/Oslo"}]
        )

    def test_data_of_a_login_are_corrected_there(self):
        email = self.partner.email
        self._create_user("anna_login", partner_id=self.partner.id, email=email)
        self.assertNotIn('name="city"', self._open().text)
        page = self._open()
        self._press(page=page, name="Mallory", often="week-1")
        self.assertNotEqual(self.partner.name, "Mallory")
        self.assertEqual(self.wish.period, "week")

    def test_stop_and_come_back(self):
        page = self._press("stop")
        self.assertTrue(self.wish.is_stopped)
        self.assertTrue(self.partner.is_blacklisted)
        said = page.text.index("You get nothing from us at present.")
        self.assertLess(said, page.text.index('name="often"'))  # not below the form
        self._press("again", page=page)
        self.assertFalse(self.wish.is_stopped)
        self.assertFalse(self.partner.is_blacklisted)

    def test_undo(self):
        page = self._press(often="week-1")
        page = self._press(page=page, often="month-1")
        page = self._press("undo", page=page)
        self.assertRecordValues(self.wish, [{"max_touches": 1, "period": "week"}])
        self.assertNotIn('value="undo"', page.text)
        self.assertEqual(self.wish.change_ids.mapped("way"), ["undo", "page", "page"])

    def test_undo_of_a_stop_lifts_what_it_did(self):
        page = self._press("undo", page=self._press("stop"))
        self.assertEqual(page.status_code, 200)
        self.assertFalse(self.wish.is_stopped)
        self.assertFalse(self.partner.is_blacklisted)

    def test_an_old_page_undoes_nothing(self):
        """Its button is about a change that is not the last any more."""
        old = self._press(often="week-1")
        self._press(often="month-1")
        self._press("undo", page=old)
        self.assertEqual(self.wish.period, "month")

    def test_in_the_language_of_the_person(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.newsletter.with_context(lang="fr_FR").name = "Lettre"
        self.partner.lang = "fr_FR"
        page = self._open()
        self.assertIn('lang="fr-FR"', page.text)
        self.assertIn("Lettre", page.text)
        self._press(page=page, lang="en_US")
        self.assertEqual(self.partner.lang, "en_US")

    def test_from_the_pages_of_odoo(self):
        """Less often is offered where people leave."""
        query = self.link.partition("?")[2]
        confirm = f"/mailing/{self.mailing.id}/confirm_unsubscribe?{query}"
        text = self._open(confirm.replace(f"mailing_id={self.mailing.id}&", "")).text
        self.assertIn("Less often, other topics, pause", text)
        leave = f"/mailing/{self.mailing.id}/unsubscribe?{query}"
        text = self._open(leave.replace(f"mailing_id={self.mailing.id}&", "")).text
        self.assertIn("Less often, other topics, pause", text)
        self.assertIn("Less often instead of never?", text)
        self.assertIn(PAGE, text)

    def test_less_often_instead_of_never(self):
        """Whoever left a list because it was too much comes back with a limit."""
        contact = self.env["mailing.contact"].create(
            {
                "name": "Ola",
                "email": "ola@strategy.test",
                "list_ids": [Command.create({"name": "News", "is_public": True})],
            }
        )
        mailing = self._create_mailing(
            contact,
            mailing_model_id=self.env["ir.model"]._get_id("mailing.list"),
            contact_list_ids=[Command.set(contact.list_ids.ids)],
        )
        link = mailing._get_preferences_path(contact.email, contact.id)
        self.assertNotIn('name="join"', self._open(link).text)
        contact.subscription_ids.opt_out = True
        page = self._open(link)
        self._press(page=page, join="1", often="month-1")
        self.assertFalse(contact.subscription_ids.opt_out)
        self.assertEqual(contact.profile_id.wish_ids.period, "month")

    def test_whoever_is_logged_in_needs_no_link(self):
        user = self._create_user("own_page")
        self.authenticate("own_page", "own_page")
        page = self._open("/mailing/my")
        self.assertIn(f'href="{PAGE}"', page.text)
        self._press(page=self._open(PAGE), often="week-1")
        wish = user.partner_id.profile_id.wish_ids
        self.assertRecordValues(wish, [{"period": "week"}])
        self.assertFalse(wish.change_ids.user_id)

    def test_a_colleague_with_the_link_is_named(self):
        user = self._create_user("colleague")
        self.authenticate("colleague", "colleague")
        self._press(often="week-1")
        self.assertEqual(self.wish.change_ids.user_id, user)

    def test_a_visitor_in_a_browser(self):
        """Too many messages: less often instead, without offers, and back again."""
        query = self.link.partition("?")[2]
        page = f"/mailing/{self.mailing.id}/unsubscribe?{query}"
        page = page.replace(f"mailing_id={self.mailing.id}&", "")
        self.start_tour(page, "contact_strategy_preferences")
        changes = self.wish.change_ids
        self.assertEqual(changes.mapped("way"), ["undo", "page"])
        self.assertEqual(changes[1].after["refused_category_ids"], self.promotion.ids)
        self.assertFalse(self.wish.refused_category_ids)
