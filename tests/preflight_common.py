"""A mailing whose recipients have a history."""

import random

from .common import HOUR, NOW, GateCase


class PreflightCase(GateCase):
    """Many people with a history by chance, and rules that overlap."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policy = cls._create_policy(
            cls._cap(2),
            cls._gap(2, "day"),
            cls._cap(3, 2, "week", channel_ids=cls.email.ids, on_exceed="hold"),
            cls._cap(1, 1, "day", window_kind="calendar", channel_ids=cls.sms.ids),
        )
        cls.cap, cls.gap, cls.strict, _daily = cls.policy.rule_ids
        cls.partners = cls._create_crowd()
        cls.mailing = cls._create_mailing(cls.partners)

    @classmethod
    def _create_crowd(cls):
        partners = cls._create_partners(24, tz="America/New_York")
        partners += cls.env["res.partner"].create(
            [
                {"name": f"office {i}", "email": f"office.{i // 3}@strategy.test"}
                for i in range(12)
            ]
        )
        partners[0].email = False
        cls.env["mail.blacklist"]._add(partners[1].email)
        chance = random.Random(6)
        for profile in partners.profile_id:
            for _touch in range(chance.randrange(4)):
                ago = chance.randrange(-3 * 24, 16 * 24) * HOUR
                channel = chance.choice((cls.email, cls.email, cls.sms))
                cls._create_touch(profile, NOW - ago, channel_id=channel.id)
        return partners

    def _reached(self, mailing=None):
        return (mailing or self.mailing)._preflight()["now"]

    def _lines(self):
        """{rule: line} of those that say what the rule costs."""
        result = self.mailing._preflight_people()
        return {line["rule_id"]: line for line in result["lines"] if "cost" in line}
