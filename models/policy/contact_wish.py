from datetime import datetime

from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import SQL

WISHES = (
    *("max_touches", "period", "paused_until", "is_stopped"),
    *("refused_category_ids", "refused_channel_ids"),
)
"""Fields that hold what a person may ask for."""


class ContactWish(models.Model):
    """What a person asked for: less often, other topics, a pause, nothing at all.

    It is the person's own word. The rules of the house may be stricter, never looser,
    and only the person, or a user who says why, takes it back. One row for each
    person; what it said before is kept in ``change_ids``.
    """

    _name = "contact.wish"
    _inherit = ["contact.storable.mixin", "contact.of.person.mixin"]
    _description = "Wish of a Person"
    _order = "write_date DESC, id DESC"
    _rec_name = "profile_id"

    profile_id = fields.Many2one(
        "contact.profile",
        string="Who",
        required=True,
        readonly=True,
        ondelete="cascade",  # indexed by _profile_unique
    )
    company_id = fields.Many2one(
        related="profile_id.company_id", string="Business Unit"
    )
    max_touches = fields.Integer(
        string="At Most",
        readonly=True,
        help="Messages of all channels together. Without a period there is no limit.",
    )
    period = fields.Selection(
        [("week", "in any 7 days"), ("month", "in any month")], readonly=True
    )
    paused_until = fields.Datetime(
        readonly=True, help="The first moment when the person may be written to again."
    )
    refused_category_ids = fields.Many2many(
        "contact.category",
        relation="contact_wish_category_rel",
        column1="wish_id",
        column2="category_id",
        string="Kinds Not Wanted",
        readonly=True,
    )
    refused_channel_ids = fields.Many2many(
        "contact.channel",
        relation="contact_wish_channel_rel",
        column1="wish_id",
        column2="channel_id",
        string="Channels Not Wanted",
        readonly=True,
    )
    is_stopped = fields.Boolean(string="Nothing At All", readonly=True)
    summary = fields.Char(string="What They Asked for", compute="_compute_summary")
    change_ids = fields.One2many(
        "contact.wish.change", "wish_id", string="History", readonly=True
    )

    _profile_unique = models.UniqueIndex(
        "(profile_id)", "What this person asked for is written down already."
    )
    _at_least_one = models.Constraint(
        "CHECK(period IS NULL OR max_touches >= 1)",
        "Who wants nothing at all says so: a limit is one message at least.",
    )

    @api.depends(*WISHES, "profile_id.tz")
    @api.depends_context("lang", "tz")
    def _compute_summary(self):
        for wish in self:
            said = wish._say_wishes(wish._read_wishes())
            wish.summary = " ".join(said.values()) or self.env._("Nothing special.")

    # ------------------------------------------------------------
    # WRITTEN IN ONE PLACE
    # ------------------------------------------------------------

    @api.model
    def _of(self, profile):
        """The row of a person, made where there is none.

        SQL: somebody who presses a button twice asks twice at once. Then the second
        request must be tried again, not fail: Odoo does so after a conflict, not
        after a duplicate.
        """
        wish = self.search([("profile_id", "=", profile.id)])
        if wish:
            return wish
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO contact_wish (
                       profile_id, max_touches, is_stopped,
                       create_uid, create_date, write_uid, write_date
                       )
                VALUES (%(profile)s, 0, FALSE, %(uid)s, now() AT TIME ZONE 'UTC',
                        %(uid)s, now() AT TIME ZONE 'UTC')
                    ON CONFLICT (profile_id) DO NOTHING
                """,
                profile=profile.id,
                uid=self.env.uid,
            )
        )
        profile.invalidate_recordset(["wish_ids"], flush=False)
        return self.search([("profile_id", "=", profile.id)])

    def _read_wishes(self):
        """What is asked for, as plain values: ids, texts, numbers.

        :rtype: dict
        """
        values = {}
        for name in WISHES:
            value = self[name]
            if isinstance(value, models.BaseModel):
                value = sorted(value.ids)
            elif isinstance(value, datetime):
                value = fields.Datetime.to_string(value)
            values[name] = value or False
        if not values["period"]:
            values["max_touches"] = False
        return values

    def _keep(self, values, way, **evidence):
        """Write down what the person asks for, and how that came to be known.

        :param dict values: fields of ``WISHES``; those that are left out stay
        :param str way: see ``contact.wish.change``
        :param evidence: fields of ``contact.wish.change``; ``extra`` is a pair of
            dicts: other things that were changed with it, before and after
        :return: contact.wish.change, empty if nothing is different
        """
        self.ensure_one()
        old, new = evidence.pop("extra", ({}, {}))
        wishes = self._read_wishes()
        self.write(
            {
                name: [Command.set(value or [])] if name.endswith("_ids") else value
                for name, value in values.items()
                if name in WISHES
            }
        )
        before, after = {**wishes, **old}, {**self._read_wishes(), **new}
        if before == after:
            return self.env["contact.wish.change"]
        return self.change_ids.create(
            {
                "wish_id": self.id,
                "way": way,
                "before": before,
                "after": after,
                **evidence,
            }
        )

    def _revoke(self, reason):
        """A user takes back what the person asked for, and says why."""
        nothing = {name: [] if name.endswith("_ids") else False for name in WISHES}
        for wish in self:
            wish._keep(nothing, "revoked", user_id=self.env.uid, reason=reason)
