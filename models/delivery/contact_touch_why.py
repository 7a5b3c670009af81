from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import format_list
from odoo.tools.misc import format_datetime

from odoo.addons.mass_mailing_contact_strategy.models.ledger.contact_hold import (
    REACHED,
)
from odoo.addons.mass_mailing_contact_strategy.models.ledger.contact_touch import (
    COUNTED_STATES,
)
from odoo.addons.mass_mailing_contact_strategy.models.policy.contact_hold import (
    NAMED_TOUCHES,
)
from odoo.addons.mass_mailing_contact_strategy.models.policy.engine_zone import ZoneBook

BEFORE = timedelta(days=7)


class ContactTouch(models.Model):
    """Why was this person mailed? The other half of what a hold says.

    As far as the ledger knows: it keeps that no rule said no, not what each of them
    said. Policies say what they said then (their versions); whom a policy is for is
    asked as things stand today, and the sentence says so.
    """

    _inherit = "contact.touch"

    reason = fields.Text(compute="_compute_reason", string="Why")
    headline = fields.Char(compute="_compute_headline")

    @api.depends("profile_id", "mailing_id", "state", "date", "bounced")
    @api.depends_context("lang", "tz")
    def _compute_headline(self):
        """What became of the message, in one sentence."""
        for touch in self:
            touch.headline = touch.state and touch._say_headline(
                who=touch.profile_id.display_name,
                # Elevated: a name must not fail for want of the mailing's rights.
                what=touch.sudo().mailing_id.subject or touch.channel_id.name,
                when=format_datetime(self.env, touch.date, dt_format="d MMM y HH:mm"),
            )

    def _say_headline(self, who, what, when):
        said = {"who": who, "what": what, "when": when}
        if self.is_uncertain:
            return self.env._("Nobody knows whether %(who)s got “%(what)s”.", **said)
        if self.bounced:
            return self.env._(
                "“%(what)s” was sent to %(who)s on %(when)s, and came back.", **said
            )
        return {
            "reserved": self.env._("“%(what)s” is on its way to %(who)s.", **said),
            "sent": self.env._("%(who)s was sent “%(what)s” on %(when)s.", **said),
            "failed": self.env._("“%(what)s” could not be sent to %(who)s.", **said),
            "released": self.env._("“%(what)s” was not sent to %(who)s.", **said),
        }[self.state]

    @api.depends("profile_id", "mailing_id", "date", "override_id", "category_id")
    @api.depends_context("lang", "tz", "uid", "company")
    def _compute_reason(self):
        """In the reader's language and rights."""
        unknown = self.env._("No policy is known that was for this person then.")
        for touch in self:
            touch.reason = False
            if touch.mailing_id:
                said = touch._say_waited()
                said += touch._say_exempt() or touch._say_policies()
                said = [*(said or [unknown]), *touch._say_before()]
                touch.reason = "\n".join(said)

    # ------------------------------------------------------------
    # Sentences
    # ------------------------------------------------------------

    def _say_waited(self):
        """By which rule the person was held back before."""
        holds = self.env["contact.hold"].search(
            [
                ("mailing_id", "=", self.mailing_id.id),
                ("res_model", "=", self.res_model),
                ("res_id", "=", self.res_id),
                ("state", "in", REACHED),
            ]
        )
        return [
            self.env._("It was held back first. %(reason)s", reason=hold.reason)
            for hold in holds
        ]

    def _say_exempt(self):
        """Why rules did not matter; nothing where they did."""
        if self.profile_id.is_seed:
            return [self.env._("A test address may always be written to.")]
        category = self.category_id
        if category and not category.obeys_caps:
            return [self.env._("“%s” is sent whatever the rules say.", category.name)]
        if not self.override_id:
            return []
        override = self.override_id._filtered_access("read")
        if not override:
            return [self.env._("An override let it through.")]
        return [
            self.env._(
                "An override of %(user)s let it through: %(reason)s",
                user=override.user_id.name,
                reason=override.reason,
            )
        ]

    def _say_policies(self):
        """What the policies said then that are for this person."""
        said = []
        for version in self._versions_then():
            rules = [
                sentence
                for about, sentence in (version.lines or {}).items()
                if about.startswith("rule:")
            ]
            said.append(
                self.env._(
                    "%(version)s: %(rules)s.",
                    version=version.display_name,
                    rules="; ".join(rules) or self.env._("no rule"),
                )
            )
        if said:
            said.insert(
                0,
                self.env._(
                    "No rule was in the way. As far as is known, there were then for "
                    "this person:"
                ),
            )
        return said

    def _say_before(self):
        """What had used allowance up in the days before."""
        zones = ZoneBook(self.env, self.sudo().company_id)
        _zone, tz, _source = zones.find(self.profile_id.tz, self.profile_id.lang)
        # Elevated: it counted also where the reader may not see what it was.
        before = self.sudo().search(
            Domain("profile_id", "=", self.profile_id.id)
            & Domain("counts", "=", True)
            & Domain("state", "in", COUNTED_STATES)
            & Domain("date", "<=", self.date)
            & Domain("date", ">", self.date - BEFORE)
            & Domain("id", "!=", self.id),
            limit=NAMED_TOUCHES + 1,
        )
        if not before:
            return [self.env._("In the seven days before, nothing was sent.")]
        named = self.env["contact.hold"]._touch_names(before[:NAMED_TOUCHES].ids)
        names = [named[touch.id](tz) for touch in before[:NAMED_TOUCHES]]
        if len(before) > NAMED_TOUCHES:
            names.append(self.env._("more"))
        return [
            self.env._("In the seven days before: %s.", format_list(self.env, names))
        ]

    # ------------------------------------------------------------
    # What the policies said then
    # ------------------------------------------------------------

    def _versions_then(self):
        """The versions that were asked, of policies that are for the person today.

        Elevated: a policy binds also those who may not read it, and whoever sees what
        was sent may know by which one.

        :return: contact.policy.version: the first policy that fits, and guards
        """
        decided = min(self.create_date or self.date, self.date)
        Version = self.env["contact.policy.version"].sudo()
        found, has_own = Version, False
        for version in Version._in_force_at(decided, self.sudo().company_id):
            is_guard = version.terms["fields"]["is_guard"]
            if (is_guard or not has_own) and self._is_for_person(version.policy_id):
                found |= version
                has_own = has_own or not is_guard
        return found

    def _is_for_person(self, policy):
        """As the engine asks: with archived people."""
        everybody = self.env["contact.profile"].sudo().with_context(active_test=False)
        own = Domain("id", "=", self.profile_id.id)
        try:
            with policy._reading():
                return bool(everybody.search_count(own & policy._get_domain()))
        except ValidationError:
            return False
