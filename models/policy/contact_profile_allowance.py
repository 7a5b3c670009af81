from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, html_escape

from odoo.addons.mass_mailing_contact_strategy.models.ledger.contact_touch import (
    COUNTED_STATES,
)


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
            left = real._allowance_left(channel, answers)
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
        remaining, maximum, rule = left.get(answer["profile_id"], (None, None, None))
        if reason:
            # Elevated: a rule is said to whoever is bound by it.
            rule = self.env["contact.policy.rule"].sudo().browse(reason[0]["rule_id"])
        return {
            "channel": channel.name,
            "decision": answer["decision"],
            "moment": moment
            and self.env["contact.hold"]._say_moment(moment, answer["tz"]),
            "left": remaining,
            "maximum": maximum,
            "rule": rule and rule._say(rule._terms()),
            "message": "\n".join(said["message"] for said in answer["reasons"]),
        }

    def _allowance_left(self, channel, answers):
        """How many touches on this channel the tightest cap still allows.

        :param channel: record of contact.channel
        :param list answers: from `check_contact`
        :return: {profile id: (left, maximum, rule)}; without those no cap binds
        """
        Engine = self.env["contact.policy.engine"]
        plan = Engine._plan(self._message(channel, None, None))
        rules = plan.policies.rule_ids.filtered(lambda rule: rule.rule_type == "cap")
        specs = [spec for spec in plan.specs if spec.rule_id in rules._ids]
        if not specs:
            return {}
        profiles = self.sudo()  # as the engine, which counts across business units
        now = fields.Datetime.now()
        bounds = plan.bounds(now, {(p.tz or None, p.lang or None) for p in profiles})
        earliest = min(
            lower for of_rule in bounds.values() for lower, _upper in of_rule.values()
        )
        touches = self._allowance_touches(earliest)
        policy_ids = {answer["profile_id"]: answer["policy_id"] for answer in answers}
        left = {}
        for spec in specs:
            rule = rules.browse(spec.rule_id)
            for profile in profiles:
                if not rule.policy_id._binds(profile, policy_ids.get(profile.id)):
                    continue
                clock = (profile.tz or None, profile.lang or None)
                window = bounds[spec.rule_id].get(None) or bounds[spec.rule_id][clock]
                used = profile._allowance_used(spec, touches, *window)
                remaining = max(spec.maximum - used, 0)
                if profile.id not in left or remaining < left[profile.id][0]:
                    left[profile.id] = (remaining, spec.maximum, rule)
        return left

    def _allowance_touches(self, since):
        """The counted touches of these people and of their inboxes.

        Two questions: each has an index of its own, while for both in one the database
        would rather read what everybody got.
        """
        Touch = self.env["contact.touch"].sudo()
        names = ["profile_id", "address", "channel_id", "category_id", "date"]
        addresses = self.sudo().mapped("email_normalized")
        counted = Domain.custom(to_sql=self._sql_counted) & Domain("date", ">=", since)
        touches = Touch
        for name, keys in (("profile_id", self.ids), ("address", addresses)):
            who = Domain(name, "in", keys)
            touches |= Touch.search_fetch(counted & who, names, order="id")
        return touches

    @api.model
    def _sql_counted(self, model, alias, _query):
        """As the indexes of the ledger say it: of the ORM's "counts IS TRUE" the
        database does not see that they hold it."""
        return SQL(
            "%s AND %s IN %s",
            SQL.identifier(alias, "counts", to_flush=model._fields["counts"]),
            SQL.identifier(alias, "state", to_flush=model._fields["state"]),
            COUNTED_STATES,
        )

    def _allowance_used(self, spec, touches, lower, upper):
        """How many of the touches a rule counts for this person."""
        self.ensure_one()
        return sum(
            lower <= touch.date < upper
            and spec.concerns(touch.channel_id.id, touch.category_id.id)
            and (
                touch.profile_id == self
                if spec.count_per == "person"
                else touch.address == self.email_normalized
            )
            for touch in touches
        )
