from odoo import fields, models


class ContactSignalHit(models.Model):
    """A signal is true of a person now: with the number, and since when.

    Written by the evaluation of signals alone; what follows from it (tags, personas,
    stages, engagement) is derived from these rows, so that there is one evidence.
    """

    _name = "contact.signal.hit"
    _inherit = ["contact.of.person.mixin"]
    _description = "Signal of a Person"
    _order = "last_date DESC, id DESC"
    _rec_name = "signal_id"
    # Derived, and many: who wrote them is known, and each user would be looked up.
    _log_access = False

    signal_id = fields.Many2one(
        "contact.signal",
        required=True,
        ondelete="cascade",  # indexed by _person_unique
    )
    profile_id = fields.Many2one(
        "contact.profile", required=True, ondelete="cascade", index=True
    )
    value = fields.Float(help="What was compared: the number, the sum, the days ...")
    fact_count = fields.Integer(help="How many records said so.")
    first_date = fields.Datetime()
    last_date = fields.Datetime()
    since = fields.Datetime(help="True without a break since.")

    _person_unique = models.UniqueIndex("(signal_id, profile_id)")
