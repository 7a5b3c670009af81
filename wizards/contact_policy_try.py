from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import html_escape

TEMPLATE = "mass_mailing_contact_strategy.contact_policy_try_answer"


class ContactPolicyTry(models.TransientModel):
    """Try the policies with a person: which one applies, and what each rule says."""

    _name = "contact.policy.try"
    _inherit = ["contact.storable.mixin"]
    _description = "Try the Policies with a Person"
    _rec_name = "profile_id"

    profile_id = fields.Many2one("contact.profile", string="Person", ondelete="cascade")
    channel_id = fields.Many2one(
        "contact.channel",
        required=True,
        ondelete="cascade",
        default=lambda self: self.env.ref(
            "mass_mailing_contact_strategy.contact_channel_email",
            raise_if_not_found=False,
        ),
    )
    category_id = fields.Many2one(
        "contact.category", string="Kind of Communication", ondelete="cascade"
    )
    moment = fields.Datetime(string="When", help="Empty: now.")
    answer_html = fields.Html(
        string="Answer",
        compute="_compute_answer_html",
        sanitize=False,  # made by our own template
    )

    @api.depends("profile_id", "channel_id", "category_id", "moment")
    @api.depends_context("uid", "lang", "tz", "company")
    def _compute_answer_html(self):
        """Where a policy cannot be read, that is said."""
        for wizard in self:
            wizard.answer_html = wizard.profile_id and wizard._answer()

    def _answer(self):
        profile = self.profile_id._origin
        try:
            message = profile._message(
                self.channel_id._origin, self.category_id._origin, None
            )
            at = profile._moment(self.moment) or fields.Datetime.now()
            said = profile._try_policies(message, at)
        except UserError as error:
            return html_escape(str(error))
        return self.env["ir.qweb"]._render(TEMPLATE, said)
