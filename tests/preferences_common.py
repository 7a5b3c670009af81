import re

from odoo.tests import HttpCase

from .common import StrategyMixin

PAGE = "/contact/preferences"


class PreferencesCase(StrategyMixin, HttpCase):
    """A visitor without a login and without JavaScript."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._prepare_strategy()
        cls.anna = cls._create_person("anna", tz="Europe/Oslo", city="Oslo")
        cls.partner = cls.anna.partner_id
        cls.mailing = cls._create_mailing(cls.partner)
        cls.link = cls.mailing._get_preferences_path(
            cls.anna.email_normalized, cls.partner.id
        )

    def _open(self, path=None):
        """The page, as a browser shows it."""
        answer = self.url_open(path or self.link)
        self.assertEqual(answer.status_code, 200, answer.text)
        return answer

    def _fields(self, page, action="save"):
        """What the browser would send if a button of the page were pressed."""
        forms = re.findall(r"<form.*?</form>", page.text, re.DOTALL)
        form = next(it for it in forms if f'value="{action}"' in it)
        sent = []
        for tag in re.findall(r"<input[^>]*>", form):
            found = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
            if found.get("type") in ("radio", "checkbox") and "checked" not in found:
                continue
            sent.append((found["name"], found.get("value", "")))
        for name, body in re.findall(
            r'<select[^>]*name="(\w+)"[^>]*>(.*?)</select>', form, re.DOTALL
        ):
            chosen = re.findall(r'value="([^"]*)"[^>]*selected', body)
            sent.append((name, chosen[0] if chosen else ""))
        return [*sent, ("action", action)]

    def _press(self, action="save", page=None, without=(), **values):
        """Fill the form in and press a button.

        :param without: pairs that are unticked
        """
        page = page or self._open()
        sent = [
            pair
            for pair in self._fields(page, action)
            if pair[0] not in values and pair not in without
        ]
        sent += values.items()
        answer = self.url_open(page.url.partition("?")[0], data=sent)
        self.env.invalidate_all()
        return answer

    @property
    def wish(self):
        return self.anna.wish_ids
