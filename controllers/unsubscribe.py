from odoo.http import request, route

from odoo.addons.mass_mailing.controllers.main import MassMailController


class Unsubscribe(MassMailController):
    """Where people leave, "less often" is offered: many do not want to leave."""

    def _prepare_mailing_subscription_values(
        self, mailing, document_id, email, hash_token
    ):
        """Add the way to the preference page, and which reason it answers."""
        values = super()._prepare_mailing_subscription_values(
            mailing, document_id, email, hash_token
        )
        path = "/contact/preferences"
        if hash_token:
            path = mailing._get_preferences_path(email, document_id)
        too_many = "mass_mailing.mailing_subscription_optout_data_2"
        reason = request.env.ref(too_many, raise_if_not_found=False)
        # who looks on at a mailing's page with rights, not with a key, has no page here
        is_mine = hash_token or not mailing
        return values | {
            "preferences_path": path if is_mine else False,
            "too_many_reason_id": reason.id if reason else False,
        }

    @route()
    def mailing_confirm_unsubscribe(
        self, mailing_id, document_id=None, email=None, hash_token=None
    ):
        """Offer the preference page beside the button."""
        response = super().mailing_confirm_unsubscribe(
            mailing_id, document_id=document_id, email=email, hash_token=hash_token
        )
        if hash_token:
            mailing = request.env["mailing.mailing"].sudo().browse(mailing_id)
            path = mailing._get_preferences_path(email, document_id)
            response.qcontext["preferences_path"] = path
        return response
