"""The doors of stage and persona for those who come by way of a contact or a mailing
contact."""

from odoo import api, models
from odoo.exceptions import UserError

from odoo.addons.mass_mailing_contact_strategy.models.storable import check_storable

STAGE = "journey_stage_id"
PERSONA = "persona_id"
FACTS = (STAGE, PERSONA)


class ContactFacts(models.AbstractModel):
    """A related field would be written one by one, and to nobody at creation: then
    there is no profile yet."""

    _inherit = "contact.facts.mixin"

    @api.model
    def _without_facts(self, vals_list):
        """Who creates them, and values, both without stage and persona; and a dict of
        those (or None) that each of them names."""
        context = dict(self.env.context)
        given = {name: context.pop(f"default_{name}", None) for name in FACTS}
        wanted = [
            {name: vals.get(name, given[name]) or None for name in FACTS}
            for vals in vals_list
        ]
        for facts in wanted:
            check_storable(self.env["contact.profile"], facts)
        left = [_left_of(vals) for vals in vals_list]
        return self.with_context(context), left, wanted

    def _write_facts(self, wanted):
        """All people behind these records move at once, and say at once who they are.

        :param list wanted: for each record a dict: stage or persona, False, or None:
            not asked for
        :raise UserError: there is no person; see ``contact.profile._move_to_stage``
        """
        for name in FACTS:
            people = {}
            for record, facts in zip(self, wanted, strict=True):
                people.setdefault(facts.get(name), self.browse())
                people[facts.get(name)] += record
            people.pop(None, None)
            for value, records in people.items():
                if value and not all(record.profile_id for record in records):
                    raise UserError(self._say_nobody(name))
                records.profile_id.write({name: value})

    def _say_nobody(self, name):
        if name == STAGE:
            return self.env._(
                "Somebody without an e-mail address is on no journey: write the "
                "address first."
            )
        return self.env._(
            "Somebody without an e-mail address is no persona: write the address first."
        )

    def _write_same_facts(self, vals):
        """See ``_write_facts``: the same for all.

        :param dict vals: as given to write()
        """
        facts = {name: vals[name] or False for name in FACTS if name in vals}
        if facts:
            check_storable(self.env["contact.profile"], facts)
            self._write_facts([facts] * len(self))


def _left_of(vals):
    return {name: value for name, value in vals.items() if name not in FACTS}


class ResPartner(models.Model):
    """Contacts."""

    _inherit = "res.partner"

    @api.model_create_multi
    def create(self, vals_list):
        """Where and who the person is, as the caller says."""
        creator, vals_list, wanted = self._without_facts(vals_list)
        partners = super(ResPartner, creator).create(vals_list).with_env(self.env)
        partners._write_facts(wanted)
        return partners

    def write(self, vals):
        """All people at once, or nobody."""
        res = super().write(_left_of(vals))
        self._write_same_facts(vals)
        return res


class MailingContact(models.Model):
    """Mailing contacts."""

    _inherit = "mailing.contact"

    @api.model_create_multi
    def create(self, vals_list):
        """Where and who the person is, as the caller says."""
        creator, vals_list, wanted = self._without_facts(vals_list)
        contacts = super(MailingContact, creator).create(vals_list).with_env(self.env)
        contacts._write_facts(wanted)
        return contacts

    def write(self, vals):
        """All people at once, or nobody."""
        res = super().write(_left_of(vals))
        self._write_same_facts(vals)
        return res
