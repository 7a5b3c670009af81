from urllib.parse import urlencode

from odoo import models, tools

PLACEHOLDER = "/contact/preferences"
"""In a mailing it stands for the recipient's own page."""


class MailingMailing(models.Model):
    """Each recipient's way to the preference page."""

    _inherit = "mailing.mailing"

    def _get_preferences_path(self, email, document_id):
        """The page of one recipient, with the key of Odoo's own unsubscribe link."""
        query = {
            "mailing_id": self.id,
            "document_id": document_id,
            "email": email,
            "hash_token": self._generate_mailing_recipient_token(document_id, email),
        }
        return f"{PLACEHOLDER}?{urlencode(query)}"


class MailRenderMixin(models.AbstractModel):
    """The link is each recipient's own: there is nothing to count clicks of."""

    _inherit = "mail.render.mixin"

    def _shorten_links(self, html, link_tracker_vals, blacklist=None, base_url=None):
        """Leave the placeholder as it is."""
        kept = [*(blacklist or ()), PLACEHOLDER]
        return super()._shorten_links(html, link_tracker_vals, kept, base_url)


class MailMail(models.Model):
    """The placeholder becomes the recipient's page."""

    _inherit = "mail.mail"

    def _prepare_outgoing_list(self, mail_server=False, doc_to_followers=None):
        """Rewrite the link, as Odoo does with its unsubscribe link."""
        emails = super()._prepare_outgoing_list(
            mail_server=mail_server, doc_to_followers=doc_to_followers
        )
        if not (self.res_id and self.mailing_id):
            return emails
        base_url = self.mailing_id.get_base_url()
        generic = f'{base_url}{PLACEHOLDER}"'
        for values in emails:
            body = values["body"] or ""
            # A test of a mailing is about nobody: its link stays general.
            is_test = self.env.context.get("mailing_test_mail")
            if generic not in body or not values["email_to"] or is_test:
                continue
            email = values["email_to"][0]
            email = tools.email_normalize(email, strict=False) or email
            path = self.mailing_id._get_preferences_path(email, self.res_id)
            # of the same kind as the body, which is markup or plain text
            link = type(body)(f'{base_url}{path}"'.replace("&", "&amp;"))
            values["body"] = body.replace(generic, link)
        return emails
