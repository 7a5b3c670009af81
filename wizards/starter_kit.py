"""Rules as values, for strategies to start from."""

from odoo.fields import Command

from odoo.addons.mass_mailing_contact_strategy.models.policy.contact_policy_rule_quiet import (  # noqa: E501
    DAYS,
)

ADDON = "mass_mailing_contact_strategy"


class Kit:
    """Puts rules together; what somebody has deleted from the shipped records is left
    out, and a rule that would be about nothing then is None."""

    def __init__(self, env):
        self._env = env

    def find(self, kind, *codes):
        """Commands for the shipped records of this kind that still exist."""
        found = [
            self._env.ref(f"{ADDON}.contact_{kind}_{code}", raise_if_not_found=False)
            for code in codes
        ]
        return [Command.set([record.id for record in found if record])]

    def cap(self, touches, number, unit, *channels, **values):
        """At most so many touches in so long a time."""
        return {
            "rule_type": "cap",
            "max_touches": touches,
            "window_value": number,
            "window_unit": unit,
            "channel_ids": self.find("channel", *channels),
            **values,
        }

    def adaptive(self, least, most, number, unit, *channels):
        """As many as people respond to."""
        return self.cap(
            most, number, unit, *channels, rule_type="adaptive", min_touches=least
        )

    def gap(self, number, unit, *channels):
        """So long between two touches."""
        return self.cap(0, number, unit, *channels, rule_type="gap")

    def cost(self, amount, number, unit, *channels):
        """So much money in so long a time."""
        return self.cap(0, number, unit, *channels, rule_type="cost", max_cost=amount)

    def quiet(self, start, end, *days):
        """Quiet hours, on all days or some; from and to the same hour: all day."""
        return {
            "rule_type": "quiet",
            "quiet_from": start,
            "quiet_to": end,
            **{f"on_{day}": not days or day in days for day in DAYS},
        }

    def ladder(self, slow, pause, stop):
        """Less and less without an answer, from so many touches on."""
        steps = (
            {"after_touches": slow, "effect": "slow", "window_value": 14},
            {"after_touches": pause, "effect": "pause", "window_value": 60},
            {"after_touches": stop, "effect": "stop"},
        )
        return {
            "rule_type": "sunset",
            "grace_days": 30,
            "channel_ids": self.find("channel", "email"),
            "step_ids": [
                Command.create({"sequence": number, **step})
                for number, step in enumerate(steps)
            ],
        }

    def block(self, *tags, days=0):
        """Nobody with one of these tags, for some days after it was last seen."""
        found = self.find("tag", *tags)
        time = {"is_for_a_time": True, "window_value": days, "window_unit": "day"}
        return found[0][2] and {
            "rule_type": "block",
            "tag_ids": found,
            **(time if days else {"on_exceed": "hold"}),
        }

    def apart(self, days, own, other):
        """No message of one kind so soon after one of another."""
        others = self.find("category", other)
        return others[0][2] and {
            "rule_type": "apart",
            "category_ids": self.find("category", own),
            "other_category_ids": others,
            "window_value": days,
            "window_unit": "day",
        }

    def holdout(self, share):
        """A share that gets nothing."""
        return {"rule_type": "holdout", "holdout_share": share}
