from odoo import api, models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Merging contacts merges people."""

    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        """Merging contacts merges their profiles, with everything that hangs on them.

        Before anything else: the wizard would move the second profile to a contact that
        has one, which the database refuses.
        """
        partners = (src_partners | dst_partner).sudo()  # profiles: as in create()
        Profile = partners.env["contact.profile"]
        Profile._ensure_for_partners(partners.filtered(lambda p: not p.profile_id))
        sources = src_partners.sudo().profile_id
        sources._merge_into(dst_partner.sudo().profile_id)
        return super()._update_foreign_keys(src_partners, dst_partner)
