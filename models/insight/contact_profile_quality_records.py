"""Whatever is edited on a record of the person, the person is graded anew."""

from odoo import api, models

GRADED = {"name", "email", "phone", "lang", "active", "company_id", "message_bounce"}


class ResPartner(models.Model):
    """See ``contact.profile._look_again``."""

    _inherit = "res.partner"

    @api.model_create_multi
    def create(self, vals_list):
        """Graded from the start."""
        partners = super().create(vals_list)
        self.env["contact.profile"]._look_again(partner_ids=partners.ids)
        return partners

    def write(self, vals):
        """Graded anew."""
        res = super().write(vals)
        if not GRADED.isdisjoint(vals):
            self.env["contact.profile"]._look_again(partner_ids=self.ids)
        return res


class MailingContact(models.Model):
    """See ``contact.profile._look_again``."""

    _inherit = "mailing.contact"

    @api.model_create_multi
    def create(self, vals_list):
        """Graded from the start."""
        contacts = super().create(vals_list)
        self.env["contact.profile"]._look_again(contact_ids=contacts.ids)
        return contacts

    def write(self, vals):
        """Graded anew."""
        res = super().write(vals)
        if not GRADED.isdisjoint(vals):
            self.env["contact.profile"]._look_again(contact_ids=self.ids)
        return res


class ContactProfile(models.Model):
    """What is known decides on personas, and where an address comes from on its
    quality."""

    _inherit = "contact.profile"

    def _after_tags_changed(self):
        """See ``_look_again``."""
        res = super()._after_tags_changed()
        self._look_again(self.ids)
        return res
