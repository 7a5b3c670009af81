from odoo import api, models


class ContactTag(models.Model):
    """What is archived counts for nothing: rules would block nobody, and not say so."""

    _inherit = "contact.tag"

    @api.constrains("active")
    def _check_blocks_nobody(self):
        self.env["contact.policy.rule"]._refuse_without_tags(
            self.filtered(lambda tag: not tag.active)
        )


class ContactTagDimension(models.Model):
    """As for its tags."""

    _inherit = "contact.tag.dimension"

    @api.constrains("active")
    def _check_blocks_nobody(self):
        closed = self.filtered(lambda dimension: not dimension.active)
        tags = closed.with_context(active_test=False).tag_ids
        self.env["contact.policy.rule"]._refuse_without_tags(tags)
