from odoo import api, models

from .crowd import Crowd
from .crowd_numbers import NumberCrowd
from .crowd_paper import PaperCrowd

CROWDS = {"sms": NumberCrowd, "letter": PaperCrowd, "call": PaperCrowd}


class MailingMailing(models.Model):
    """Who gets a mailing, and where, by whatever channel it goes out."""

    _inherit = "mailing.mailing"

    def _contact_crowd(self, res_ids, **options):
        """These recipients, who they are, and where the message goes to.

        :param list res_ids: ids of the mailing's model
        :param options: see Crowd
        :rtype: Crowd
        """
        self.ensure_one()
        kind = CROWDS.get(self.mailing_type, Crowd)
        return kind(self.env, self, res_ids, **options)

    def _contact_plan(self):
        """What binds this mailing.

        :rtype: Plan
        """
        return self.env["contact.policy.engine"]._plan(self._contact_message())

    @api.model
    def _is_governed(self):
        """Is there any strategy? Elevated: it binds whoever may not read it, too."""
        return bool(self.env["contact.policy"].sudo().search_count([], limit=1))

    def _contact_owners(self, res_ids):
        """Whose are these recipients? {recipient: profile id}, without the unknown."""
        self.ensure_one()
        Profile = self.env["contact.profile"]
        resolve = Profile._resolve_rows
        if self.mailing_type == "sms":
            resolve = Profile._resolve_number_rows
        rows = resolve(self.mailing_model_real, sorted(set(res_ids)))
        return {res_id: profile_id for res_id, profile_id, _to in rows if profile_id}

    def _cancel_duplicates(self, duplicates):
        """A second record of a person gets the trace that Odoo gives a duplicate.

        After the messages were made: Odoo takes an address with a trace, also a
        cancelled one, for reached, and would cancel the first record as well.

        :param dict duplicates: {recipient: (profile id, address)}
        """
        self.env["mailing.trace"].sudo().create(
            [
                {
                    "mass_mailing_id": self.id,
                    "model": self.mailing_model_real,
                    "res_id": res_id,
                    "trace_status": "cancel",
                    **self._duplicate_values(address),
                }
                for res_id, (_profile_id, address) in sorted(duplicates.items())
            ]
        )

    def _duplicate_values(self, address):
        """What such a trace says of the channel."""
        if self.mailing_type == "sms":
            return {
                "trace_type": "sms",
                "sms_number": address,
                "failure_type": "sms_duplicate",
            }
        return {"email": address, "failure_type": "mail_dup"}
