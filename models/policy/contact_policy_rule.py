from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.mass_mailing_contact_strategy.core.rules import Counted, Limit
from odoo.addons.mass_mailing_contact_strategy.core.windows import Window

from .engine_questions import Asked
from .engine_shared import SHARED

WINDOWED = {"cap", "gap"}
"""Kinds of rules that look back over a length of time."""
MAX_WINDOW_DAYS = 3660
DAYS_PER_UNIT = {"hour": 1 / 24, "day": 1, "week": 7, "month": 30.5}


class ContactPolicyRule(models.Model):
    """One sentence of a policy. It *is* a server action, run before each mailing.

    - ``cap``: at most so many touches in a window of time.
    - ``gap``: at least so much time between two touches.
    - ``code``: whatever an administrator programs, asked about the people whom the
      built-in rules let through.

    Further kinds have a file each. A kind says what it asks (``_ask_<kind>``), how it
    is said (``_say_<kind>``) and what cannot be meant (a constraint). All but ``code``
    are asked together, in one statement (contact.policy.engine).
    """

    _name = "contact.policy.rule"
    _inherit = ["contact.storable.mixin"]
    _description = "Contact Policy Rule"
    _inherits = {"ir.actions.server": "action_server_id"}
    _order = "sequence, id"

    action_server_id = fields.Many2one(
        "ir.actions.server",
        required=True,
        ondelete="restrict",
        delegate=True,
        index=True,
        copy=False,
    )
    policy_id = fields.Many2one(
        "contact.policy", required=True, ondelete="cascade", index=True
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    rule_type = fields.Selection(
        [
            ("cap", "At most ... touches"),
            ("gap", "Time between touches"),
            ("code", "Own program"),
        ],
        required=True,
        default="cap",
    )
    has_maximum = fields.Boolean(
        string="Limited",
        default=True,
        help="Without a limit the rule holds nobody back.",
    )
    max_touches = fields.Integer(
        string="At most", help="Zero: nobody. Not limited: no cap."
    )
    window_value = fields.Integer(string="Number", default=7)
    window_unit = fields.Selection(
        [("hour", "hours"), ("day", "days"), ("week", "weeks"), ("month", "months")],
        string="Unit",
        default="day",
    )
    window_kind = fields.Selection(
        [("rolling", "in any"), ("calendar", "per calendar")],
        string="Counted",
        required=True,
        default="rolling",
        help="“In any 7 days” looks back from now; “per calendar week” begins anew "
        "with each week of the person.",
    )
    # An archived channel is still what the rule is about: without it the rule would
    # speak of all channels.
    channel_ids = fields.Many2many(
        "contact.channel",
        string="Channels",
        context={"active_test": False},
        ondelete="restrict",
        help="Empty: all of them together.",
    )
    category_ids = fields.Many2many(
        "contact.category",
        string="Kinds of Communication",
        context={"active_test": False},
        ondelete="restrict",
        help="Empty: all of them together.",
    )
    count_per = fields.Selection(
        [
            ("person", "person"),
            ("inbox", "inbox"),
            ("household", "household"),
            ("company", "company"),
        ],
        required=True,
        default="person",
        help="People who share an e-mail address share an inbox; those with the same "
        "tag “Lives Together” or postal address a household; those who work for the "
        "same company share it.",
    )
    count_what = fields.Selection(
        [("touches", "touches"), ("people", "people")],
        string="Counting",
        required=True,
        default="touches",
        help="Of one household or company: how many touches, or how many people.",
    )
    on_exceed = fields.Selection(
        [("defer", "wait until free"), ("hold", "leave out")],
        string="Otherwise",
        required=True,
        default="defer",
    )

    @api.constrains("rule_type", "window_value", "window_unit", "window_kind")
    def _check_window(self):
        """Lengths of time that cannot be meant are refused in words, at the rule."""
        for rule in self.filtered(lambda rule: rule._has_window()):
            if not rule.window_unit or not rule.window_value:
                raise ValidationError(
                    self.env._("“%s” needs a length of time.", rule._type_label())
                )
            if rule.window_value < 0:
                raise ValidationError(
                    self.env._("A length of time cannot be negative.")
                )
            days = rule.window_value * DAYS_PER_UNIT[rule.window_unit]
            if days > MAX_WINDOW_DAYS:
                raise ValidationError(
                    self.env._("A rule can look back ten years at most.")
                )
            if rule._is_rolling_only() and rule.window_kind == "calendar":
                raise ValidationError(
                    self.env._(
                        "The time between two touches is counted from touch to touch: "
                        "choose “in any”."
                    )
                )

    @api.constrains("rule_type", "max_touches")
    def _check_maximum(self):
        """Zero means nobody; less cannot be meant."""
        for rule in self:
            if rule.rule_type == "cap" and rule.max_touches < 0:
                raise ValidationError(
                    self.env._(
                        "The number of touches cannot be negative. Zero means nobody."
                    )
                )

    @api.constrains(
        "policy_id",
        "rule_type",
        "active",
        "window_value",
        "window_unit",
        "window_kind",
        "channel_ids",
        "category_ids",
        "count_per",
        "count_what",
    )
    def _check_no_twin(self):
        """Two rules about the same thing can only contradict each other."""
        for policy in self.policy_id:
            seen = {}
            for rule in policy.rule_ids:
                if not (subject := rule._subject()):
                    continue
                twin = seen.setdefault(subject, rule)
                if twin != rule:
                    raise ValidationError(
                        self.env._(
                            "Policy “%(policy)s” has two rules about the same thing: "
                            "“%(first)s” and “%(second)s”. Keep one of them.",
                            policy=policy.name,
                            first=twin.sentence,
                            second=rule.sentence,
                        )
                    )

    @api.onchange("max_touches", "has_maximum", "rule_type")
    def _onchange_zero(self):
        """Zero is allowed, but it stops everything: say so."""
        if self.rule_type == "cap" and self.has_maximum and self.max_touches == 0:
            return {
                "warning": {
                    "title": self.env._("Nobody"),
                    "message": self.env._(
                        "At most 0 touches: this rule lets nobody through."
                    ),
                }
            }
        return None

    # ------------------------------------------------------------
    # For the engine
    # ------------------------------------------------------------

    def _has_window(self):
        """Does the rule look back over its length of time?"""
        self.ensure_one()
        return self.rule_type in WINDOWED

    def _is_rolling_only(self):
        """Does the rule count from touch to touch?"""
        self.ensure_one()
        return self.rule_type == "gap"

    def _concerns(self, message):
        """Is such a message bound by the rule?

        :param Message message: what is to be sent
        """
        self.ensure_one()
        channels, categories = self.channel_ids.ids, self.category_ids.ids
        return (not channels or message.channel_id in channels) and (
            not categories or message.category_id in categories
        )

    def _ask(self, message, at):
        """What the rule asks of each person about a message that it is about.

        :param Message message: what is to be sent
        :param datetime at: the moment that is asked about (naive UTC)
        :return: list of Asked
        """
        self.ensure_one()
        ask = getattr(self, f"_ask_{self.rule_type}", None)
        return ask(message, at) if ask else []

    def _ask_cap(self, _message, _at):
        if not self.has_maximum:
            return []
        return [self._limit(self.max_touches)]

    def _ask_gap(self, _message, _at):
        return [self._limit(1)]

    def _limit(self, maximum, counted=None, step=0, who=None):
        """The question whether there were fewer touches than that.

        :param int maximum: so many may there be, with the new one
        :param Counted counted: default: what the rule is about
        :param int step: see ``core.rules.Question``
        :param Domain who: see ``engine_questions.Asked``
        :rtype: Asked
        """
        counted = counted or self._counted()
        limit = Limit(**self._question_values(step), maximum=maximum, counted=counted)
        return Asked(limit, who=who, is_cap=self.rule_type in ("cap", "adaptive"))

    def _question_values(self, step=0):
        return {
            "rule_id": self.id,
            "policy_id": self.policy_id.id,
            "on_exceed": self.on_exceed,
            "step": step,
        }

    def _counted(self):
        """The part of the ledger that the rule is about.

        :rtype: Counted
        """
        return Counted(
            window=Window(self.window_value, self.window_unit, self.window_kind),
            channel_ids=frozenset(self.channel_ids.ids),
            category_ids=frozenset(self.category_ids.ids),
            count_per=self.count_per,
            measure=self._measure(),
        )

    def _measure(self):
        """People are counted where they share something; elsewhere there is one."""
        is_shared = self.rule_type == "cap" and self.count_per in SHARED
        return self.count_what if is_shared else "touches"

    def _subject(self):
        """What the rule is about, apart from its number. Two of a kind about the same
        thing contradict each other; None where several make sense."""
        if not self._has_window():
            return None
        return (
            self.rule_type,
            self.window_value,
            self.window_unit,
            self.window_kind,
            self.channel_ids,
            self.category_ids,
            self.count_per,
            self._measure(),
        )
