from odoo import api, models

from .recipients import Recipients


class ContactPolicyEngine(models.AbstractModel):
    """Rules that users programmed."""

    _inherit = "contact.policy.engine"

    @api.model
    def _ask_programs(self, plan, verdicts, mailing=None):
        """Ask the rules that users programmed about those whom the others let through.

        Elevated, as scheduled actions are: only administrators can write such rules,
        and they decide about people of all business units. An error stops the mailing:
        whom a rule could not judge is not written to.

        :param dict verdicts: of everybody, from `_explain`
        :param mailing: the mailing, if there is one
        :return: {record id: Verdict}
        """
        for rule in plan.programs:
            left = [v.profile_id for v in verdicts.values() if not v.refusals]
            profiles = self._bound_by(rule.policy_id, left, verdicts)
            if not profiles:
                continue
            recipients = Recipients(rule)
            rule.action_server_id.sudo().with_context(
                active_model="contact.profile",
                active_ids=profiles.ids,
                contact_recipients=recipients,
                contact_mailing_id=mailing.id if mailing else False,
            ).run()
            verdicts = {
                res_id: recipients.apply(verdict)
                for res_id, verdict in verdicts.items()
            }
        return verdicts

    @api.model
    def _bound_by(self, policy, profile_ids, verdicts):
        """Those of the people whom ``policy`` binds."""
        Profile = self.env["contact.profile"].sudo()
        if policy.is_guard:
            with policy._reading():
                domain = policy._get_domain()
                return Profile.browse(profile_ids).filtered_domain(domain)
        own = {v.profile_id for v in verdicts.values() if v.policy_id == policy.id}
        return Profile.browse([pid for pid in profile_ids if pid in own])
