from odoo import fields, models


class ContactSegmentWaterfall(models.Model):
    """Segments in an order: each person falls into the first that fits.

    So one large campaign can be split into special ones, and nobody gets two of them.
    """

    _name = "contact.segment.waterfall"
    _inherit = ["contact.storable.mixin"]
    _description = "Waterfall of Segments"
    _order = "name, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    segment_ids = fields.One2many("contact.segment", "waterfall_id", string="Segments")
