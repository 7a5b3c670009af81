from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_amount, html_escape

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
            used = real._allowance_used(channel)
            left, money = self._say_left(used), self._say_money(used)
            for answer in answers:
                lines[answer["profile_id"]].append(
                    {
                        **self._prepare_allowance_line(channel, answer, left),
                        "money": money.get(answer["profile_id"], []),
                    }
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

    def _allowance_used(self, channel):
        """What is used of what the rules allow on this channel.

        :param channel: record of contact.channel
        :return: {profile id: list of (Item, used, maximum)}
        """
        Engine = self.env["contact.policy.engine"]
        now = fields.Datetime.now()
        plan = Engine._plan(self._message(channel, None, None), at=now)
        items = {item.number: item for item in plan.items if item.counted}
        if not items:
            return {}
        self.env.flush_all()
        people = anybody(self, self._inbox(channel.id))
        return {
            profile_id: [
                (items[number], *pair) for number, pair in sorted(pairs.items())
            ]
            for profile_id, pairs in Engine._used(plan, people, now).items()
        }

    @api.model
    def _say_left(self, used):
        """How many touches the tightest cap still allows.

        :return: {profile id: (left, maximum, the rule said)} of who has a cap
        """
        said = {}
        for profile_id, rows in used.items():
            caps = [
                (max(int(most - count), 0), int(most), item)
                for item, count, most in rows
                if item.is_cap
            ]
            if caps:
                left, most, item = min(caps, key=lambda cap: cap[0])
                said[profile_id] = left, most, self._say_item(item)
        return said

    @api.model
    def _say_money(self, used):
        """What was spent of what may be spent.

        :return: {profile id: list of (“3.20 of 20.00 spent”, the rule said)}
        """
        Currency = self.env["res.currency"]
        return {
            profile_id: [
                (
                    self.env._(
                        "%(spent)s of %(most)s spent",
                        spent=format_amount(self.env, float(spent), currency),
                        most=format_amount(self.env, float(most), currency),
                    ),
                    self._say_item(item),
                )
                for item, spent, most in rows
                if item.counted.measure == "cost"
                for currency in [Currency.browse(item.counted.currency_id)]
            ]
            for profile_id, rows in used.items()
        }

    @api.model
    def _say_item(self, item):
        """Elevated: a rule is said to whoever is bound by it."""
        Rule = self.env["contact.policy.rule"].sudo()
        rule = Rule.browse(item.question.rule_id or ())
        return Rule._say(item.asked.terms or rule._terms())
