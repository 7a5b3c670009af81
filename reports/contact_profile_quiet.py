from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .seen import sql_counted

AHEAD = {"<": 0, "<=": 1, ">": 1, ">=": 0}
"""“More than 30 days” means: not since the 31st day before now."""


class ContactProfile(models.Model):
    """Who may be written to, and was not: people to think of."""

    _inherit = "contact.profile"

    quiet_days = fields.Integer(
        string="Days Since the Last Message",
        compute="_compute_quiet_days",
        search="_search_quiet_days",
        help="Of the business units in use. 0 where there was none, too.",
    )
    is_mailable = fields.Boolean(
        string="May Get E-mail",
        compute="_compute_is_mailable",
        search="_search_is_mailable",
        help="There is an address that is not on the blacklist, a reason to write, and "
        "no wish of the person against it. Policies are asked when it is sent.",
    )

    @api.depends("touch_ids.date", "touch_ids.state", "touch_ids.counts")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_quiet_days(self):
        """Full days; 0 for those who never got a message, too: see the filter."""
        self._flush_touches()
        rows = self.env.execute_query(
            SQL(
                "SELECT profile_id, max(date) FROM (%s) sent GROUP BY profile_id",
                self._sql_dates(SQL("AND profile_id = ANY(%s)", self._origin.ids)),
            )
        )
        now, last = fields.Datetime.now(), dict(rows)
        for profile in self:
            date = last.get(profile._origin.id)
            profile.quiet_days = (now - date).days if date else 0

    def _search_quiet_days(self, comparison, value):
        """Who got nothing for so long, also those who never did: by the index that
        rules use, of the last days alone."""
        if comparison not in AHEAD:
            return NotImplemented
        try:
            days = timedelta(days=int(value) + AHEAD[comparison])
            since = fields.Datetime.now() - days
        except (TypeError, ValueError, OverflowError) as error:
            raise UserError(
                self.env._("Days without a message are compared with a number.")
            ) from error
        self._flush_touches()
        recent = SQL(
            "(SELECT touch.profile_id FROM contact_touch touch"
            " WHERE touch.date > %s AND %s)",
            since,
            sql_counted(self.env, "touch"),
        )
        return Domain("id", "not in" if ">" in comparison else "in", recent)

    @api.depends("email_normalized", "consent_basis", "is_seed", "active")
    def _compute_is_mailable(self):
        """As it is searched."""
        domain = Domain("id", "in", self._origin.ids) & Domain("is_mailable", "=", True)
        fits = self.with_context(active_test=False).search(domain)
        for profile in self:
            profile.is_mailable = profile._origin in fits

    def _search_is_mailable(self, comparison, _value):
        """What is stored, asked at once; the rules are asked at sending."""
        if comparison != "in":
            return NotImplemented
        email = self.env.ref("mass_mailing_contact_strategy.contact_channel_email")
        # Elevated: that somebody is left alone is not for everybody to read.
        unwanted = (
            self.env["contact.wish"]
            .sudo()
            ._search(
                Domain("is_stopped", "=", True)
                | Domain("paused_until", ">", fields.Datetime.now())
                | Domain("refused_channel_ids", "in", email.ids)
            )
        )
        blocked = self.env["mail.blacklist"].sudo()._search(Domain("active", "=", True))
        return Domain.AND(
            [
                Domain("email_normalized", "!=", False),
                Domain("is_seed", "=", False),
                Domain("consent_basis", "!=", "none"),
                Domain("email_normalized", "not in", blocked.subselect("email")),
                Domain("id", "not in", unwanted.subselect("profile_id")),
            ]
        )

    def action_write_to(self):
        """Start a mailing to these people: the form of a new one.

        :return: action of the mailing's form
        :raise UserError: some are contacts, and others only on mailing lists
        """
        self.check_access("read")
        model, records = "res.partner", self.partner_id
        if not all(profile.partner_id for profile in self):
            model, records = "mailing.contact", self.mailing_contact_ids
            if not all(profile.mailing_contact_ids for profile in self):
                raise UserError(
                    self.env._(
                        "A mailing is either to contacts or to mailing contacts, and "
                        "neither has all of these people. Choose those with a contact "
                        "first, then the others: there is a filter “Without a Contact”."
                    )
                )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New Mailing"),
            "res_model": "mailing.mailing",
            "views": [(False, "form")],
            "context": {
                "default_mailing_type": "mail",
                "default_mailing_model_id": self.env["ir.model"]._get_id(model),
                "default_mailing_domain": repr([("id", "in", sorted(records.ids))]),
            },
        }
