from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

LONGEST = timedelta(days=366)
KEPT = {"revoked_date", "revoked_by_id"}
"""What is still written to an override."""


class ContactOverride(models.Model):
    """A manager lets a mailing, or messages to a person, through against the rules.

    It is the exception: with a reason and an end, listed for good, and at a price: what
    was sent counts for all that is decided later. What the person asked for it does not
    touch, nor what Odoo itself cancels.
    """

    _name = "contact.override"
    _inherit = ["contact.storable.mixin", "contact.of.person.mixin"]
    _description = "Override"
    _order = "create_date DESC, id DESC"
    _rec_name = "reason"

    mailing_id = fields.Many2one(
        "mailing.mailing",
        ondelete="cascade",
        index="btree_not_null",
        help="Only this mailing. Empty: all mailings of the business unit.",
    )
    profile_id = fields.Many2one(
        "contact.profile",
        string="Person",
        ondelete="cascade",
        index="btree_not_null",
        help="Only this person. Empty: everybody whom the mailing is for.",
    )
    reason = fields.Text(required=True)
    until = fields.Datetime(
        required=True, default=lambda self: fields.Datetime.now() + timedelta(days=7)
    )
    company_id = fields.Many2one(
        "res.company",
        string="Business Unit",
        required=True,
        default=lambda self: self.env.company,
    )
    user_id = fields.Many2one(
        "res.users",
        string="By",
        required=True,
        readonly=True,
        default=lambda self: self.env.user,
    )
    revoked_date = fields.Datetime(string="Taken Back on", readonly=True)
    revoked_by_id = fields.Many2one("res.users", string="Taken Back by", readonly=True)
    touch_ids = fields.One2many("contact.touch", "override_id", readonly=True)
    touch_count = fields.Integer(compute="_compute_touch_count", string="Let Through")
    is_open = fields.Boolean(
        compute="_compute_is_open", search="_search_is_open", string="In Force"
    )

    @api.depends("until", "revoked_date")
    def _compute_is_open(self):
        now = fields.Datetime.now()
        for override in self:
            override.is_open = (
                bool(override.until)
                and override.until > now
                and not override.revoked_date
            )

    @api.model
    def _search_is_open(self, operator, value):
        if operator != "in" or len(set(value)) != 1:
            return NotImplemented
        now = fields.Datetime.now()
        if next(iter(value)):
            return [("until", ">", now), ("revoked_date", "=", False)]
        return ["|", ("until", "<=", now), ("revoked_date", "!=", False)]

    def _compute_touch_count(self):
        """So many messages went out that the rules would have held back."""
        # Elevated: a number, of what the reader may see.
        groups = (
            self.env["contact.touch"]
            .sudo()
            ._read_group(
                [("override_id", "in", self.ids)], ["override_id"], ["__count"]
            )
        )
        self.touch_count = 0
        for override, count in groups:
            self.browse(override.id).touch_count = count

    @api.constrains("mailing_id", "profile_id", "reason", "until")
    def _check_meant(self):
        now = fields.Datetime.now()
        for override in self:
            if not override.mailing_id and not override.profile_id:
                raise ValidationError(
                    self.env._("Say for which mailing, or for which person.")
                )
            if not (override.reason or "").strip():
                raise ValidationError(self.env._("Say why the rules do not hold here."))
            if not now < override.until <= now + LONGEST:
                raise ValidationError(
                    self.env._("An override ends: later than now, and within a year.")
                )

    @api.model_create_multi
    def create(self, vals_list):
        """Whoever overrides signs it; a mailing's override is for its unit."""
        self._check_storable(*vals_list)
        return super().create([self._sign(vals) for vals in vals_list])

    @api.model
    def _sign(self, vals):
        vals = {name: value for name, value in vals.items() if name not in KEPT}
        if mailing_id := vals.get("mailing_id"):
            unit = self.env["mailing.mailing"].browse(mailing_id).company_id
            if unit:
                vals["company_id"] = unit.id
        return {**vals, "user_id": self.env.uid}

    def write(self, vals):
        """What was signed stays as it is.

        :raise UserError: something else is to be written
        """
        if set(vals) - KEPT:
            raise UserError(
                self.env._(
                    "An override stays as it was signed. Take it back, and write "
                    "another one."
                )
            )
        return super().write(vals)

    def action_revoke(self):
        """From now on the rules hold again."""
        self.check_access("write")
        self.filtered("is_open").write(
            {"revoked_date": fields.Datetime.now(), "revoked_by_id": self.env.uid}
        )
        return True

    @api.model
    def _sql_binding(self, message, at):
        """Which override lets a person through; None where there is none at all.

        SQL, as it is part of the statement that decides.

        :param Message message: what is to be sent
        :param datetime at: the moment that is decided for (naive UTC)
        :return: function of a person's id (SQL), giving SQL: the id of one, or NULL
        """
        condition = SQL(
            "binding.revoked_date IS NULL AND binding.until > %(at)s"
            " AND date_trunc('second', binding.create_date) <= %(at)s"
            " AND (binding.mailing_id IS NULL OR binding.mailing_id = %(mailing)s)"
            " AND binding.company_id = %(company)s",
            at=at,
            mailing=message.mailing_id or None,
            company=message.company_id or None,
        )
        self.flush_model()
        rows = self.env.execute_query(
            SQL("SELECT FROM contact_override binding WHERE %s LIMIT 1", condition)
        )
        if not rows:
            return None
        return lambda person: SQL(
            "(SELECT min(binding.id) FROM contact_override binding WHERE %s"
            " AND (binding.profile_id IS NULL OR binding.profile_id = %s))",
            condition,
            person,
        )


class ContactTouch(models.Model):
    """What was sent against the rules names who allowed it."""

    _inherit = "contact.touch"

    override_id = fields.Many2one(
        "contact.override",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
    )
