"""Tags written to the records that users know."""

from odoo import api, models
from odoo.exceptions import UserError

SAID = "explicit_tag_ids"


class ContactTagged(models.AbstractModel):
    """What is said is noted in the profile, as it was written.

    Through the related field it would arrive as a plain list of tags, which does not
    say that something was said again; and a new record has no profile yet.
    """

    _name = "contact.tagged.mixin"
    _description = "Tags of the Contact Profile"

    def _note_tags(self, values, is_new=False):
        """:param values: what was written to the field of each record, or None"""
        pairs = [
            (record.profile_id, value)
            for record, value in zip(self, values, strict=True)
            if value is not None and (value or not is_new)
        ]
        if not pairs:
            return
        profiles = self.profile_id
        if not all(profile for profile, _value in pairs):
            raise UserError(
                self.env._(
                    "Nothing can be known about a contact without an e-mail address: "
                    "there is no person to know it of."
                )
            )
        profiles.check_access("write")
        profiles._check_storable(*({SAID: value} for _profile, value in pairs))
        field = profiles._fields[SAID]
        field.write_batch(pairs, create=is_new)

    @api.model
    def _without_tags(self, vals):
        return {name: value for name, value in vals.items() if name != SAID}


class ResPartner(models.Model):
    """Contacts get their tags when they have their profile."""

    _name = "res.partner"
    _inherit = ["res.partner", "contact.tagged.mixin"]

    @api.model_create_multi
    def create(self, vals_list):
        """What is said of new contacts."""
        partners = super().create([self._without_tags(vals) for vals in vals_list])
        partners._note_tags([vals.get(SAID) for vals in vals_list], is_new=True)
        return partners

    def write(self, vals):
        """What is said of contacts."""
        res = super().write(self._without_tags(vals))
        if SAID in vals:
            self._note_tags([vals[SAID]] * len(self))
        return res


class MailingContact(models.Model):
    """The same for mailing contacts."""

    _name = "mailing.contact"
    _inherit = ["mailing.contact", "contact.tagged.mixin"]

    @api.model_create_multi
    def create(self, vals_list):
        """What is said of new mailing contacts."""
        contacts = super().create([self._without_tags(vals) for vals in vals_list])
        contacts._note_tags([vals.get(SAID) for vals in vals_list], is_new=True)
        return contacts

    def write(self, vals):
        """What is said of mailing contacts."""
        res = super().write(self._without_tags(vals))
        if SAID in vals:
            self._note_tags([vals[SAID]] * len(self))
        return res
