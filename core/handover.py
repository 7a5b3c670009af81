"""What is known of a message while it is handed to a mail server."""

import contextlib
import enum
from smtplib import SMTP, SMTPDataError, SMTPServerDisconnected


class Fate(enum.Enum):
    """What the mail server has done with a message, as far as anybody knows."""

    UNSENT = "unsent"
    UNKNOWN = "unknown"
    ACCEPTED = "accepted"
    REFUSED = "refused"


class ConnectionBroken(Exception):
    """The connection to the mail server was lost while a message was handed over."""


class Handover:
    """Messages handed over one by one, on one connection to the mail server.

    A message can have arrived from the moment its text is sent (the command DATA), and
    until a clear answer comes nobody knows whether it has.
    """

    def __init__(self, mark):
        """:param mark: called right before a message can arrive, with its id; from
        then on it must never be sent again by itself, whatever happens. Returns
        the moment.
        """
        self._mark = mark
        self.lost = None
        self.start(None)

    def start(self, message_id):
        """A new message; it may have several copies, handed over one after another."""
        self.message_id = message_id
        self.fate = Fate.UNSENT
        self.marked_at = None
        self.is_settled = False
        self._some_accepted = False

    @property
    def may_have_arrived(self):
        """For a message that was not sent in order: has it arrived all the same?"""
        if self.fate in (Fate.UNKNOWN, Fate.ACCEPTED):
            return True
        return bool(self.lost) and self._some_accepted

    @contextlib.contextmanager
    def watch(self, session):
        """Follow one copy of the message to the mail server.

        :param session: what it is sent by; where it is no ordinary SMTP session, the
            message is taken to be under way from the beginning
        :raise ConnectionBroken: instead of smtplib.SMTPServerDisconnected
        """
        self.fate = Fate.UNSENT
        follow = self._follow_data if _sends_by_data(session) else self._follow_any
        try:
            with follow(session):
                yield
        except SMTPServerDisconnected as error:
            self.lost = error
            raise ConnectionBroken(str(error)) from error

    @contextlib.contextmanager
    def _follow_data(self, session):
        send_data = session.data

        def data(text):
            self._begin()
            try:
                code, reply = send_data(text)
            except SMTPDataError as error:
                self._answer(error.smtp_code)
                raise
            self._answer(code)
            return code, reply

        session.data = data
        try:
            yield
        finally:
            del session.data

    @contextlib.contextmanager
    def _follow_any(self, _session):
        self._begin()
        try:
            yield
        except SMTPServerDisconnected:
            raise
        except Exception:
            self._answer(550)
            raise
        self._answer(250)

    def _begin(self):
        if not self.marked_at:
            self.marked_at = self._mark(self.message_id)
        self.fate = Fate.UNKNOWN

    def _answer(self, code):
        if 200 <= code < 300:
            self.fate = Fate.ACCEPTED
            self._some_accepted = True
        elif 400 <= code < 600:
            self.fate = Fate.REFUSED


def _sends_by_data(session):
    """Does the session hand messages over as Python's own does?"""
    return isinstance(session, SMTP) and all(
        getattr(type(session), name) is getattr(SMTP, name)
        for name in ("send_message", "sendmail")
    )
