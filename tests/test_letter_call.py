from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import ADDON, DAY, NOW, GateCase


@tagged("post_install", "-at_install")
class TestLetterCall(GateCase):
    """A call list passes the gate; what came of a call is noted on its touch."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = cls._create_partners(5, "caller")
        for number, person in enumerate(cls.people):
            person.phone = f"+43 1 234 567{number}"

    def _call_list(self, recipients=None):
        recipients = self.people if recipients is None else recipients
        calls = self._create_mailing(recipients, mailing_type="call")
        self._launch(calls)
        return calls

    def _say(self, touches, outcome):
        touches.with_context(call_outcome=outcome).action_call_outcome()
        self.env.invalidate_all()

    def _touch(self, calls, person):
        return self._touches(calls).filtered(lambda t: t.res_id == person.id)

    def test_list_of_those_let_through(self):
        self._create_policy(self._cap(1, 7))
        self._create_touch(self.people[0].profile_id, NOW - DAY)
        silent = self._create_partners(1, "silent")
        calls = self._call_list(self.people + silent)
        self.assertOutcome(
            calls, self.people + silent, outgoing=4, deferred=1, cancel=1
        )
        touches = self._touches(calls, "reserved")
        self.assertEqual(touches.profile_id, self.people[1:].profile_id)
        self.assertEqual(touches.channel_id, self.call)
        self.assertEqual(set(touches.mapped("cost")), {self.call.cost})
        listed = self.env["contact.touch"].search(
            [("mailing_id", "=", calls.id), ("state", "=", "reserved")]
        )
        self.assertEqual(len(listed), 4)

    def test_outcomes(self):
        calls = self._call_list()
        expected = {
            "reached": "sent",
            "wants": "sent",
            "complains": "sent",
            "not_reached": "failed",
            "wrong_number": "failed",
        }
        for person, (outcome, state) in zip(self.people, expected.items(), strict=True):
            touch = self._touch(calls, person)
            self._say(touch, outcome)
            self.assertEqual(touch.state, state, outcome)
            self.assertEqual(touch.call_outcome, outcome)
            self.assertEqual(touch.replied, outcome == "wants")
            self.assertEqual(touch.complained, outcome == "complains")
        self.assertEqual((calls.delivered, calls.failed, calls.scheduled), (3, 2, 0))

    def test_a_mistake_is_mended(self):
        calls = self._call_list(self.people[:1])
        touch = self._touches(calls)
        for outcome in ("wants", "not_reached", "complains"):
            self._say(touch, outcome)
        self.assertEqual(touch.state, "sent")
        self.assertFalse(touch.replied)
        self.assertTrue(touch.complained)
        self._say(touch, "reached")
        self.assertFalse(touch.complained)
        self.assertFalse(touch.opened)

    def test_not_reached_may_be_called_again(self):
        """Who did not answer was not disturbed; who did was."""
        self._create_policy(self._cap(1, 7))
        calls = self._call_list(self.people[:2])
        self._say(self._touch(calls, self.people[0]), "not_reached")
        self._say(self._touch(calls, self.people[1]), "reached")
        self.assertSend(self.people[0].profile_id, "call")
        (answer,) = self.people[1].profile_id.check_contact("call", at=NOW)
        self.assertNotEqual(answer["decision"], "send")
        calls.action_retry_failed()
        self._run_queue()
        self.assertEqual(self._touches(calls, "reserved").res_id, self.people[0].id)
        old = self._touches(calls, "failed")
        with self.assertRaises(UserError):
            self._say(old, "reached")

    def test_who_may_note_what(self):
        calls = self._call_list(self.people[:1])
        touch = self._touches(calls)
        reader = self._create_user("reader", f"{ADDON}.{ADDON}_group_user")
        with self.assertRaises(AccessError):
            self._say(touch.with_user(reader), "reached")
        for nonsense in (None, "eaten", ["reached"]):
            with self.assertRaises(UserError):
                self._say(touch, nonsense)
        mail = self._create_touch(self.people[0].profile_id, NOW)
        with self.assertRaises(UserError):
            self._say(mail, "reached")
        mailer = self._create_user("mailer", "mass_mailing.group_mass_mailing_user")
        self._say(touch.with_user(mailer), "reached")
        self.assertEqual(touch.state, "sent")
