from datetime import timedelta

from odoo.tests import tagged
from odoo.tools import hash_sign, mute_logger

from odoo.addons.mass_mailing_contact_strategy.models.policy.contact_profile_wish import (  # noqa: E501
    TOKEN,
)

from .fuzz import INJECTION, MARKUP
from .preferences_common import PAGE, PreferencesCase

HUGE = ("0", "-1", str(2**31), str(2**63), str(10**30), "x", "", "\uff11")


@tagged("post_install", "-at_install")
class TestPreferencesHostile(PreferencesCase):
    """Whoever has no valid link learns nothing and changes nothing."""

    def setUp(self):
        super().setUp()
        self.enterContext(mute_logger("odoo.http", "werkzeug", "odoo.sql_db"))

    def _get(self, path, **params):
        answer = self.url_open(path, params=params, allow_redirects=False)
        self.assertNotIn("Traceback", answer.text)
        self.assertNotIn("strategy.test", answer.text)
        return answer.status_code

    def test_links_that_are_wrong(self):
        other = self._create_person("other")
        email = self.anna.email_normalized
        token = self.mailing._generate_mailing_recipient_token(self.partner.id, email)
        right = {
            "mailing_id": self.mailing.id,
            "document_id": self.partner.id,
            "email": email,
            "hash_token": token,
        }
        self.assertEqual(self._get(PAGE, **right), 303)
        wrong = [
            {**right, name: value} for name in right for value in (*HUGE, MARKUP, "é")
        ]
        wrong += [
            {**right, "document_id": other.partner_id.id},
            {**right, "email": other.email_normalized},
            {**right, "mailing_id": self._create_mailing(self.partner).id},
            {**right, "hash_token": token[:-1]},
            {"hash_token": token},
        ]
        for params in wrong:
            self.assertEqual(self._get(PAGE, **params), 404, params)

    def test_tokens_that_are_wrong(self):
        """Foreign, expired, of another purpose, garbled."""
        token = self.anna._sign_preferences(self.anna.email_normalized)
        values = [self.anna.id, self.anna.email_normalized, 0]
        old = hash_sign(self.env(su=True), TOKEN, values, timedelta(hours=-1))
        foreign = hash_sign(self.env(su=True), "something else", values)
        swapped = ("A" if token[80] != "A" else "B").join((token[:80], token[81:]))
        garbled = ("x", "%00", "a" * 4000, "%ED%A0%80", "é", INJECTION.strip("/"))
        for wrong in (old, foreign, swapped, token[:-3], token[1:], *garbled):
            path = f"{PAGE}/{wrong}"
            self.assertIn(self._get(path), (400, 404), wrong)
            answer = self.url_open(path, data={"action": "stop"})
            self.assertIn(answer.status_code, (400, 404))
        self.assertFalse(self.wish)
        self.assertEqual(self._get(f"{PAGE}/{token}x" + "=" * 5), 404)

    def test_wrong_links_say_what_to_do(self):
        """The same of whomever, and in no cache."""
        right = {"mailing_id": self.mailing.id, "document_id": self.partner.id}
        right |= {"email": self.anna.email_normalized, "hash_token": "x"}
        for path, params in ((f"{PAGE}/x", {}), (PAGE, right)):
            answer = self.url_open(path, params=params)
            self.assertEqual(answer.status_code, 404)
            self.assertIn("This link does not work", answer.text)
            self.assertIn("latest message", answer.text)
            self.assertEqual(answer.headers["Cache-Control"], "no-store")

    def test_an_address_that_was_left(self):
        """The old link is not for whoever has become somebody else's inbox."""
        link = self._open().url
        self.partner.email = "new@strategy.test"
        self.env.flush_all()
        self.assertEqual(self._get(link), 404)

    def test_a_merged_person_keeps_the_link(self):
        twin = self._create_person("twin")
        link = self._open().url
        self.partner.email = "twin@strategy.test"
        twin.partner_id.email = "anna@strategy.test"
        self.anna._merge_into(twin)
        self.env.flush_all()
        self._press(page=self._open(link), often="week-1")
        self.assertEqual(twin.wish_ids.period, "week")

    def test_no_post_without_the_session(self):
        """Another site cannot press the button for the reader."""
        page = self._open()
        path = page.url.partition("?")[0]
        answer = self.url_open(path, data={"action": "stop"})
        self.assertEqual(answer.status_code, 400)
        self.assertFalse(self.wish)

    def test_nonsense_in_the_form(self):
        """It is no wish, and no failure of the server."""
        page = self._open()
        for name in ("often", "pause", "category", "channel", "shown_category"):
            for value in (*HUGE, "week-0", "week-99999", "year-1", MARKUP, INJECTION):
                answer = self._press(page=page, **{name: value})
                self.assertEqual(answer.status_code, 200, (name, value))
                self.assertNotIn(MARKUP, answer.text)
        for name in ("action", "change"):
            for value in (*HUGE, MARKUP):
                sent = [it for it in self._fields(page, "save") if it[0] != name]
                path = page.url.partition("?")[0]
                answer = self.url_open(path, data=[*sent, (name, value)])
                self.assertEqual(answer.status_code, 200, (name, value))
        self.assertFalse(self.wish.is_stopped)
        self.assertFalse(self.wish.paused_until)

    def test_markup_in_data_is_text(self):
        page = self._press(name=MARKUP)
        self.assertNotIn("<script>alert(1)", page.text)
        self.assertNotIn("<img src=x", page.text)
