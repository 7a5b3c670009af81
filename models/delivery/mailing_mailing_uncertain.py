from odoo import fields, models


class MailingMailing(models.Model):
    """Messages of which nobody knows whether they arrived, on the mailing's form."""

    _inherit = "mailing.mailing"

    uncertain_count = fields.Integer(
        compute="_compute_uncertain_count", string="Uncertain"
    )
    in_process_count = fields.Integer(
        compute="_compute_uncertain_count",
        help="Text messages that the provider has taken and not reported yet.",
    )

    def _compute_uncertain_count(self):
        """As Odoo's own statistics: asked whenever the form is opened."""
        # Elevated: the numbers must add up to the recipients for everybody.
        groups = (
            self.env["contact.touch"]
            .sudo()
            ._read_group(
                [("mailing_id", "in", self.ids), ("is_uncertain", "=", True)],
                ["mailing_id"],
                ["__count"],
            )
        )
        counts = {mailing.id: count for mailing, count in groups}
        for mailing in self:
            uncertain = counts.get(mailing.id, 0)
            mailing.uncertain_count = uncertain
            mailing.in_process_count = max(0, mailing.process - uncertain)

    def action_view_uncertain(self):
        """Open the messages that somebody has to decide about."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "mass_mailing_contact_strategy.contact_touch_action_uncertain"
        )
        action["domain"] = [("mailing_id", "=", self.id), ("is_uncertain", "=", True)]
        return action
