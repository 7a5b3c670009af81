from odoo import fields
from odoo.exceptions import UserError

from odoo.addons.mass_mailing_contact_strategy.core.verdicts import Refusal, Verdict


class Recipients:
    """What a programmed rule uses to say who must wait and who is left out.

    ``recipients.hold(profiles, "why")`` and
    ``recipients.defer(profiles, until, "why")`` with ``until`` in naive UTC.
    """

    def __init__(self, rule):
        self._rule = rule
        self._refusals = {}

    def hold(self, profiles, note=None):
        """These people do not get the message."""
        self._refuse(profiles, "hold", None, note)

    def defer(self, profiles, until, note=None):
        """These people are asked about again at ``until`` (naive UTC, or its text).

        :raise UserError: that is no such moment
        """
        try:
            until = fields.Datetime.to_datetime(until)
        except (ValueError, TypeError) as error:
            raise UserError(
                self._rule.env._(
                    "“%(until)s” is no moment in UTC without a time zone: people "
                    "cannot wait for it.",
                    until=until,
                )
            ) from error
        self._refuse(profiles, "defer", until, note)

    def _refuse(self, profiles, on_exceed, until, note):
        for profile in profiles:
            self._refusals[profile.id] = Refusal(
                rule_id=self._rule.id,
                policy_id=self._rule.policy_id.id,
                on_exceed=on_exceed,
                next_allowed=until,
                note=note and str(note),
            )

    def apply(self, verdict):
        """The verdict with what the rule said about the person."""
        refusal = self._refusals.get(verdict.profile_id)
        if not refusal:
            return verdict
        return Verdict(
            verdict.profile_id,
            verdict.policy_id,
            verdict.tz,
            verdict.tz_source,
            (*verdict.refusals, refusal),
        )
