from odoo import api, fields, models

# What decides which profile an address belongs to.
RANKING_FIELDS = {"email", "is_company", "active"}


def without_link(vals):
    """Which profile is a record's is not for the caller to say.

    Merging contacts writes all values of one to the other, this one, too.
    """
    return {name: value for name, value in vals.items() if name != "profile_id"}


class ResPartner(models.Model):
    """Contacts own their profile: made, moved and released with them."""

    _inherit = "res.partner"

    profile_id = fields.Many2one(
        "contact.profile",
        string="Contact Profile",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Every contact has a profile from the first moment."""
        partners = super().create([without_link(vals) for vals in vals_list])
        # sudo: whoever may make a contact need not have rights on profiles
        self.env["contact.profile"].sudo()._ensure_for_partners(partners.sudo())
        return partners

    def write(self, vals):
        """The profile follows its contact's address."""
        vals = without_link(vals)
        if not self or RANKING_FIELDS.isdisjoint(vals):
            return super().write(vals)
        partners = self.sudo()  # as in create()
        old_emails = set(partners.mapped("email_normalized"))
        res = super().write(vals)
        partners.env["contact.profile"]._follow_partners(partners, old_emails)
        return res

    def unlink(self):
        """What was sent to a person is kept: the profile outlives the contact."""
        partners = self.sudo()  # as in create()
        profiles = partners.env["contact.profile"]._release_partners(partners)
        res = super().unlink()
        profiles._after_release()
        return res

    def action_view_contact_profile(self):
        """Open what is known about the person."""
        self.ensure_one()
        return self.profile_id._get_records_action()
