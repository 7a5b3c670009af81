from odoo.fields import Command
from odoo.tests import tagged

from .common import DAY, HOUR, NOW, GateCase, StrategyCase


@tagged("post_install", "-at_install")
class TestWishRules(StrategyCase):
    """What a person asked for binds every message that obeys caps, at once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.anna, cls.bert = (cls._create_person(name) for name in ("anna", "bert"))

    def _wish(self, person=None, **vals):
        wish = self.env["contact.wish"]._of(person or self.anna)
        wish._keep(vals, "page")
        self.env.flush_all()
        return wish

    def test_at_most(self):
        """Also where no policy says anything; all channels together."""
        self._wish(max_touches=2, period="week")
        self._create_touch(self.anna, NOW - 2 * DAY)
        self.assertSend(self.anna)
        self._create_touch(self.anna, NOW - DAY, channel_id=self.letter.id)
        answer = self.assertDefer(self.anna, NOW + 5 * DAY)
        (reason,) = answer["reasons"]
        self.assertFalse(reason["rule_id"])
        self.assertIn("own wish: at most 2 messages in any 7 days", reason["message"])
        self.assertEqual(len(reason["touch_ids"]), 2)
        self.assertSend(self.bert)

    def test_in_a_month(self):
        self._wish(max_touches=1, period="month")
        self._create_touch(self.anna, NOW - 20 * DAY)
        self.assertDefer(self.anna, NOW.replace(month=5, day=22))

    def test_only_tighter(self):
        """The strictest wins, whose ever it is."""
        self._create_policy(self._cap(1, 7))
        self._wish(max_touches=5, period="week")
        self._create_touch(self.anna, NOW - DAY)
        answer = self.assertDefer(self.anna, NOW + 6 * DAY)
        self.assertTrue(answer["reasons"][0]["rule_id"])

    def test_pause(self):
        self._wish(paused_until=NOW + 3 * HOUR)
        self.assertDefer(self.anna, NOW + 3 * HOUR)

    def test_kinds_and_channels(self):
        self._wish(
            refused_category_ids=self.newsletter.ids, refused_channel_ids=self.sms.ids
        )
        self.assertHold(self.anna, category="newsletter")
        self.assertSend(self.anna, category="promotion")
        self.assertHold(self.anna, channel="sms", category="promotion")
        self.assertSend(self.bert, channel="sms", category="newsletter")

    def test_nothing_at_all(self):
        self._wish(is_stopped=True)
        answer = self.assertHold(self.anna)
        self.assertFalse(answer["next_allowed"])
        self.assertSend(self.anna, category="transactional")

    def test_taken_back(self):
        wish = self._wish(is_stopped=True)
        self.assertHold(self.anna)
        wish._revoke("A mistake")
        self.env.flush_all()
        self.assertSend(self.anna)

    def test_said_on_the_profile(self):
        self._wish(max_touches=2, period="week")
        self.assertIn("2", str(self.anna.allowance_html))
        self._wish(is_stopped=True)
        self.anna.invalidate_recordset()
        self.assertIn("nothing at all", str(self.anna.allowance_html))


@tagged("post_install", "-at_install")
class TestWishGate(GateCase):
    """The gate asks, and no manager overrides it."""

    def test_a_mailing(self):
        self._create_policy(self._cap(5, 7))
        anna, bert = (self._create_person(name) for name in ("anna", "bert"))
        self.env["contact.wish"]._of(anna)._keep({"is_stopped": True}, "page")
        self.env["contact.wish"]._of(bert)._keep(
            {"max_touches": 1, "period": "week"}, "page"
        )
        self._create_touch(bert, NOW - DAY)
        mailing = self._create_mailing((anna | bert).partner_id)
        self.env["contact.override"].create(
            {"mailing_id": mailing.id, "reason": "Recall", "until": NOW + DAY}
        )
        self._launch(mailing)
        self.assertFalse(mailing.mailing_trace_ids)
        states = {hold.profile_id: hold.state for hold in mailing.hold_ids}
        self.assertEqual(states, {anna: "held", bert: "deferred"})
        self.assertFalse(mailing.hold_ids.rule_id)
        self.assertIn("own wish", mailing.hold_ids[0].reason)
        result = mailing._preflight()
        self.assertEqual(result["total"], 0)

    def test_without_any_policy(self):
        """A person's word needs no strategy."""
        anna = self._create_person("anna")
        self.env["contact.wish"]._of(anna)._keep({"is_stopped": True}, "page")
        mailing = self._create_mailing(anna.partner_id)
        self._launch(mailing)
        self.assertFalse(mailing.mailing_trace_ids)
        other = self._create_mailing(
            anna.partner_id,
            contact_list_ids=[Command.clear()],
            category_id=self.transactional.id,
        )
        self._launch(other)
        self.assertTrue(other.mailing_trace_ids)
