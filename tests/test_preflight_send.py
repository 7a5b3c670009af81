from unittest.mock import patch

from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.mass_mailing_contact_strategy.models.delivery import (
    contact_gate_send,
)

from .common import DAY, NOW, GateCase

LABELS = {
    "mail_email_missing": "No e-mail address",
    "mail_email_invalid": "No e-mail address",
    "mail_bl": "On the blacklist",
    "mail_optout": "Unsubscribed",
}


@tagged("post_install", "-at_install")
class TestPreflightSend(GateCase):
    """The preflight says what the send then does, number by number."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policy = cls._create_policy(cls._cap(1))

    def assertForetold(self, mailing, **expected):
        """Ask, send, compare.

        :param expected: numbers of ``now``, ``later``, ``not``
        """
        said = mailing._preflight()
        recipients = mailing._get_remaining_recipients()
        self.assertEqual(said["total"], len(recipients))
        self._launch(mailing)
        outcomes = self._outcomes(mailing)
        self.assertEqual(set(outcomes), set(recipients))
        done = {"now": 0, "later": 0, "not": 0}
        kinds = {"sent": "now", "deferred": "later", "held": "not", "cancel": "not"}
        for outcome in outcomes.values():
            done[kinds[outcome]] += 1
        self.assertEqual({kind: said[kind] for kind in done}, done)
        self.assertEqual(done, {"now": 0, "later": 0, "not": 0, **expected})
        self._assert_labels(mailing, said)
        return said

    def _assert_labels(self, mailing, said):
        """Odoo's own reasons are told apart as Odoo does."""
        counted = dict.fromkeys(LABELS.values(), 0)
        for trace in mailing.mailing_trace_ids:
            if trace.failure_type in LABELS:
                counted[LABELS[trace.failure_type]] += 1
        foretold = dict.fromkeys(LABELS.values(), 0)
        for line in said["lines"]:
            if line["label"] in foretold:
                foretold[line["label"]] += line["count"]
        self.assertEqual(foretold, counted)
        lines = sum(line["count"] for line in said["lines"])
        self.assertEqual(lines, said["later"] + said["not"])

    def _tire(self, partners, days=1):
        for profile in partners.profile_id:
            self._create_touch(profile, NOW - days * DAY)

    def _mixed(self):
        """Two of each kind, each kind once fresh and once tired."""
        partners = self._create_partners(10, prefix="mixed")
        fresh, over, blocked, nameless, invalid = (
            partners[index : index + 2] for index in range(0, 10, 2)
        )
        self._tire(over + blocked[0] + nameless[0] + invalid[0])
        for partner in blocked:
            self.env["mail.blacklist"]._add(partner.email)
        nameless.email = False
        invalid.email = "not an address"
        self.assertEqual(len(fresh), 2)
        return partners

    def test_mixed_audience(self):
        mailing = self._create_mailing(self._mixed())
        self.assertForetold(mailing, now=2, later=2, **{"not": 6})
        self.assertEqual(mailing.deferred_count, 2)
        self.assertEqual(len(self._touches(mailing, "sent")), 2)
        self.assertFalse(self._touches(mailing, "reserved"))

    def test_mixed_audience_left_out(self):
        self.policy.rule_ids.on_exceed = "hold"
        mailing = self._create_mailing(self._mixed())
        self.assertForetold(mailing, now=2, **{"not": 8})
        self.assertEqual(mailing.held_count, 2)

    def test_mixed_audience_with_a_program(self):
        """A program's refusal is no reason to wait for Odoo's refusal."""
        self._create_policy(
            self._code("recipients.hold(profiles, 'Nobody')"), is_guard=True
        )
        mailing = self._create_mailing(self._mixed())
        self.assertForetold(mailing, **{"later": 2, "not": 8})
        self.assertEqual(mailing.held_count, 2)

    def test_mixed_audience_without_a_policy(self):
        self.policy.action_archive()
        mailing = self._create_mailing(self._mixed())
        self.assertForetold(mailing, now=4, **{"not": 6})

    def test_exclusion_list_not_used(self):
        mailing = self._create_mailing(self._mixed(), use_exclusion_list=False)
        self.assertForetold(mailing, now=3, later=3, **{"not": 4})

    def test_without_usefulness(self):
        mailing = self._create_mailing(self._mixed(), useful_until=NOW + DAY)
        self.assertForetold(mailing, now=2, **{"not": 8})
        self.assertEqual(mailing.held_count, 2)

    # ------------------------------------------------------------
    # Repeated people and addresses
    # ------------------------------------------------------------

    def _contacts(self, *names):
        return self.env["mailing.contact"].create(
            [{"name": name, "email": f"{name}@strategy.test"} for name in names]
        )

    def test_records_of_the_same_person(self):
        contacts = self._contacts("anna", "anna", "bob", "carl", "carl")
        self._tire(contacts[-1])
        mailing = self._create_mailing(contacts)
        self.assertForetold(mailing, now=2, later=2, **{"not": 1})

    def test_records_of_the_same_person_blacklisted(self):
        contacts = self._contacts("anna", "anna", "bob", "carl", "carl")
        self._tire(contacts[-1])
        self.env["mail.blacklist"]._add("carl@strategy.test")
        mailing = self._create_mailing(contacts)
        self.assertForetold(mailing, now=2, **{"not": 3})

    def test_records_of_the_same_person_without_a_policy(self):
        self.policy.action_archive()
        mailing = self._create_mailing(self._contacts("anna", "anna", "bob"))
        self.assertForetold(mailing, now=2, **{"not": 1})

    def _colleagues(self):
        return self.env["res.partner"].create(
            [
                {"name": name, "email": "office@strategy.test"}
                for name in ("one", "two", "three")
            ]
        )

    def test_people_with_the_same_address(self):
        """Odoo writes to an address once."""
        self.assertForetold(
            self._create_mailing(self._colleagues()), now=1, **{"not": 2}
        )

    def test_people_with_the_same_address_of_whom_one_is_tired(self):
        partners = self._colleagues()
        self._tire(partners[0])
        self.assertForetold(
            self._create_mailing(partners), now=1, later=1, **{"not": 1}
        )

    def test_people_with_the_same_address_without_a_policy(self):
        self.policy.action_archive()
        self.assertForetold(
            self._create_mailing(self._colleagues()), now=1, **{"not": 2}
        )

    def test_inbox_with_a_cap_of_its_own(self):
        """The gate lets the colleagues wait for the inbox; Odoo will then find that the
        address has had this mailing: the preflight says so at once."""
        self.policy.rule_ids.count_per = "inbox"
        foretold = self._create_mailing(self._colleagues())._preflight()
        self.assertEqual((foretold["now"], foretold["not"]), (1, 2))

    def _in_chunks(self, mailing, **expected):
        """Large audiences are sent in parts: no repetition escapes between two."""
        with patch.object(contact_gate_send, "GATE_CHUNK", 2):
            self.assertForetold(mailing, **expected)

    def test_records_of_the_same_person_far_apart(self):
        contacts = self._contacts("anna", "bob", "anna", "carl", "bob", "carl")
        self._tire(contacts[-1])
        for index, contact in enumerate(contacts):
            contact.name = f"Contact {index}"  # the order they are taken in
        mailing = self._create_mailing(contacts)
        self.assertEqual(mailing._get_remaining_recipients(), contacts.ids)
        self._in_chunks(mailing, now=2, later=2, **{"not": 2})

    def test_people_with_the_same_address_far_apart(self):
        self._in_chunks(self._create_mailing(self._colleagues()), now=1, **{"not": 2})

    def test_new_people(self):
        """Previews make no profiles; their addresses repeat all the same."""
        if "crm.lead" not in self.env:
            self.skipTest("crm is not installed")
        leads = self.env["crm.lead"].create(
            [
                {"name": "Lead", "email_from": f"{name}@strategy.test"}
                for name in ("new", "new", "other", "blocked")
            ]
        )
        self.env["mail.blacklist"]._add("blocked@strategy.test")
        before = self.env["contact.profile"].search_count([])
        mailing = self._create_mailing(leads)
        mailing._preflight()
        self.assertEqual(self.env["contact.profile"].search_count([]), before)
        self.assertForetold(mailing, now=2, **{"not": 2})

    def test_unsubscribed(self):
        contacts = self._contacts("anna", "bob", "carl", "dora")
        mailing_list = self.env["mailing.list"].create(
            {"name": "List", "contact_ids": [Command.set(contacts.ids)]}
        )
        self._tire(contacts[0] + contacts[1])
        for subscription in mailing_list.subscription_ids:
            if subscription.contact_id in (contacts[0] + contacts[2]):
                subscription.opt_out = True
        mailing = self._create_mailing(
            contacts,
            mailing_model_id=self.env["ir.model"]._get_id("mailing.list"),
            contact_list_ids=[Command.set(mailing_list.ids)],
        )
        self.assertForetold(mailing, now=1, later=1, **{"not": 2})

    # ------------------------------------------------------------
    # Afterwards
    # ------------------------------------------------------------

    def test_nobody_waits_to_be_cancelled(self):
        partners = self._mixed()
        mailing = self._create_mailing(partners)
        self._launch(mailing)
        over = partners[2:4]
        self.assertEqual(set(mailing.hold_ids.mapped("res_id")), set(over.ids))
        self._go_to(NOW + 6 * DAY)
        self._run_queue()
        self.assertOutcome(mailing, partners, sent=4, cancel=6)
        self.assertEqual(mailing.state, "done")


@tagged("post_install", "-at_install")
class TestPreflightTrouble(GateCase):
    """The form opens, whatever is wrong with the strategy."""

    def test_unreadable_policy(self):
        mailing = self._create_mailing(self._create_partners(1))
        policy = self._create_policy(self._cap(1))
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE contact_policy SET domain = %s WHERE id = %s",
            ["[('no_such_field', '=', 1)]", policy.id],
        )
        self.env.invalidate_all()
        self.assertEqual(mailing.preflight_state, "error")
        self.assertIn(policy.name, mailing.preflight_error)
