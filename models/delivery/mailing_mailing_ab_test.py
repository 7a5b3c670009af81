from odoo import api, fields, models
from odoo.fields import Domain


class MailingMailing(models.Model):
    """A/B tests whose deferred people outlast the first run."""

    _inherit = "mailing.mailing"

    def _get_recipients(self):
        """A test draws its sample once: later runs take up its deferred people."""
        is_test = self.ab_testing_enabled and not self.ab_testing_is_winner_mailing
        if not (is_test and self.is_waiting):
            return super()._get_recipients()
        deferred = self._hold_recipients(Domain("state", "=", "deferred"))
        domain = self._get_recipients_domain() & Domain("id", "in", deferred)
        return self.env[self.mailing_model_real].search(domain).ids

    @api.depends("campaign_id.mailing_mail_ids.is_waiting")
    def _compute_is_ab_test_sent(self):
        """A version that only waits for deferred people has been tested."""
        result = super()._compute_is_ab_test_sent()
        for mailing in self:
            siblings = mailing._get_ab_testing_siblings_mailings()
            mailing.is_ab_test_sent |= any(siblings.mapped("is_waiting"))
        return result

    def action_send_winner_mailing(self):
        """The test is over: see `_end_test`."""
        self._end_test()
        return super().action_send_winner_mailing()

    def action_select_as_winner(self):
        """The test is over: see `_end_test`."""
        self._end_test()
        return super().action_select_as_winner()

    def _expire_deferred(self):
        """Who began to wait for a version while the winner was chosen gets the winner,
        too."""
        ended = self.filtered(
            lambda mailing: (
                mailing.ab_testing_enabled
                and mailing.ab_testing_completed
                and not mailing.ab_testing_is_winner_mailing
            )
        )
        for mailing in ended:
            mailing.action_stop_waiting()
        return super(MailingMailing, self - ended)._expire_deferred()

    def _end_test(self):
        """Whoever still waits for a tested version gets the winner instead."""
        for mailing in self:  # the versions come one by one, or all at once
            siblings = mailing._get_ab_testing_siblings_mailings()
            for sibling in siblings.filtered("is_waiting"):
                sibling.action_stop_waiting()


class UtmCampaign(models.Model):
    """Samples of an A/B test do not overlap."""

    _inherit = "utm.campaign"

    @api.model
    def _cron_process_mass_mailing_ab_testing(self):
        """Versions that only wait for deferred people have been tested: when it is time
        for the winner, Odoo would pass by a test none of whose versions is done."""
        due = self.search(
            Domain("ab_testing_schedule_datetime", "<=", fields.Datetime.now())
            & Domain("ab_testing_winner_selection", "!=", "manual")
            & Domain("ab_testing_completed", "=", False)
        )
        versions = self.env["mailing.mailing"].search(
            Domain("campaign_id", "in", due.ids)
            & Domain("ab_testing_enabled", "=", True)
            & Domain("is_waiting", "=", True)
        )
        for version in versions:
            version.action_stop_waiting()
        return super()._cron_process_mass_mailing_ab_testing()

    def _get_mailing_recipients(self, model=None):
        """Whom one version holds back or lets wait is in its sample, not in another's.

        Odoo itself knows the samples by the messages that were made.
        """
        result = super()._get_mailing_recipients(model=model)
        domain = Domain("mailing_id.campaign_id", "in", self.ids)
        if model:
            domain &= Domain("res_model", "=", model)
        # Elevated: a sample does not depend on who sends it.
        holds = self.env["contact.hold"].sudo().search_fetch(domain, ["res_id"])
        for campaign, of_campaign in holds.grouped(
            lambda hold: hold.mailing_id.campaign_id
        ).items():
            result[campaign.id] = {
                *result[campaign.id],
                *(hold.res_id for hold in of_campaign),
            }
        return result
