from odoo.tests import tagged
from odoo.tools import mute_logger

from .fuzz import INJECTION, MARKUP, FuzzCase

HUGE = (0, 2**31, 2**63, 10**30)
REFUSED = (200, 301, 302, 303, 400, 401, 403, 404)


@tagged("post_install", "-at_install")
class TestFuzzPages(FuzzCase):
    """Odoo's public pages write traces, and traces write the ledger."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = cls._create_partners(2, prefix="reader")
        cls.sent = cls._create_mailing(cls.people, subject="Sent")
        cls.mine, cls.other = cls.env["mailing.trace"].create(
            [
                {
                    "mass_mailing_id": cls.sent.id,
                    "model": "res.partner",
                    "res_id": partner.id,
                    "email": partner.email,
                    "mail_mail_id_int": 10**6 + index,
                    "trace_status": "sent",
                }
                for index, partner in enumerate(cls.people)
            ]
        )
        cls.link = cls.env["link.tracker"].search_or_create(
            [{"url": "https://strategy.test/a", "mass_mailing_id": cls.sent.id}]
        )
        cls.token = cls.sent._generate_mailing_recipient_token(
            cls.people[0].id, cls.people[0].email
        )
        cls.env.flush_all()

    def setUp(self):
        super().setUp()
        self.enterContext(mute_logger("odoo.http", "werkzeug", "odoo.sql_db"))

    def _ledger(self):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.env["contact.touch"].search_read([], order="id")

    def _touch_of(self, trace):
        self.env.invalidate_all()
        return self.env["contact.touch"].search([("trace_id", "=", trace.id)])

    def _get(self, path, **params):
        answer = self.url_open(path, params=params, allow_redirects=False)
        self.assertIn(answer.status_code, REFUSED, path)
        self.assertNotIn("Traceback", answer.text)
        self.assertNotIn("psycopg2", answer.text)
        return answer

    def test_wrong_tokens(self):
        before = self._ledger()
        reader, other = self.people
        address = {"email": reader.email, "document_id": reader.id}
        for page in ("unsubscribe", "view", "confirm_unsubscribe"):
            for mailing_id in (self.sent.id, self.mailing.id, *HUGE):
                for params in (
                    {},
                    {**address, "hash_token": "x"},
                    {**address, "hash_token": self.token[:-1]},
                    {**address, "hash_token": self.token, "document_id": other.id},
                    {**address, "hash_token": self.token, "email": other.email},
                    {**address, "hash_token": INJECTION, "email": MARKUP},
                ):
                    self._get(f"/mailing/{mailing_id}/{page}", **params)
        for mail_id in (self.mine.mail_mail_id_int, *HUGE):
            for token in ("x", self.token, "%00", "a" * 4000):
                self._get(f"/mail/track/{mail_id}/{token}/blank.gif")
        self.assertEqual(self._ledger(), before)

    def test_unknown_links_and_traces(self):
        before = self._ledger()
        for code in ("x", "%ED%A0%80", INJECTION.replace("/", "")):
            for trace_id in (self.mine.id, *HUGE):
                self._get(f"/r/{code}/m/{trace_id}")
        for trace_id in (0, self.other.id + 10**6):
            self._get(f"/r/{self.link.code}/m/{trace_id}")
        self.assertEqual(self._ledger(), before)

    def test_an_opened_message_is_one_readers_and_once(self):
        others = self._touch_of(self.other).read()
        token = self.env["mail.mail"]._generate_mail_recipient_token(
            self.mine.mail_mail_id_int
        )
        path = f"/mail/track/{self.mine.mail_mail_id_int}/{token}/blank.gif"
        self.assertEqual(self._get(path).status_code, 200)
        first = self._touch_of(self.mine).read()
        self.assertTrue(first[0]["opened"])
        self._get(path)
        self.assertEqual(self._touch_of(self.mine).read(), first)
        self.assertEqual(self._touch_of(self.other).read(), others)
        # with the same token, another message
        other = self.other.mail_mail_id_int
        self.assertEqual(
            self._get(path.replace(str(10**6), str(other))).status_code, 401
        )
        self.assertEqual(self._touch_of(self.other).read(), others)

    def test_a_click_is_one_readers_and_once(self):
        others = self._touch_of(self.other).read()
        path = f"/r/{self.link.code}/m/{self.mine.id}"
        self.assertEqual(self._get(path).status_code, 301)
        first = self._touch_of(self.mine).read()
        self.assertTrue(first[0]["clicked"])
        self._get(path)
        self.assertEqual(self._touch_of(self.mine).read(), first)
        self.assertEqual(self._touch_of(self.other).read(), others)
