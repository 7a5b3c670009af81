"""The persona's door for those who come by way of a contact or a mailing contact."""

from odoo import api, models
from odoo.exceptions import UserError

from odoo.addons.mass_mailing_contact_strategy.models.storable import check_storable

PERSONA = "persona_id"
DEFAULT = f"default_{PERSONA}"


class ContactFacts(models.AbstractModel):
    """A related field would be written one by one, and to nobody at creation: then
    there is no profile yet."""

    _inherit = "contact.facts.mixin"

    @api.model
    def _without_persona(self, vals_list):
        """Who creates them, and values, both without the persona; and the persona (or
        None) that each of them names."""
        context = dict(self.env.context)
        given = context.pop(DEFAULT, None)
        said = [vals.get(PERSONA, given) or None for vals in vals_list]
        for persona_id in said:
            check_storable(self.env["contact.profile"], {PERSONA: persona_id})
        left = [
            {name: value for name, value in vals.items() if name != PERSONA}
            for vals in vals_list
        ]
        return self.with_context(context), left, said

    def _say_personas(self, said):
        """Somebody says who the people behind these records are.

        :param list said: for each record a persona, False, or None: not asked for
        :raise UserError: there is no person
        """
        people = {}
        for record, persona_id in zip(self, said, strict=True):
            people.setdefault(persona_id, self.browse())
            people[persona_id] += record
        for persona_id, records in people.items():
            if persona_id is None:
                continue
            if persona_id and not all(record.profile_id for record in records):
                raise UserError(
                    self.env._(
                        "Somebody without an e-mail address is no persona: write the "
                        "address first."
                    )
                )
            records.profile_id.write({PERSONA: persona_id})


class ResPartner(models.Model):
    """Contacts."""

    _inherit = "res.partner"

    @api.model_create_multi
    def create(self, vals_list):
        """Somebody says who they are."""
        creator, vals_list, said = self._without_persona(vals_list)
        partners = super(ResPartner, creator).create(vals_list).with_env(self.env)
        partners._say_personas(said)
        return partners

    def write(self, vals):
        """All at once."""
        res = super().write({k: v for k, v in vals.items() if k != PERSONA})
        if PERSONA in vals:
            check_storable(self.env["contact.profile"], {PERSONA: vals[PERSONA]})
            self._say_personas([vals[PERSONA] or False] * len(self))
        return res


class MailingContact(models.Model):
    """Mailing contacts."""

    _inherit = "mailing.contact"

    @api.model_create_multi
    def create(self, vals_list):
        """Somebody says who they are."""
        creator, vals_list, said = self._without_persona(vals_list)
        contacts = super(MailingContact, creator).create(vals_list)
        contacts = contacts.with_env(self.env)
        contacts._say_personas(said)
        return contacts

    def write(self, vals):
        """All at once."""
        res = super().write({k: v for k, v in vals.items() if k != PERSONA})
        if PERSONA in vals:
            check_storable(self.env["contact.profile"], {PERSONA: vals[PERSONA]})
            self._say_personas([vals[PERSONA] or False] * len(self))
        return res
