from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import html_escape

from odoo.addons.mass_mailing_contact_strategy.models.identity.people import anybody


class ContactProfile(models.Model):
    """May we write to this person, and how often still: the answer on the form."""

    _inherit = "contact.profile"

    allowance_html = fields.Html(
        compute="_compute_allowance_html",
        string="May we write now, and how often still?",
        sanitize=False,  # made by our own template
    )

    @api.depends("touch_ids.state", "touch_ids.date", "is_seed", "tz")
    @api.depends_context("uid", "lang", "tz", "company")
    def _compute_allowance_html(self):
        """One line per channel: yes and what is left, or no and until when.

        Where a policy cannot be read, that is said: the rest of the page can be.
        """
        try:
            lines = self._prepare_allowance_lines()
        except UserError as error:
            self.allowance_html = html_escape(str(error))
            return
        for profile in self:
            profile.allowance_html = lines[profile.id] and self.env["ir.qweb"]._render(
                "mass_mailing_contact_strategy.contact_profile_allowance",
                {"lines": lines[profile.id]},
            )

    def _prepare_allowance_lines(self):
        """{profile id: what the template says about each channel}."""
        lines = {profile.id: [] for profile in self}
        real = self.browse([pid for pid in self._ids if pid])
        for channel in self.env["contact.channel"].search([]):
            answers = real.check_contact(channel)
            left = real._allowance_left(channel)
            for answer in answers:
                lines[answer["profile_id"]].append(
                    self._prepare_allowance_line(channel, answer, left)
                )
        return lines

    @api.model
    def _prepare_allowance_line(self, channel, answer, left):
        """What the template says about one channel.

        :rtype: dict
        """
        reason = answer["reasons"][:1]
        moment = answer["next_allowed"]
        remaining, maximum, said = left.get(answer["profile_id"], (None, None, None))
        if reason:
            # Elevated: a rule is said to whoever is bound by it.
            Rule = self.env["contact.policy.rule"].sudo()
            rule = Rule.browse(reason[0]["rule_id"] or ())
            said = rule and rule._say(rule._terms())
        return {
            "channel": channel.name,
            "decision": answer["decision"],
            "moment": moment
            and self.env["contact.hold"]._say_moment(moment, answer["tz"]),
            "left": remaining,
            "maximum": maximum,
            "rule": said,
            "message": "\n".join(said["message"] for said in answer["reasons"]),
        }

    def _allowance_left(self, channel):
        """How many touches on this channel the tightest cap still allows.

        :param channel: record of contact.channel
        :return: {profile id: (left, maximum, the rule said)} of who has a cap
        """
        Engine = self.env["contact.policy.engine"]
        now = fields.Datetime.now()
        plan = Engine._plan(self._message(channel, None, None), at=now)
        capped = [item for item in plan.items if item.is_cap]
        if not capped:
            return {}
        Rule = self.env["contact.policy.rule"].sudo()
        left = {}
        self.env.flush_all()
        people = anybody(self, self._inbox(channel.id))
        for profile_id, numbers in Engine._left(plan, people, now).items():
            bound = [item for item in capped if item.number in numbers]
            if bound:
                tightest = min(bound, key=lambda item: numbers[item.number])
                rule = Rule.browse(tightest.question.rule_id or ())
                left[profile_id] = (
                    numbers[tightest.number],
                    tightest.question.maximum,
                    Rule._say(tightest.asked.terms or rule._terms()),
                )
        return left
