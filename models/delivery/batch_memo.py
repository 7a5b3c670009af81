from lxml import etree

from odoo import api, models

MEMO = "contact_strategy_batch_memo"
"""Context key: the BatchMemo of the messages that are being made."""


class BatchMemo:
    """What is the same for all messages of a batch, and is found out once.

    It lives as long as the batch: what is changed or deleted meanwhile is seen by the
    next one.
    """

    def __init__(self):
        self.links = {}
        self.templates = {}


class LinkTracker(models.Model):
    """The links of a mailing are looked up once for a batch, not for each reader."""

    _inherit = "link.tracker"

    @api.model
    def search_or_create(self, vals_list):
        """As Odoo, which has a search over all links of the letter for each letter."""
        memo = self.env.context.get(MEMO)
        if memo is None:
            return super().search_or_create(vals_list)
        key = repr(vals_list)
        if key not in memo.links:
            memo.links[key] = super().search_or_create(vals_list).ids
        return self.browse(memo.links[key])


class IrQweb(models.AbstractModel):
    """A letter is compiled once for a batch, not for each reader."""

    _inherit = "ir.qweb"

    def _generate_code_uncached(self, template):
        """As Odoo, which keeps what it compiled of stored templates only."""
        memo = self.env.context.get(MEMO)
        if memo is None or not isinstance(template, etree._Element):
            return super()._generate_code_uncached(template)
        names = (
            *self._get_template_cache_keys(),
            # Whether the writer's expressions are checked, and for which model.
            "raise_on_forbidden_code_for_model",
        )
        options = [repr(self.env.context.get(name)) for name in names]
        key = (etree.tostring(template), *options)
        if key not in memo.templates:
            memo.templates[key] = super()._generate_code_uncached(template)
        return memo.templates[key]
