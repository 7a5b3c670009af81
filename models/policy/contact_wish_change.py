from odoo import api, fields, models
from odoo.tools import format_date

WAYS = [
    ("page", "Preference page"),
    ("undo", "Taken back by the person"),
    ("revoked", "Revoked by a user"),
    ("merge", "Merge of two profiles"),
]
"""How a change came about."""


class ContactWishChange(models.Model):
    """What somebody asked for, when, and how we know: evidence, never changed."""

    _name = "contact.wish.change"
    _inherit = ["contact.storable.mixin", "contact.of.person.mixin"]
    _description = "Change of a Wish"
    _order = "date DESC, id DESC"
    _rec_name = "said"

    wish_id = fields.Many2one(
        "contact.wish", required=True, readonly=True, ondelete="cascade", index=True
    )
    profile_id = fields.Many2one(
        related="wish_id.profile_id", string="Who", store=True, index=True
    )
    company_id = fields.Many2one(
        related="wish_id.profile_id.company_id", string="Business Unit"
    )
    date = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    way = fields.Selection(WAYS, string="How", required=True, readonly=True)
    user_id = fields.Many2one(
        "res.users",
        string="By",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        help="Nobody: the person.",
    )
    address = fields.Char(
        string="Link Sent to",
        readonly=True,
        help="Whoever made the change had the link that was sent to this address.",
    )
    mailing_id = fields.Many2one(
        "mailing.mailing",
        string="From Mailing",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
    )
    reason = fields.Char(readonly=True)
    before = fields.Json(readonly=True)
    after = fields.Json(readonly=True)
    said = fields.Char(string="What", compute="_compute_said")

    @api.depends("before", "after")
    @api.depends_context("lang", "tz")
    def _compute_said(self):
        for change in self:
            change.said = " ".join(change._say_change())

    def _say_change(self):
        """What is different now, as sentences.

        :rtype: list of str
        """
        before, after = self.before or {}, self.after or {}
        now = self.wish_id._say_wishes(after)
        lifted = self.wish_id._say_lifted()
        said = [
            now.get(part) or lifted[part]
            for part in lifted
            if self.wish_id._part(before, part) != self.wish_id._part(after, part)
        ]
        for name, label in self._get_data_labels().items():
            if before.get(name) != after.get(name):
                value = after.get(name) or self.env._("(empty)")
                said.append(self.env._("%(what)s: %(value)s.", what=label, value=value))
        return said

    @api.model
    def _get_data_labels(self):
        """What people correct about themselves.

        :return: ``{name: label}``
        """
        return {
            "name": self.env._("Name"),
            "city": self.env._("City"),
            "lang": self.env._("Language"),
            "tz": self.env._("Time zone"),
        }


class ContactWish(models.Model):
    """What was asked for, in words."""

    _inherit = "contact.wish"

    @api.model
    def _part(self, values, part):
        """The values that a sentence is about."""
        names = ("max_touches", "period") if part == "period" else (part,)
        return [values.get(name) or False for name in names]

    def _say_wishes(self, values):
        """Each wish as a sentence.

        :param dict values: as ``_read_wishes`` gives them
        :return: ``{name of the field: sentence}``, without what nobody asked for
        """
        said = {}
        if values.get("is_stopped"):
            said["is_stopped"] = self.env._("No more messages.")
        if values.get("period"):
            said["period"] = self._say_how_often(
                values["max_touches"], values["period"]
            )
        if values.get("paused_until"):
            day = self.profile_id._day_of(values["paused_until"])
            day = format_date(self.env, day)
            said["paused_until"] = self.env._("Nothing before %s.", day)
        for name, model in (
            ("refused_category_ids", "contact.category"),
            ("refused_channel_ids", "contact.channel"),
        ):
            # Elevated: what somebody asked for is said to whoever may see it.
            names = self.env[model].sudo().browse(values.get(name) or ()).exists()
            if names:
                said[name] = self.env._("Not wanted: %s.", names.mapped("name"))
        return said

    @api.model
    def _say_how_often(self, number, period):
        if period == "week":
            if number == 1:
                return self.env._("At most 1 message in any 7 days.")
            return self.env._("At most %s messages in any 7 days.", number)
        if number == 1:
            return self.env._("At most 1 message in any month.")
        return self.env._("At most %s messages in any month.", number)

    @api.model
    def _say_lifted(self):
        """What is said where a wish is no more.

        :return: ``{name of the field: sentence}``
        """
        return {
            "is_stopped": self.env._("Messages are welcome again."),
            "period": self.env._("No limit of messages."),
            "paused_until": self.env._("No pause."),
            "refused_category_ids": self.env._("All kinds of messages."),
            "refused_channel_ids": self.env._("All channels."),
        }
