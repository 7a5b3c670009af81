from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .contact_touch_response import RESPONSES

KEY = ("profile_id", "year", "channel_id", "category_id", "company_id", "currency_id")
NULLABLE = {"category_id", "company_id", "currency_id"}
SUMS = {
    "touch_count": SQL("count(*)"),
    "mailing_count": SQL("count(mailing_id)"),
    "counted_count": SQL(
        "count(*) FILTER (WHERE counts AND state IN ('reserved', 'sent'))"
    ),
    "sent_count": SQL("count(*) FILTER (WHERE state = 'sent')"),
    "failed_count": SQL("count(*) FILTER (WHERE state = 'failed')"),
    "released_count": SQL("count(*) FILTER (WHERE state = 'released')"),
    "opened_count": SQL("count(*) FILTER (WHERE opened)"),
    "clicked_count": SQL("count(*) FILTER (WHERE clicked)"),
    "replied_count": SQL("count(*) FILTER (WHERE replied)"),
    "converted_count": SQL("count(*) FILTER (WHERE converted)"),
    "bounced_count": SQL("count(*) FILTER (WHERE bounced)"),
    "complained_count": SQL("count(*) FILTER (WHERE complained)"),
    "cost": SQL("COALESCE(sum(cost) FILTER (WHERE state = 'sent'), 0)"),
}
"""What of single touches goes into a sum."""
KEPT = {
    # column: its type, its value in a sum, how two sums become one
    "counted_dates": (
        SQL("timestamp[]"),
        SQL(
            "array_agg(date ORDER BY date)"
            " FILTER (WHERE counts AND state IN ('reserved', 'sent'))"
        ),
        SQL("y.counted_dates || excluded.counted_dates"),
    ),
    **{
        f"{kind}_last": (
            SQL("timestamp"),
            SQL(
                "max(COALESCE(%(date)s, date)) FILTER (WHERE %(kind)s)",
                kind=SQL.identifier(kind),
                date=SQL.identifier(f"{kind}_date"),
            ),
            SQL(
                "GREATEST(y.%(name)s, excluded.%(name)s)",
                name=SQL.identifier(f"{kind}_last"),
            ),
        )
        for kind in RESPONSES
    },
}
"""What is needed to count what was sent since any moment, and to know when somebody
answered last, whatever counts as an answer: eight bytes for each touch that used up
allowance. Columns that the ORM does not know, as it has no arrays."""


