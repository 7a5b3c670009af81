from odoo import api, models
from odoo.tools import SQL

from odoo.addons.mass_mailing_contact_strategy.models.sql_arrays import int_array

from .recipients import Recipients


class ContactPolicyEngine(models.AbstractModel):
    """Rules that users programmed."""

    _inherit = "contact.policy.engine"

    @api.model
    def _ask_programs(self, plan, verdicts, mailing=None):
        """Ask the rules that users programmed about those whom the others let through.

        Elevated, as scheduled actions are: only administrators can write such rules,
        and they decide about people of all business units. An error stops the mailing:
        whom a rule could not judge is not written to. Nothing is asked about test
        addresses, and about people for whom somebody overrides the strategy.

        :param dict verdicts: of everybody, from `_explain`
        :param mailing: the mailing, if there is one
        :return: {record id: Verdict}
        """
        free = self._always_let_through(plan, verdicts) if plan.programs else set()
        for rule in plan.programs:
            left = [
                v.profile_id
                for v in verdicts.values()
                if not v.refusals and v.profile_id not in free
            ]
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
    def _always_let_through(self, plan, verdicts):
        """Ids of the people about whom no program is asked.

        SQL: overrides bind by a condition that the engine's statement shares.
        """
        override = SQL("FALSE")
        if plan.override:
            override = SQL("%s IS NOT NULL", plan.override(SQL("profile.id")))
        rows = self.env.execute_query(
            SQL(
                "SELECT profile.id FROM contact_profile profile"
                " WHERE profile.id = ANY(%s) AND (profile.is_seed OR %s)",
                int_array(v.profile_id for v in verdicts.values()),
                override,
            )
        )
        return {profile_id for (profile_id,) in rows}

    @api.model
    def _bound_by(self, policy, profile_ids, verdicts):
        """Those of the people whom ``policy`` binds."""
        # Archived people are bound as well: see `_fit`.
        Profile = self.env["contact.profile"].sudo().with_context(active_test=False)
        if policy.is_guard:
            with policy._reading():
                domain = policy._get_domain()
                return Profile.browse(profile_ids).filtered_domain(domain)
        own = {v.profile_id for v in verdicts.values() if v.policy_id == policy.id}
        return Profile.browse([pid for pid in profile_ids if pid in own])
