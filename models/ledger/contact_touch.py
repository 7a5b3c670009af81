from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

COUNTED_STATES = ("reserved", "sent")
"""A touch in one of these states uses up allowance."""

HISTORY = {
    "profile_id",
    "address",
    "channel_id",
    "category_id",
    "counts",
    "mailing_id",
    "priority",
    "date",
    "state",
    "company_id",
    "res_model",
    "res_id",
    "trace_id",
}
"""What a rule asks for, and what says to whom a mailing went."""

OF_A_MAILING = {"mailing_id", "res_model", "res_id", "trace_id"}


class ContactTouch(models.Model):
    """One message to one person: a line of the ledger.

    Written as *reserved* before the message leaves, so that a cap is a property of
    the database. It becomes *sent* when the message left, *failed* when we could not
    send it, *released* when it never came to be. A bounce after the mail server took
    the message stays *sent*, and so does one of which nobody knows whether it arrived
    (``is_uncertain``). Calls, letters and what others sent in our name are
    touches as well, without a mailing.

    Everything a rule asks for (channel, category, whether it counts) is stored at
    the moment of sending: later edits of the category never rewrite history.
    """

    _name = "contact.touch"
    _inherit = ["contact.storable.mixin", "contact.of.person.mixin"]
    _description = "Touch"
    _order = "date DESC, id DESC"
    _rec_names_search = ["address", "profile_id.name"]

    # Who
    profile_id = fields.Many2one(
        "contact.profile", required=True, ondelete="restrict", index=True
    )
    address = fields.Char(help="Normalised address the message went to.")
    # What
    channel_id = fields.Many2one(
        "contact.channel",
        required=True,
        ondelete="restrict",
        default=lambda self: self.env.ref(
            "mass_mailing_contact_strategy.contact_channel_email", False
        ),
    )
    category_id = fields.Many2one("contact.category", ondelete="restrict")
    counts = fields.Boolean(
        string="Uses up Allowance",
        compute="_compute_counts",
        store=True,
        readonly=False,
        precompute=True,
    )
    mailing_id = fields.Many2one(
        "mailing.mailing",
        ondelete="set null",  # indexed by _reached_idx
    )
    priority = fields.Integer()
    # When
    date = fields.Datetime(required=True, default=fields.Datetime.now)
    state = fields.Selection(
        [
            ("reserved", "Reserved"),
            ("sent", "Sent"),
            ("failed", "Failed"),
            ("released", "Released"),
        ],
        required=True,
        default="sent",
    )
    is_uncertain = fields.Boolean(
        string="Uncertain",
        readonly=True,
        help="Handed over to the mail server; nobody knows whether it arrived.",
    )
    # From whom
    # Without indexes: nothing is looked up by these alone, and each would cost seven
    # bytes per touch.
    company_id = fields.Many2one("res.company", default=lambda self: self.env.company)
    user_id = fields.Many2one("res.users", string="By")
    note = fields.Char()
    # Which record and trace
    res_model = fields.Char(string="Record Model", readonly=True)
    res_id = fields.Many2oneReference(
        string="Record", model_field="res_model", readonly=True
    )
    trace_id = fields.Many2one(
        "mailing.trace", ondelete="set null", index="btree_not_null", readonly=True
    )
    # Cost
    cost = fields.Monetary(
        compute="_compute_cost", store=True, readonly=False, precompute=True
    )
    currency_id = fields.Many2one(
        "res.currency",
        compute="_compute_cost",
        store=True,
        readonly=False,
        precompute=True,
    )
    # Response
    opened = fields.Boolean()
    opened_date = fields.Datetime()
    clicked = fields.Boolean()
    clicked_date = fields.Datetime()
    replied = fields.Boolean()
    replied_date = fields.Datetime()
    converted = fields.Boolean()
    converted_date = fields.Datetime()
    bounced = fields.Boolean()
    bounced_date = fields.Datetime()
    complained = fields.Boolean()
    complained_date = fields.Datetime()

    # The gate reads these two, and only these, for every recipient.
    _person_idx = models.Index(
        "(profile_id, date) INCLUDE (channel_id, category_id) "
        "WHERE counts AND state IN ('reserved', 'sent')"
    )
    _inbox_idx = models.Index(
        "(address, date) INCLUDE (channel_id, category_id) "
        "WHERE counts AND state IN ('reserved', 'sent')"
    )
    # Whom did the mailing reach? Asked before each batch of it.
    _reached_idx = models.Index("(mailing_id, profile_id) WHERE mailing_id IS NOT NULL")
    _date_idx = models.Index("(date)")
    # What is new since a question was asked? A tree: answers are noted on old touches,
    # and new touches fill old pages, so that soon no range of pages is old (BRIN).
    _written_idx = models.Index("(write_date)")
    _waiting_idx = models.Index("(profile_id, date) WHERE state = 'reserved'")
    _waiting_inbox_idx = models.Index("(address) WHERE state = 'reserved'")
    _uncertain_idx = models.Index("(mailing_id) WHERE is_uncertain IS TRUE")
    # When did somebody answer last? So few are answered that it takes a byte per touch.
    _answered_idx = models.Index("(profile_id) WHERE clicked OR replied OR converted")
    _one_per_message = models.UniqueIndex(
        "(mailing_id, res_model, res_id) WHERE state IN ('reserved', 'sent')",
        "This message is in the ledger already.",
    )

    @api.depends("category_id")
    def _compute_counts(self):
        """Taken from the category once, when the touch is made."""
        for touch in self:
            category = touch.category_id
            touch.counts = not touch.profile_id.is_seed and (
                category.counts if category else True
            )

    @api.depends("channel_id")
    def _compute_cost(self):
        """Taken from the channel once, when the touch is made."""
        for touch in self:
            touch.cost = touch.channel_id.cost
            touch.currency_id = touch.channel_id.currency_id

    @api.depends("channel_id", "date", "mailing_id")
    def _compute_display_name(self):
        """Read as elevated: a name must not fail for want of the mailing's rights."""
        for touch in self:
            if not touch.id:
                touch.display_name = self.env._("New touch")
                continue
            what = touch.sudo().mailing_id.display_name or touch.channel_id.name
            when = fields.Datetime.context_timestamp(touch, touch.date)
            touch.display_name = f"{what} ({when:%Y-%m-%d %H:%M})"

    def write(self, vals):
        """What a mailing sent is history; what was noted by hand can be corrected.

        :raise UserError: somebody rewrites history
        """
        self._check_storable(vals)
        if not self.env.su and not HISTORY.isdisjoint(vals):
            self.check_access("write")
            # Elevated: which mailing it was is not for everybody to read.
            if any(touch.mailing_id or touch.res_id for touch in self.sudo()):
                raise UserError(
                    self.env._(
                        "What a mailing sent is history: when, to whom and whether "
                        "it counts cannot be changed. Say in the note what there is "
                        "to say."
                    )
                )
            named = any(vals.get(name) for name in OF_A_MAILING)
            if named or vals.get("state") == "reserved":
                raise UserError(
                    self.env._(
                        "Touches of mailings are written when they are sent: this one "
                        "was noted by hand, and stays so."
                    )
                )
        return super().write(vals)

    @api.model
    def _refuse_if_named(self, field_name, records):
        """Keep history readable.

        :param str field_name: many2one of a touch
        :param records: what somebody wants to delete
        :raise UserError: touches name one of them
        """
        # Elevated: touches of other business units count, too.
        used = self.sudo()._read_group(
            [(field_name, "in", records.ids)], [field_name], ["__count"], limit=1
        )
        for record, count in used:
            raise UserError(
                self.env._(
                    "“%(name)s” cannot be deleted: %(count)s touches name it. "
                    "Archive it instead.",
                    name=record.display_name,
                    count=count,
                )
            )

    # ------------------------------------------------------------
    # Life of a reservation (called by the room `delivery`)
    # ------------------------------------------------------------

    @api.model
    def _release_untraced(self, mailing, res_ids, cr=None):
        """Release reservations whose message never came to be.

        SQL, because it must run on the gate's own cursor; rows that somebody works
        on at this moment are skipped.

        :param mailing: record of mailing.mailing
        :param list res_ids: recipients (ids of the mailing's model)
        :param cr: cursor to use instead of this environment's
        """
        cr = cr or self.env.cr
        cr.execute(
            SQL(
                """
                UPDATE contact_touch SET state = 'released'
                 WHERE id IN (
                        SELECT id FROM contact_touch
                         WHERE mailing_id = %s AND res_id = ANY(%s)
                           AND state = 'reserved' AND trace_id IS NULL
                           FOR UPDATE SKIP LOCKED)
                """,
                mailing.id,
                list(res_ids),
            )
        )

    @api.model
    def _keep_waiting_current(self, now, profile_ids=None, cr=None):
        """A message that still waits in the queue will leave later than planned.

        Its touch is therefore dated now: whoever decides next counts it as what it
        is, something that may arrive any minute. SQL, because it runs on the gate's
        cursor for a whole batch; rows being sent at this moment are skipped.

        :param datetime now: naive UTC
        :param SQL profile_ids: array of the people concerned (default: everybody)
        :param cr: cursor to use instead of this environment's
        """
        cr = cr or self.env.cr
        only = SQL("AND t.profile_id = ANY(%s)", profile_ids) if profile_ids else SQL()
        cr.execute(
            SQL(
                """
                UPDATE contact_touch SET date = %s
                 WHERE id IN (
                        SELECT t.id
                          FROM contact_touch t
                          JOIN mailing_trace s ON s.id = t.trace_id
                         WHERE t.state = 'reserved' AND t.date < %s
                           AND s.trace_status IN ('outgoing', 'process') %s
                           FOR UPDATE OF t SKIP LOCKED)
                """,
                now,
                now,
                only,
            )
        )