class ContactTouchYear(models.Model):
    """What a person got in a year, once the single touches are folded.

    No decision needs touches older than the longest window of any rule; people still
    want to know that there were some, and what came back. One row per person, year
    (UTC), channel, kind, business unit and currency. Written by `contact.touch._fold`
    and by nobody else.
    """

    _name = "contact.touch.year"
    _inherit = ["contact.storable.mixin", "contact.of.person.mixin"]
    _description = "Touches of a Year"
    _order = "year DESC, id DESC"
    _rec_name = "year"

    profile_id = fields.Many2one(
        "contact.profile",
        string="Who",
        required=True,
        readonly=True,
        ondelete="restrict",
        index=True,
    )
    year = fields.Integer(required=True, readonly=True, aggregator=None)
    channel_id = fields.Many2one(
        "contact.channel", required=True, readonly=True, ondelete="restrict"
    )
    category_id = fields.Many2one(
        "contact.category", string="Kind", readonly=True, ondelete="restrict"
    )
    # Without its unit a row could not be told from another one.
    company_id = fields.Many2one(
        "res.company", string="Business Unit", readonly=True, ondelete="restrict"
    )
    currency_id = fields.Many2one("res.currency", readonly=True, ondelete="restrict")
    # Sums
    touch_count = fields.Integer(string="Touches", readonly=True)
    mailing_count = fields.Integer(string="From Mailings", readonly=True)
    counted_count = fields.Integer(string="Used up Allowance", readonly=True)
    sent_count = fields.Integer(string="Sent", readonly=True)
    failed_count = fields.Integer(string="Failed", readonly=True)
    released_count = fields.Integer(string="Released", readonly=True)
    opened_count = fields.Integer(string="Opened", readonly=True)
    clicked_count = fields.Integer(string="Clicked", readonly=True)
    replied_count = fields.Integer(string="Replied", readonly=True)
    converted_count = fields.Integer(string="Converted", readonly=True)
    bounced_count = fields.Integer(string="Bounced", readonly=True)
    complained_count = fields.Integer(string="Complained", readonly=True)
    cost = fields.Monetary(readonly=True, help="Of the touches that were sent.")
    first_date = fields.Datetime(string="First", readonly=True)
    last_date = fields.Datetime(string="Last", readonly=True)

    _one_per_kind = models.UniqueIndex(
        "(profile_id, year, channel_id, COALESCE(category_id, 0),"
        " COALESCE(company_id, 0), COALESCE(currency_id, 0))"
    )

    @api.private
    def init(self):
        """The columns of ``KEPT``."""
        res = super().init()
        for name, (kind, _value, _both) in KEPT.items():
            self.env.cr.execute(
                SQL(
                    "ALTER TABLE contact_touch_year ADD COLUMN IF NOT EXISTS %s %s",
                    SQL.identifier(name),
                    kind,
                )
            )
        return res

    @api.depends("year", "channel_id")
    def _compute_display_name(self):
        for row in self:
            row.display_name = f"{row.year} ({row.channel_id.name})"

    @api.model
    def _sql_add(self, rows):
        """Add sums to those that are there.

        :param SQL rows: a query with the columns of this table (without id), at most
            one row for each key
        :return: SQL; an INSERT for a transaction of whoever calls
        """
        names = [*KEY, *SUMS, *KEPT, "first_date", "last_date"]
        return SQL(
            """
            INSERT INTO contact_touch_year AS y (
                   %(names)s, create_uid, create_date, write_uid, write_date)
            SELECT %(names)s, %(uid)s, %(now)s, %(uid)s, %(now)s FROM (%(rows)s) added
             ORDER BY %(key)s
                ON CONFLICT (%(conflict)s) DO UPDATE
               SET %(sums)s, %(kept)s,
                   first_date = LEAST(y.first_date, EXCLUDED.first_date),
                   last_date = GREATEST(y.last_date, EXCLUDED.last_date),
                   write_uid = EXCLUDED.write_uid, write_date = EXCLUDED.write_date
            """,
            names=SQL(", ").join(map(SQL.identifier, names)),
            key=SQL(", ").join(map(SQL.identifier, KEY)),
            conflict=SQL(", ").join(
                SQL("COALESCE(%s, 0)", SQL.identifier(name))
                if name in NULLABLE
                else SQL.identifier(name)
                for name in KEY
            ),
            sums=SQL(", ").join(
                SQL("%(name)s = y.%(name)s + excluded.%(name)s", name=name)
                for name in map(SQL.identifier, SUMS)
            ),
            kept=SQL(", ").join(
                SQL("%s = %s", SQL.identifier(name), both)
                for name, (_kind, _value, both) in KEPT.items()
            ),
            rows=rows,
            uid=self.env.uid,
            now=fields.Datetime.now(),
        )

    @api.model
    def _merge_profiles(self, sources, target):
        """The sums of these people become part of another's.

        SQL: the database adds what meets in the same year, in one statement.

        :param sources: profiles that are about to go
        :param target: the profile that stays
        """
        self.flush_model()
        sums = SQL(", ").join(
            SQL("sum(%(name)s) AS %(name)s", name=SQL.identifier(name)) for name in SUMS
        )
        others = SQL(", ").join(map(SQL.identifier, KEY[1:]))
        rows = SQL(
            """
            SELECT %s AS profile_id, %s, %s, %s, min(first_date) AS first_date,
                   max(last_date) AS last_date
              FROM gone GROUP BY %s
            """,
            target.id,
            others,
            sums,
            self._sql_kept_of_sums(),
            others,
        )
        self.env.cr.execute(
            SQL(
                """
                WITH gone AS (
                    DELETE FROM contact_touch_year WHERE profile_id = ANY(%s)
                 RETURNING *)
                %s
                """,
                sources.ids,
                self._sql_add(rows),
            )
        )
        self.invalidate_model()

    @api.model
    def _sql_kept_of_sums(self):
        """What is kept of several sums that become one: of the rows ``gone``.

        The dates one by one, as PostgreSQL puts only arrays of one length together.
        """
        answers = (
            SQL("max(%(name)s) AS %(name)s", name=SQL.identifier(name))
            for name in KEPT
            if name != "counted_dates"
        )
        dates = SQL(
            "string_to_array(string_agg(array_to_string(counted_dates, ','), ','), ',')"
            "::timestamp[] AS counted_dates"
        )
        return SQL(", ").join([dates, *answers])

    @api.model
    def _refuse_if_named(self, field_name, records):
        """Keep history readable: see the method of the same name of touches.

        :raise UserError: sums name one of ``records``
        """
        # Elevated: sums of other business units count, too.
        used = self.sudo()._read_group(
            [(field_name, "in", records.ids)],
            [field_name],
            ["touch_count:sum"],
            limit=1,
        )
        for record, count in used:
            raise UserError(
                self.env._(
                    "“%(name)s” cannot be deleted: %(count)s touches of former years "
                    "name it. Archive it instead.",
                    name=record.display_name,
                    count=count,
                )
            )
