from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import DAY, HOUR, NOW, SECOND, GateCase

MAILER = "mass_mailing.group_mass_mailing_user"


@tagged("post_install", "-at_install")
class TestTraceWhy(GateCase):
    """“Why?” beside every message of a mailing."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.anna, cls.bert = (cls._create_person(name) for name in ("anna", "bert"))
        cls.user = cls._create_user("mailer", MAILER)

    def setUp(self):
        super().setUp()
        self.policy = self._create_policy(self._cap(2), name="Usual", sequence=5)
        self.env.cr.flush()
        self._go_to(NOW + HOUR)

    def _send(self, *people, **vals):
        profiles = self.env["contact.profile"].union(*(people or (self.anna,)))
        mailing = self._create_mailing(
            profiles.partner_id, user_id=self.user.id, **vals
        )
        self._launch(mailing)
        return mailing

    def _trace(self, mailing, person=None):
        person = person or self.anna
        return mailing.mailing_trace_ids.filtered(
            lambda trace: trace.res_id == person.partner_id.id
        )

    def _why(self, trace, user=None):
        """What the dialog opens, as the user sees it."""
        action = trace.with_user(user or self.user).action_why()
        self.assertEqual(action["target"], "new")
        view = self.env["ir.ui.view"].browse(action["views"][0][0])
        self.assertEqual(view.model, action["res_model"])
        return (
            self.env[action["res_model"]]
            .with_user(user or self.user)
            .browse(action["res_id"])
        )

    def _reason(self, mailing, person=None, user=None):
        return self._why(self._trace(mailing, person), user).reason

    def test_sent(self):
        """Which policy it was, what it said, and what came before."""
        self._create_touch(self.anna, NOW - DAY, note="Newsletter")
        mailing = self._send()
        touch = self._why(self._trace(mailing))
        self.assertEqual(touch._name, "contact.touch")
        self.assertEqual(touch.mailing_id, mailing)
        self.assertEqual(touch.profile_id, self.anna)
        self.assertEqual(
            touch.reason.split("\n"),
            [
                "No rule was in the way. As far as is known, there were then for this "
                "person:",
                "Usual, version 1: At most 2 touches in any 7 days, otherwise wait "
                "until free.",
                "In the seven days before: “Newsletter” (11 May 09:00).",
            ],
        )
        self.assertIn("anna was sent “Spring” on 12 May 2026", touch.headline)

    def test_the_version_of_then(self):
        """What was changed since, the message was not asked about."""
        mailing = self._send()
        self._go_to(NOW + DAY)
        self.policy.rule_ids.max_touches = 1
        self.env.cr.flush()
        self.assertEqual(self.policy.version_count, 2)
        reason = self._reason(mailing)
        self.assertIn("Usual, version 1: At most 2", reason)
        self.assertNotIn("version 2", reason)
        later = self._send(self.bert)
        self.assertIn("Usual, version 2: At most 1", self._reason(later, self.bert))

    def test_booked_before_it_was_sent(self):
        """Decided is when it was booked: what changed until it left is not asked."""
        mailing = self._send()
        touch = self._why(self._trace(mailing))
        self._go_to(NOW + DAY)
        self.policy.rule_ids.max_touches = 1
        self.env.cr.flush()
        touch.sudo().date = NOW + 2 * DAY
        self.assertIn("version 1", touch.reason)

    def test_the_first_that_fits_and_guards(self):
        only_bert = repr([("name", "=", "bert")])
        self._create_policy(self._cap(9), name="Bert's", sequence=1, domain=only_bert)
        self._create_policy(self._cap(8), name="Guard", sequence=9, is_guard=True)
        self._create_policy(self._cap(7), name="Nobody's", sequence=7)
        self._create_policy(self._cap(6), name="Off").active = False
        unit = self.env["res.company"].create({"name": "Unit"})
        self._create_policy(self._cap(5), name="Theirs", sequence=1, company_id=unit.id)
        self.env.cr.flush()
        mailing = self._send(self.anna, self.bert)
        for person, names in (
            (self.anna, {"Usual", "Guard"}),
            (self.bert, {"Bert's", "Guard"}),
        ):
            reason = self._reason(mailing, person)
            self.assertEqual(
                {
                    line.split(",")[0]
                    for line in reason.split("\n")
                    if "version" in line
                },
                names,
            )

    def test_no_policy(self):
        self.policy.active = False
        self.env.cr.flush()
        reason = self._reason(self._send())
        self.assertIn("No policy is known that was for this person then.", reason)
        self.assertIn("In the seven days before, nothing was sent.", reason)

    def test_what_came_before(self):
        """Seven days back, what counts, as far as the reader may see it."""
        unit = self.env["res.company"].create({"name": "Unit"})
        self.policy.rule_ids.max_touches = 9
        self._create_touch(self.anna, self._now - 7 * DAY, note="Too old")
        self._create_touch(self.anna, self._now - 7 * DAY + SECOND, note="Old")
        self._create_touch(self.anna, NOW, note="Free", counts=False)
        self._create_touch(self.anna, NOW, note="Secret", company_id=unit.id)
        mailing = self._send()
        self._create_touch(self.anna, self._now + DAY, note="After")
        last = self._reason(mailing).split("\n")[-1]
        self.assertIn("Old", last)
        self.assertIn("a message of another business unit", last)
        for hidden in ("Too old", "Free", "Secret", "After", "Spring"):
            self.assertNotIn(hidden, last)

    def test_whoever_waited(self):
        """The hold's story comes first."""
        for days in (5, 6):
            self._create_touch(self.anna, NOW - days * DAY)
        mailing = self._send()
        self.assertFalse(self._trace(mailing))
        self._go_to(NOW + 2 * DAY)
        self._run_queue()
        reason = self._reason(mailing)
        self.assertTrue(reason.startswith("It was held back first. Usual: At most 2"))

    def test_an_override(self):
        for days in (5, 6):
            self._create_touch(self.anna, NOW - days * DAY)
        self.env["contact.override"].create(
            {"profile_id": self.anna.id, "reason": "Recall", "until": NOW + DAY}
        )
        reason = self._reason(self._send())
        self.assertIn("let it through: Recall", reason)
        self.assertNotIn("No rule", reason)

    def test_what_obeys_no_rule(self):
        reason = self._reason(self._send(category_id=self.transactional.id))
        self.assertIn("is sent whatever the rules say", reason)
        self.assertNotIn("version", reason)
        self.anna.is_seed = True
        self.assertIn("A test address", self._reason(self._send()))

    def test_held_back_after_a_failure(self):
        """What failed was tried again, and a rule was in the way."""
        mailing = self._create_mailing(self.anna.partner_id, user_id=self.user.id)
        self._fail(mailing)
        said = self._trace(mailing).with_user(self.user).action_why()["params"]
        self.assertIn("Not because of a rule: ", said["message"])
        hold = self.env["contact.hold"].create(
            {
                "mailing_id": mailing.id,
                "profile_id": self.anna.id,
                "res_model": "res.partner",
                "res_id": self.anna.partner_id.id,
                "date": NOW,
                "decision": "hold",
                "state": "held",
            }
        )
        self.assertEqual(self._why(self._trace(mailing)), hold)

    def test_cancelled(self):
        """By Odoo, for its own reason."""
        self.env["mail.blacklist"]._add(self.anna.email_normalized)
        mailing = self._send()
        action = self._trace(mailing).with_user(self.user).action_why()
        self.assertEqual(action["tag"], "display_notification")
        self.assertEqual(
            action["params"]["message"], "Not because of a rule: Blacklisted Address."
        )

    def test_a_test(self):
        trace = self.env["mailing.trace"].create(
            {"model": "res.partner", "res_id": 1, "is_test_trace": True}
        )
        said = trace.with_user(self.user).action_why()["params"]["message"]
        self.assertIn("A test", said)

    def test_rights(self):
        """A person of another unit is nobody's; strangers see no messages."""
        mailing = self._send()
        trace = self._trace(mailing)
        unit = self.env["res.company"].create({"name": "Unit"})
        self.anna.partner_id.company_id = unit
        self.env.flush_all()
        said = trace.with_user(self.user).action_why()["params"]["message"]
        self.assertEqual(said, "Nothing is known of this message that you may see.")
        stranger = self._create_user("stranger")
        with self.assertRaises(AccessError):
            trace.with_user(stranger).action_why()

    def test_button(self):
        """In each list of messages, of whichever app, and on the form."""
        lists = [("model", "=", "mailing.trace"), ("type", "=", "list")]
        views = self.env["ir.ui.view"].search([*lists, ("inherit_id", "=", False)])
        self.assertGreater(len(views), 1)
        Trace = self.env["mailing.trace"].with_user(self.user)
        for view in views + self.env.ref("mass_mailing.mailing_trace_view_form"):
            arch = Trace.get_view(view.id, view.type)["arch"]
            self.assertEqual(arch.count('name="action_why"'), 1, view.name)
