from odoo import models
from odoo.tools import SQL


class ContactProfile(models.Model):
    """People who become one have one ledger."""

    _inherit = "contact.profile"

    def _lock_for_merge(self):
        """Also the touches and holds that will be moved, each table at once and in its
        order, as by whoever sends."""
        res = super()._lock_for_merge()
        for table in ("contact_touch", "contact_hold"):
            self.env.cr.execute(
                SQL(
                    "SELECT FROM %s WHERE profile_id = ANY(%s)"
                    " ORDER BY id FOR NO KEY UPDATE",
                    SQL.identifier(table),
                    self.ids,
                )
            )
        return res


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Whoever waits for a mailing waits on as the contact that is kept."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _update_reference_fields(self, src_partners, dst_partner):
        """Touches and holds name the record they were about: it is another one now.

        SQL, as a touch that would stand beside another of the same mailing keeps the
        name of the contact that is gone. Locked in their order, as by whoever sends.
        """
        result = super()._update_reference_fields(src_partners, dst_partner)
        self.env.flush_all()
        for table in ("contact_touch", "contact_hold"):
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE %(table)s moved SET res_id = %(target)s
                     WHERE moved.id IN (
                            SELECT id FROM %(table)s
                             WHERE res_model = 'res.partner'
                               AND res_id = ANY(%(sources)s)
                             ORDER BY id FOR NO KEY UPDATE)
                       AND (moved.mailing_id IS NULL OR moved.id IN (
                            SELECT DISTINCT ON (mailing_id) id FROM %(table)s
                             WHERE res_model = 'res.partner'
                               AND res_id = ANY(%(sources)s)
                             ORDER BY mailing_id, id))
                       AND NOT EXISTS (
                            SELECT FROM %(table)s kept
                             WHERE kept.mailing_id = moved.mailing_id
                               AND kept.res_model = 'res.partner'
                               AND kept.res_id = %(target)s)
                    """,
                    table=SQL.identifier(table),
                    target=dst_partner.id,
                    sources=src_partners.ids,
                )
            )
        self.env.invalidate_all()
        return result
