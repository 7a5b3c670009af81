from odoo import api, fields, models


class MailingMailing(models.Model):
    """Who was held back, on the mailing's form."""

    _inherit = "mailing.mailing"

    hold_ids = fields.One2many("contact.hold", "mailing_id", string="Held Back")
    deferred_count = fields.Integer(compute="_compute_hold_counts", string="Deferred")
    held_count = fields.Integer(compute="_compute_hold_counts", string="Held back")
    expired_count = fields.Integer(compute="_compute_hold_counts", string="Expired")
    next_recheck = fields.Datetime(
        compute="_compute_hold_counts",
        help="When the next deferred person is free again.",
    )

    @api.depends("hold_ids.state", "hold_ids.next_allowed")
    def _compute_hold_counts(self):
        """Everybody is counted once: whoever got the message shows up in Odoo's own
        statistics."""
        for mailing in self:
            mailing.deferred_count = mailing.held_count = mailing.expired_count = 0
            mailing.next_recheck = False
        # Elevated: the numbers must add up to the recipients for everybody.
        groups = (
            self.env["contact.hold"]
            .sudo()
            ._read_group(
                [("mailing_id", "in", self.ids)],
                ["mailing_id", "state"],
                ["__count", "next_allowed:min"],
            )
        )
        fields_by_state = {
            "deferred": "deferred_count",
            "held": "held_count",
            "expired": "expired_count",
        }
        for mailing, state, count, nearest in groups:
            mailing = self.browse(mailing.id)
            if name := fields_by_state.get(state):
                mailing[name] += count
            if state == "deferred":
                mailing.next_recheck = nearest

    def action_view_deferred(self):
        """Open those who wait."""
        return self._action_view_holds("deferred")

    def action_view_held(self):
        """Open those who were left out."""
        return self._action_view_holds("held")

    def action_view_expired(self):
        """Open those who waited in vain."""
        return self._action_view_holds("expired")

    def _action_view_holds(self, state):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "mass_mailing_contact_strategy.contact_hold_action"
        )
        action["domain"] = [("mailing_id", "=", self.id), ("state", "=", state)]
        action["context"] = {"search_default_group_rule": 1}
        return action

    def action_stop_waiting(self):
        """Send to nobody else: deferred people do not get this mailing."""
        # Elevated: the mailing ends as a whole, whoever may see which people.
        self.sudo().hold_ids._expire("stopped")
        self.write({"state": "done", "sent_date": fields.Datetime.now()})
        return True
