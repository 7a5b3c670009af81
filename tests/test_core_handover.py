import contextlib
import smtplib

from odoo.tests import BaseCase, tagged

from odoo.addons.mass_mailing_contact_strategy.core.handover import (
    ConnectionBroken,
    Fate,
    Handover,
)


class Session(smtplib.SMTP):
    """A connection whose answers to the text are given beforehand."""

    def __init__(self, *answers):
        super().__init__()
        self.answers = list(answers)

    def data(self, _text):
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer, b""


class Rewritten(Session):
    """One that sends messages in its own way, though texts as all do."""

    def send_message(self, *_args):
        return {}


class Foreign:
    """What other addons send by: nobody sees when the text leaves."""


@tagged("post_install", "-at_install")
class TestHandover(BaseCase):
    """When can a message have arrived, and when is it known that it has not?"""

    def setUp(self):
        super().setUp()
        self.marks = []
        self.handover = Handover(self._mark)
        self.handover.start(7)

    def _mark(self, message_id):
        self.marks.append(message_id)
        return len(self.marks)

    def _hand(self, session, send=None):
        quiet = contextlib.suppress(smtplib.SMTPException, ConnectionBroken)
        with quiet, self.handover.watch(session):
            if send:
                send()
            else:
                session.data(b"text")

    def test_answers(self):
        lost = smtplib.SMTPServerDisconnected("gone")
        for answer, fate, may_have_arrived in (
            (250, Fate.ACCEPTED, True),
            (200, Fate.ACCEPTED, True),
            (299, Fate.ACCEPTED, True),
            (300, Fate.UNKNOWN, True),  # says neither yes nor no
            (399, Fate.UNKNOWN, True),
            (400, Fate.REFUSED, False),
            (451, Fate.REFUSED, False),
            (599, Fate.REFUSED, False),
            (600, Fate.UNKNOWN, True),
            (199, Fate.UNKNOWN, True),
            (554, Fate.REFUSED, False),
            (-1, Fate.UNKNOWN, True),
            (lost, Fate.UNKNOWN, True),
            (smtplib.SMTPDataError(451, b"later"), Fate.REFUSED, False),
            (smtplib.SMTPResponseException(500, "Line too long."), Fate.UNKNOWN, True),
        ):
            with self.subTest(answer=answer):
                self.handover.start(7)
                self._hand(Session(answer))
                self.assertEqual(self.handover.fate, fate)
                self.assertEqual(self.handover.may_have_arrived, may_have_arrived)

    def test_marked_once_and_before_the_text(self):
        session = Session(250, 250)
        with self.handover.watch(session):
            self.assertEqual(self.marks, [])
            session.data(b"text")
            self.assertEqual(self.marks, [7])
        self._hand(session)
        self.assertEqual(self.marks, [7])
        self.assertNotIn("data", vars(session))

    def test_lost_before_the_text(self):
        with self.assertRaises(ConnectionBroken), self.handover.watch(Session()):
            raise smtplib.SMTPServerDisconnected("gone")
        self.assertFalse(self.handover.may_have_arrived)
        self.assertTrue(self.handover.lost)
        self.assertEqual(self.marks, [])

    def test_lost_before_the_text_of_a_second_copy(self):
        """The first copy has arrived."""
        self._hand(Session(250))
        with self.assertRaises(ConnectionBroken), self.handover.watch(Session()):
            raise smtplib.SMTPServerDisconnected("gone")
        self.assertTrue(self.handover.may_have_arrived)

    def test_a_foreign_connection_is_marked_from_the_beginning(self):
        seen = []
        self._hand(Foreign(), lambda: seen.append(list(self.marks)))
        self.assertEqual(seen, [[7]])
        self.handover.start(8)
        self._hand(Rewritten(), lambda: seen.append(list(self.marks)))
        self.assertEqual(seen[1:], [[7, 8]])
        self.assertEqual(self.handover.fate, Fate.ACCEPTED)
        with self.assertRaises(ValueError), self.handover.watch(Foreign()):
            raise ValueError
        self.assertFalse(self.handover.may_have_arrived)
