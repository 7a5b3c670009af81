from odoo import fields, models


class ContactSegmentMember(models.Model):
    """A person was in a segment, from when to when.

    Also kept of those who fit but stand behind the limit (``is_cut``), as long as they
    do: so it can be seen why they are out, and who comes next.

    Written by the refresh of segments alone; a period that has ended is never changed.
    """

    _name = "contact.segment.member"
    _inherit = ["contact.of.person.mixin"]
    _description = "Segment Member"
    _order = "segment_id, since DESC, id DESC"
    _rec_name = "profile_id"
    # Derived, and many: who wrote them is known, and each user would be looked up.
    _log_access = False

    segment_id = fields.Many2one(
        "contact.segment", required=True, readonly=True, ondelete="cascade", index=True
    )
    profile_id = fields.Many2one(
        "contact.profile", required=True, readonly=True, ondelete="cascade", index=True
    )
    since = fields.Datetime(string="In Since", required=True, readonly=True)
    until = fields.Datetime(string="Out Since", readonly=True)
    is_cut = fields.Boolean(string="Behind the Limit", readonly=True)
    rank_number = fields.Float(readonly=True, aggregator=None)
    rank_text = fields.Char(readonly=True)

    _now_unique = models.UniqueIndex("(segment_id, profile_id) WHERE until IS NULL")
