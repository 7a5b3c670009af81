from odoo import api, models
from odoo.fields import Domain


class ContactOverride(models.Model):
    """Whoever waits, or was left out, is decided about again."""

    _inherit = "contact.override"

    @api.model_create_multi
    def create(self, vals_list):
        """The mailing says so, and asks again about whom it concerns."""
        overrides = super().create(vals_list)
        for override in overrides:
            holds = override._held()
            if override.mailing_id:
                override.mailing_id.message_post(
                    body=self.env._(
                        "%(user)s overrides the contact strategy until %(until)s: "
                        "%(reason)s",
                        user=override.user_id.name,
                        until=override.until,
                        reason=override.reason,
                    )
                )
            if holds:
                holds.action_decide_again()
        return overrides

    def _held(self):
        """Of one mailing whoever it did not reach; of a person what it waits for."""
        self.ensure_one()
        # Elevated: the manager overrides for all recipients of the mailing.
        Hold = self.env["contact.hold"].sudo()
        domain = Domain("state", "=", "deferred")
        if self.mailing_id:
            domain = Domain("state", "in", ("deferred", "held", "expired"))
            domain &= Domain("mailing_id", "=", self.mailing_id.id)
        if self.profile_id:
            domain &= Domain("profile_id", "=", self.profile_id.id)
        return Hold.search(domain & Domain("company_id", "=", self.company_id.id))
