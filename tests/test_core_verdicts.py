from datetime import datetime, timedelta

from odoo.tests import BaseCase, tagged

from odoo.addons.mass_mailing_contact_strategy.core.verdicts import (
    Message,
    Refusal,
    Verdict,
)

NOW = datetime(2026, 5, 12, 9)
DAY = timedelta(days=1)


def _refusal(moment, on_exceed="defer"):
    return Refusal(1, 1, on_exceed, moment)


@tagged("post_install", "-at_install")
class TestCoreVerdicts(BaseCase):
    """Several refusals become one answer; several messages have an order."""

    def test_when_all_let_the_person_through(self):
        soon, later, never = _refusal(NOW), _refusal(NOW + DAY), _refusal(None)
        for refusals, decision, moment in (
            ((), "send", None),
            ((soon, later), "defer", NOW + DAY),
            ((later, soon), "defer", NOW + DAY),
            ((soon, never), "hold", None),
            ((never, soon), "hold", None),
            ((_refusal(NOW, "hold"), later), "hold", NOW + DAY),
        ):
            with self.subTest(refusals=refusals):
                verdict = Verdict(7, refusals=refusals)
                self.assertEqual(verdict.decision, decision)
                self.assertEqual(verdict.next_allowed, moment)

    def test_when_it_is_quiet_then(self):
        """It opens later than the refusals end, never earlier."""
        for opens, moment in (
            (NOW + 2 * DAY, NOW + 2 * DAY),
            (NOW - DAY, NOW + DAY),
            (None, NOW + DAY),
        ):
            refusals = (_refusal(NOW), _refusal(NOW + DAY))
            verdict = Verdict(7, refusals=refusals, opens=opens)
            self.assertEqual(verdict.next_allowed, moment)

    def test_what_goes_first(self):
        """Priority, then the date, now where there is none, then the older."""
        ranked = [
            Message(1, priority=2, schedule=NOW + 9 * DAY, mailing_id=9),
            Message(1, priority=1, schedule=NOW - DAY, mailing_id=8),
            Message(1, priority=1, mailing_id=3),
            Message(1, priority=1, schedule=NOW, mailing_id=4),
            Message(1, priority=1),
            Message(1, priority=1, schedule=NOW + DAY, mailing_id=1),
            Message(1, schedule=NOW - 9 * DAY, mailing_id=1),
            Message(1, priority=-1, mailing_id=2),
        ]
        ranks = [message.rank(NOW) for message in ranked]
        self.assertEqual(ranks, sorted(ranks))
        self.assertEqual(len(set(ranks)), len(ranks))
