"""What is found out once for a batch makes the letters that Odoo makes."""

from unittest.mock import patch

from lxml import etree
from markupsafe import Markup

from odoo.tests import tagged

from odoo.addons.mass_mailing_contact_strategy.models.delivery import batch_memo

from .send_common import SendCase


@tagged("post_install", "-at_install")
class TestSendLetters(SendCase):
    """Stock Odoo's letters, from the same words, are the oracle."""

    def test_letters_are_those_of_stock(self):
        """Each with its own words and links, though found out once for the batch."""
        contacts = self._create_list_contacts(4)
        mailing = self._create_list_mailing()
        body = Markup(
            '<p>Dear <t t-out="object.name"/></p>'
            '<a href="https://www.example.com/offer">Same</a>'
            '<a t-attf-href="https://www.example.com/{{object.id}}">Own</a>'
            "<t t-if=\"object.name == 'Reader 1'\"><b>Only you</b></t>"
        )
        composer = self._create_composer(mailing, contacts)
        composer = composer.with_context(**mailing._get_mass_mailing_context())
        composer.body = body

        def letters():
            found = composer._prepare_mail_values(contacts.ids)
            return {
                res_id: str(values["body_html"]) for res_id, values in found.items()
            }

        with patch.object(batch_memo, "MEMO", "nobody asks for this"):
            expected = letters()
        self.assertEqual(len(set(expected.values())), 4)
        generated = []
        qweb = self.registry["ir.qweb"]
        generate = qweb._generate_code

        def counting(records, template):
            if isinstance(template, etree._Element):
                generated.append(template)
            return generate(records, template)

        with patch.object(qweb, "_generate_code", counting):
            self.assertEqual(letters(), expected)
        # Stock compiles it for each of the four, and more than once.
        self.assertLess(len(generated), len(contacts))
        own = self.env["link.tracker"].search([("mass_mailing_id", "=", mailing.id)])
        self.assertEqual(len(own), 5)
        for contact, tracker in zip(contacts, own.sorted("id")[1:], strict=True):
            self.assertIn(str(contact.id), tracker.url)
            self.assertIn(tracker.short_url, expected[contact.id])
