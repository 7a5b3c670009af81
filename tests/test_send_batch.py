"""A batch asks about its own addresses only, and Odoo's decisions stay Odoo's."""

import random
from contextlib import contextmanager
from unittest.mock import patch

from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.mail.wizard.mail_compose_message import (
    MailComposeMessage as StockComposer,
)
from odoo.addons.mass_mailing_contact_strategy.models.delivery import (
    mailing_mailing_excluded as excluded,
)

from .send_common import SendCase

ROUNDS = 25
NAMES = 12
SHORTCUTS = ("_process_mail_values_state", "_get_blacklist_record_ids")


@tagged("post_install", "-at_install")
class TestSendBatch(SendCase):
    """Stock Odoo's own methods, on the same data, are the oracle."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.addresses = [f"name{number}@strategy.test" for number in range(NAMES)]

    def _create_contacts(self, chance, count=20):
        """Some share an address, some have none; on some lists, some opted out."""
        return self.env["mailing.contact"].create(
            [
                {
                    "name": f"Contact {number}",
                    "email": chance.choice(
                        (*self.addresses, "NAME1@Strategy.test", "")
                    ),
                    "subscription_ids": [
                        Command.create(
                            {"list_id": each.id, "opt_out": chance.random() < 0.4}
                        )
                        for each in chance.sample(
                            list(self.lists), chance.randint(1, 3)
                        )
                    ],
                }
                for number in range(count)
            ]
        )

    def _create_any_mailing(self, chance, recipients):
        """To lists, to the same contacts by a filter, or as an A/B test."""
        values = {}
        if chance.random() < 0.7:
            values["mailing_model_id"] = self.env["ir.model"]._get_id("mailing.list")
            chosen = chance.sample(list(self.lists), chance.randint(1, 2))
            values["contact_list_ids"] = [each.id for each in chosen]
        if chance.random() < 0.4:
            values["ab_testing_enabled"] = True
        values["use_exclusion_list"] = chance.random() < 0.8
        return self._create_mailing(recipients, **values)

    def _seed_traces(self, chance, mailings, recipients):
        """Some were reached by one of the mailings, and some of those are gone."""
        self.env["mailing.trace"].create(
            [
                {
                    "mass_mailing_id": chance.choice(mailings).id,
                    "model": chance.choice((recipients._name, "res.partner")),
                    "res_id": chance.choice((*recipients.ids, 2_000_000_000)),
                    "email": chance.choice((*self.addresses, False)),
                    "trace_status": chance.choice(("sent", "cancel", "outgoing")),
                }
                for _number in range(chance.randint(0, 12))
            ]
        )

    def _values(self, chance, recipients):
        """What the composer made for a batch, before Odoo looks who may get it."""
        partners = self._create_partners(3, "a partner")
        values = {}
        for record in recipients:
            other = chance.choice((record.email, f"{record.name} <{record.email}>", ""))
            values[record.id] = {
                "email_to": other,
                "subject": chance.choice(("Spring", "Summer")),
                "body": "Hello",
            }
            if chance.random() < 0.1:
                partner = chance.choice(partners)
                values[record.id]["recipient_ids"] = [Command.link(partner.id)]
        return values

    def _decisions(self, composer, values):
        copied = {res_id: dict(own) for res_id, own in values.items()}
        decided = composer._process_mail_values_state(copied)
        return {
            res_id: (own.get("state"), own.get("failure_type"))
            for res_id, own in decided.items()
        }

    @contextmanager
    def _stock(self):
        composer = self.registry["mail.compose.message"]
        with (
            patch.object(composer, SHORTCUTS[0], getattr(StockComposer, SHORTCUTS[0])),
            patch.object(composer, SHORTCUTS[1], getattr(StockComposer, SHORTCUTS[1])),
        ):
            yield

    def test_decisions_are_those_of_stock(self):
        """For any unsubscriptions, blacklist and earlier messages."""
        reasons = set()
        for seed in range(ROUNDS):
            chance = random.Random(seed)
            contacts = self._create_contacts(chance)
            self.env["mail.blacklist"].create(
                [{"email": email} for email in chance.sample(self.addresses, 2)]
            )
            mailing = self._create_any_mailing(chance, contacts)
            other = self._create_any_mailing(chance, contacts)
            if mailing.campaign_id and chance.random() < 0.5:
                other.campaign_id = mailing.campaign_id
            self._seed_traces(chance, (mailing, other), contacts)
            self.env.flush_all()
            composer = self._create_composer(mailing, contacts)
            values = self._values(chance, contacts)
            with self._stock():
                expected = self._decisions(composer, values)
            self.assertEqual(self._decisions(composer, values), expected, seed)
            self._check_lists(mailing, chance.sample(self.addresses, 5))
            reasons |= {reason for _state, reason in expected.values()}
            self.env["mail.blacklist"].search([]).unlink()
        # The data were of a kind to tell a difference.
        self.assertLessEqual(
            {"mail_bl", "mail_optout", "mail_dup", "mail_email_missing"}, reasons
        )

    def _check_lists(self, mailing, emails):
        for among, whole in (
            (mailing._opted_out_among, mailing._get_opt_out_list),
            (mailing._seen_among, mailing._get_seen_list),
        ):
            self.assertEqual(among(emails), set(emails) & set(whole()))

    def test_no_batch_reads_a_whole_list(self):
        """Odoo's methods for the whole lists are not even called."""
        contacts = self._create_list_contacts(6)
        mailing = self._create_list_mailing()

        def whole(*_args):
            raise AssertionError("a whole list was asked for")

        whole.__module__ = excluded.STOCK_LIST
        mailing_list = self.registry["mailing.list"]
        with patch.object(mailing_list, "_mailing_get_opt_out_list", whole):
            self._launch(mailing)
        self.assertOutcome(mailing, contacts, sent=6)

    def test_what_happens_during_the_send_is_heard(self):
        """Unsubscribed, blacklisted or reached after the first batch has left."""
        self.env["ir.config_parameter"].set_param("mail.batch_size", "2")
        contacts = self._create_list_contacts(8)
        mailing = self._create_list_mailing()
        order = self.env["mailing.contact"].browse(mailing._get_recipients())
        leaver, blocked, reached = order[4], order[5], order[6]
        composer = self.registry["mail.compose.message"]
        stock = composer._manage_mail_values
        batches = []

        def after_a_batch(records, values):
            batches.append(list(values))
            if len(batches) == 1:
                leaver.subscription_ids.opt_out = True
                self.env["mail.blacklist"]._add(blocked.email)
                self.env["mailing.trace"].create(
                    {
                        "mass_mailing_id": mailing.id,
                        "model": "mailing.contact",
                        "res_id": order[0].id,
                        "email": reached.email,
                        "trace_status": "cancel",
                    }
                )
            return stock(records, values)

        with patch.object(composer, "_manage_mail_values", after_a_batch):
            self._launch(mailing)
        self.assertEqual(len(batches), 4)
        traces = self.env["mailing.trace"].search(
            [("mass_mailing_id", "=", mailing.id)]
        )
        self.assertEqual(
            {
                trace.res_id: trace.failure_type
                for trace in traces
                if trace.failure_type
            },
            {leaver.id: "mail_optout", blocked.id: "mail_bl", reached.id: "mail_dup"},
        )
        self.assertEqual(set(traces.mapped("res_id")), set(contacts.ids))

    def test_other_addons_answers_are_taken(self):
        """Their lists, whole as they are: of a model, of a mailing, of what is seen."""
        partners = self._create_partners(4)
        leaver = partners[1]
        mailing = self._create_mailing(partners)

        def of_partners(_model, asked):
            self.assertEqual(asked, mailing)
            return {leaver.email_normalized, "else@strategy.test"}

        with patch.object(
            self.registry["res.partner"],
            "_mailing_get_opt_out_list",
            of_partners,
            create=True,
        ):
            self.assertEqual(
                mailing._opted_out_among(partners.mapped("email_normalized")),
                {leaver.email_normalized},
            )
            self._launch(mailing)
        self.assertOutcome(mailing, partners, sent=3, cancel=1)

    def test_other_addons_answers_about_lists_are_taken(self):
        contacts = self._create_list_contacts(4)
        mailing = self._create_list_mailing()
        contacts[0].subscription_ids.opt_out = True

        def of_lists(_model, _mailing):
            return {contacts[2].email_normalized}

        with patch.object(
            self.registry["mailing.list"], "_mailing_get_opt_out_list", of_lists
        ):
            self._launch(mailing)
        self.assertEqual(self._statuses(mailing)[contacts[2].id], "cancel")
        self.assertOutcome(mailing, contacts, sent=3, cancel=1)

    def test_other_addons_conditions_on_what_is_seen_are_taken(self):
        contacts = self._create_list_contacts(2)
        mailing = self._create_list_mailing()
        for contact, status in zip(contacts, ("sent", "cancel"), strict=True):
            self.env["mailing.trace"].create(
                {
                    "mass_mailing_id": mailing.id,
                    "model": "mailing.contact",
                    "res_id": contact.id,
                    "email": contact.email,
                    "trace_status": status,
                }
            )
        emails = contacts.mapped("email_normalized")
        self.assertEqual(mailing._seen_among(emails), set(emails))

        def only_sent(_mailing):
            return "", "AND s.trace_status = 'sent'"

        with patch.object(
            self.registry["mailing.mailing"], "_get_seen_list_extra", only_sent
        ):
            self.assertEqual(mailing._seen_among(emails), {emails[0]})

    def test_an_address_of_any_length_is_no_trouble(self):
        """An index that held it whole would refuse it, and the batch with it."""
        contacts = self._create_list_contacts(1)
        mailing = self._create_list_mailing()
        nonsense = "".join(random.Random(1).choices("abcdefghijklmnop", k=9000))
        self.env["mailing.trace"].create(
            {
                "mass_mailing_id": mailing.id,
                "model": "mailing.contact",
                "res_id": contacts.id,
                "email": nonsense,
            }
        )
        self.assertEqual(mailing._seen_among({nonsense, nonsense + "x"}), {nonsense})
