from odoo import fields, models
from odoo.exceptions import UserError

WIZARD = "base.partner.merge.automatic.wizard"


class ContactProfile(models.Model):
    """Cleaning: what users do about people whose data are not good."""

    _inherit = "contact.profile"

    def action_confirm_data(self):
        """Somebody has looked at it: it is right as of today."""
        self.write({"confirmed_date": fields.Date.context_today(self)})

    def action_archive_people(self):
        """Neither the people nor their contacts are found any more; history stays."""
        self.check_access("write")
        self.partner_id.action_archive()
        self.action_archive()

    def action_merge_people(self):
        """Odoo's own wizard, with these people and whoever may be one of them.

        :raise UserError: there is nobody to merge with
        """
        self.check_access("read")
        people = self
        if len(self) == 1:
            # sudo: only those whom the user may see are shown
            twins = self.browse(self.sudo()._with_twins(self.ids))
            people = twins._filtered_access("read").filtered("active")
        partners = people.partner_id
        if len(partners) < 2:
            raise UserError(
                self.env._(
                    "Choose two or three people who are one and the same. Only people "
                    "with a contact can be merged."
                )
            )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Merge"),
            "res_model": WIZARD,
            "view_mode": "form",
            "target": "new",
            "context": {"active_model": "res.partner", "active_ids": partners.ids},
        }
