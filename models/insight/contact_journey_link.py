"""The journey's door for those who come by way of a contact or a mailing contact."""

from odoo import api, models
from odoo.exceptions import UserError

from odoo.addons.mass_mailing_contact_strategy.models.storable import check_storable

STAGE = "journey_stage_id"
DEFAULT = f"default_{STAGE}"


class ContactFacts(models.AbstractModel):
    """A related field would move people one by one, and nobody at creation: then there
    is no profile yet."""

    _inherit = "contact.facts.mixin"

    @api.model
    def _without_stage(self, vals_list):
        """Who creates them, and values, both without the stage; and the stage (or
        None) that each of them names."""
        context = dict(self.env.context)
        given = context.pop(DEFAULT, None)
        wanted = [vals.get(STAGE, given) or None for vals in vals_list]
        for stage in wanted:
            check_storable(self.env["contact.profile"], {STAGE: stage})
        left = [
            {name: value for name, value in vals.items() if name != STAGE}
            for vals in vals_list
        ]
        return self.with_context(context), left, wanted

    def _move_people(self, wanted):
        """Move the people behind these records, stage by stage.

        :param list wanted: for each record a stage, False, or None: not asked for
        :raise UserError: see ``contact.profile._move_to_stage``
        """
        people = {}
        for record, stage in zip(self, wanted, strict=True):
            people.setdefault(stage, self.browse())
            people[stage] += record
        for stage, records in people.items():
            if stage is None:
                continue
            if stage and not all(record.profile_id for record in records):
                raise UserError(
                    self.env._(
                        "Somebody without an e-mail address is on no journey: write "
                        "the address first."
                    )
                )
            records.profile_id.write({STAGE: stage})


class ResPartner(models.Model):
    """Contacts."""

    _inherit = "res.partner"

    @api.model_create_multi
    def create(self, vals_list):
        """The person enters the journey where the caller says."""
        creator, vals_list, wanted = self._without_stage(vals_list)
        partners = super(ResPartner, creator).create(vals_list).with_env(self.env)
        partners._move_people(wanted)
        return partners

    def write(self, vals):
        """All people move at once, or nobody."""
        res = super().write({k: v for k, v in vals.items() if k != STAGE})
        if STAGE in vals:
            check_storable(self.env["contact.profile"], {STAGE: vals[STAGE]})
            self._move_people([vals[STAGE] or False] * len(self))
        return res


class MailingContact(models.Model):
    """Mailing contacts."""

    _inherit = "mailing.contact"

    @api.model_create_multi
    def create(self, vals_list):
        """The person enters the journey where the caller says."""
        creator, vals_list, wanted = self._without_stage(vals_list)
        contacts = super(MailingContact, creator).create(vals_list).with_env(self.env)
        contacts._move_people(wanted)
        return contacts

    def write(self, vals):
        """All people move at once, or nobody."""
        res = super().write({k: v for k, v in vals.items() if k != STAGE})
        if STAGE in vals:
            check_storable(self.env["contact.profile"], {STAGE: vals[STAGE]})
            self._move_people([vals[STAGE] or False] * len(self))
        return res
