from odoo import api, models
from odoo.tools import SQL


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Merging contacts merges people."""

    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        """Merging contacts merges their profiles, with everything that hangs on them.

        Before anything else: the wizard would move the second profile to a contact that
        has one, which the database refuses.
        """
        self._lock_before_merge(src_partners)
        partners = (src_partners | dst_partner).sudo()  # profiles: as in create()
        Profile = partners.env["contact.profile"]
        Profile._ensure_for_partners(partners.filtered(lambda p: not p.profile_id))
        sources = src_partners.sudo().profile_id
        sources._merge_into(dst_partner.sudo().profile_id)
        return super()._update_foreign_keys(src_partners, dst_partner)

    @api.model
    def _lock_before_merge(self, src_partners):
        """Lock the contacts that will be deleted before anything of theirs is moved.

        Whoever writes to them refers to the contact first and to what the ledger knows
        afterwards: in the other order the two would wait for each other. SQL, as the
        ORM has no lock that also waits for whoever refers to a record.
        """
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "SELECT FROM res_partner WHERE id = ANY(%s) ORDER BY id FOR UPDATE",
                src_partners.ids,
            )
        )
