from odoo import fields, models

from odoo.addons.mass_mailing_contact_strategy.models.identity.people import anybody


class ContactPolicyRule(models.Model):
    """A rule run as the server action it is."""

    _inherit = "contact.policy.rule"

    def _run_on(self, profiles):
        """Ask this rule alone about people.

        :param profiles: contact.profile
        :return: an action that shows the answer
        """
        self.ensure_one()
        Engine = self.env["contact.policy.engine"]
        channel = self.channel_ids[:1] or profiles._find("contact.channel", "email")
        message = profiles._message(channel, self.category_ids[:1], None)
        self.env.flush_all()
        plan = Engine._plan(message, rules=self)
        decided = Engine._decide(
            plan, anybody(profiles), fields.Datetime.now(), everybody=True
        )
        verdicts = Engine._explain(plan, decided)
        decisions = [verdict.decision for verdict in verdicts.values()]
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": self.sentence,
                "message": self.env._(
                    "%(now)s now, %(later)s later, %(never)s not",
                    now=decisions.count("send"),
                    later=decisions.count("defer"),
                    never=decisions.count("hold"),
                ),
            },
        }
