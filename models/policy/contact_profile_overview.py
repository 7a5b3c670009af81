from datetime import timedelta

from odoo import api, fields, models

from odoo.addons.mass_mailing_contact_strategy.models.ledger.contact_profile_pressure import (  # noqa: E501
    WINDOW,
)

SEVEN_DAYS = {("day", 7), ("week", 1)}
RULES = 8
"""So many rules are named that held people back."""


class ContactProfile(models.Model):
    """What the rules allow, and whom they held back, on the first screen."""

    _inherit = "contact.profile"

    @api.model
    def _get_overview_parts(self):
        """Add the caps, the holds and the policies due for review."""
        return {
            **super()._get_overview_parts(),
            "caps": self._overview_caps,
            "held": self._overview_held,
            "reviews": self._overview_reviews,
        }

    @api.model
    def _overview_caps(self):
        """The caps over seven days, which is what the pressure is shown for.

        :return: list of dict ``id``, ``policy_id``, ``maximum``, ``channel_ids``
            (empty: all together), ``name``
        """
        rules = (
            self.env["contact.policy"]
            .search([])
            .rule_ids.filtered(
                lambda rule: (
                    rule.rule_type == "cap"
                    and rule.has_maximum
                    and (rule.window_unit, rule.window_value) in SEVEN_DAYS
                )
            )
        )
        return [
            {
                "id": rule.id,
                "policy_id": rule.policy_id.id,
                "maximum": rule.max_touches,
                "channel_ids": rule.channel_ids.ids,
                "name": self._say_policy_rule(rule),
            }
            for rule in rules
        ]

    @api.model
    def _say_policy_rule(self, rule):
        return self.env._(
            "%(policy)s: %(rule)s",
            policy=rule.policy_id.name,
            rule=rule._say(rule._terms()),
        )

    @api.model
    def _overview_held(self):
        """How often each rule held somebody back in the last seven days.

        :return: list of dict ``id`` (or False), ``name`` (or False), ``count``,
            ``since``
        """
        since = fields.Datetime.now() - WINDOW
        groups = self.env["contact.hold"]._read_group(
            [
                ("date", ">=", since),
                ("state", "in", ("held", "deferred", "expired")),
            ],
            ["rule_id"],
            ["__count"],
            order="__count DESC",
            limit=RULES,
        )
        return [
            {
                "id": rule.id,
                # Elevated: a rule is said to whoever sees what it held back.
                "name": bool(rule) and self._say_policy_rule(rule.sudo()),
                "count": count,
                "since": fields.Datetime.to_string(since),
            }
            for rule, count in groups
        ]

    @api.model
    def _overview_reviews(self):
        """Policies that somebody wanted to think about again by now.

        :return: list of dict ``id``, ``name``, ``date``
        """
        soon = fields.Date.context_today(self) + timedelta(days=7)
        policies = self.env["contact.policy"].search(
            [("review_date", "<=", soon)], order="review_date, id", limit=RULES
        )
        return [
            {
                "id": policy.id,
                "name": policy.name,
                "date": fields.Date.to_string(policy.review_date),
            }
            for policy in policies
        ]

    @api.model
    def _get_first_steps(self):
        """Add: write a policy."""
        return [
            *super()._get_first_steps(),
            self._prepare_step(
                "contact.policy",
                self.env._("Write a policy"),
                self.env._("Say how often people may be contacted."),
            ),
        ]
