from odoo import api, fields, models
from odoo.tools import SQL

from .res_partner import without_link


class MailingContact(models.Model):
    """Mailing contacts belong to the profile with their address."""

    _inherit = "mailing.contact"

    profile_id = fields.Many2one(
        "contact.profile",
        string="Contact Profile",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )

    _email_normalized_idx = models.Index(
        "(email_normalized) WHERE email_normalized IS NOT NULL"
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Every mailing contact with an address has a profile from the start."""
        contacts = super().create([without_link(vals) for vals in vals_list])
        contacts._relink_profiles()
        return contacts

    def write(self, vals):
        """The profile is that of the address."""
        res = super().write(without_link(vals))
        if "email" in vals:
            self._relink_profiles()
        return res

    def unlink(self):
        """A profile that nobody needs any more goes, too."""
        profiles = self.sudo().profile_id
        res = super().unlink()
        profiles._drop_unused()
        return res

    def _relink_profiles(self):
        if not self:
            return
        # sudo: whoever may make a mailing contact need not have rights on profiles
        self.env["contact.profile"].sudo()._relink_mailing_contacts(
            SQL("contact.id = ANY(%s)", self.ids)
        )

    def _first_value(self, fname):
        """What the oldest of these says, of those that say anything."""
        if fname not in self._fields:
            return False
        values = (contact[fname] for contact in self.sorted("id"))
        return next((value for value in values if value), False)

    def action_view_contact_profile(self):
        """Open what is known about the person."""
        self.ensure_one()
        return self.profile_id._get_records_action()
