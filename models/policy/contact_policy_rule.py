from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.mass_mailing_contact_strategy.core.rules import RuleSpec
from odoo.addons.mass_mailing_contact_strategy.core.windows import Window

BUILT_IN = ("cap", "gap")
MAX_WINDOW_DAYS = 3660
DAYS_PER_UNIT = {"hour": 1 / 24, "day": 1, "week": 7, "month": 30.5}


class ContactPolicyRule(models.Model):
    """One sentence of a policy. It *is* a server action, run before each mailing.

    - ``cap``: at most so many touches in a window of time.
    - ``gap``: at least so much time between two touches.
    - ``code``: whatever an administrator programs, asked about the people whom the
      built-in rules let through.

    The built-in ones are asked together, in one statement (contact.policy.engine).
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
        [("person", "person"), ("inbox", "inbox")],
        required=True,
        default="person",
        help="People who share an address share an inbox.",
    )
    on_exceed = fields.Selection(
        [("defer", "wait until free"), ("hold", "leave out")],
        string="Otherwise",
        required=True,
        default="defer",
    )

    @api.constrains("rule_type", "max_touches", "window_value", "window_unit")
    def _check_numbers(self):
        """Numbers that cannot be meant are refused in words, at the rule."""
        for rule in self.filtered(lambda r: r.rule_type in BUILT_IN):
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
            if rule.rule_type == "cap" and rule.max_touches < 0:
                raise ValidationError(
                    self.env._(
                        "The number of touches cannot be negative. Zero means nobody."
                    )
                )
            if rule.rule_type == "gap" and rule.window_kind == "calendar":
                raise ValidationError(
                    self.env._(
                        "The time between two touches is counted from touch to touch: "
                        "choose “in any”."
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
    )
    def _check_no_twin(self):
        """Two rules about the same thing can only contradict each other."""
        for policy in self.policy_id:
            seen = {}
            for rule in policy.rule_ids.filtered(lambda r: r.rule_type in BUILT_IN):
                twin = seen.setdefault(rule._subject(), rule)
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

    def _spec(self):
        """The rule as the engine asks it, or None if it limits nothing.

        :rtype: RuleSpec | None
        """
        self.ensure_one()
        if self.rule_type not in BUILT_IN or (
            self.rule_type == "cap" and not self.has_maximum
        ):
            return None
        return RuleSpec(
            rule_id=self.id,
            policy_id=self.policy_id.id,
            maximum=1 if self.rule_type == "gap" else self.max_touches,
            window=Window(self.window_value, self.window_unit, self.window_kind),
            channel_ids=frozenset(self.channel_ids.ids),
            category_ids=frozenset(self.category_ids.ids),
            count_per=self.count_per,
            on_exceed=self.on_exceed,
        )

    def _subject(self):
        """What the rule is about, apart from its number."""
        return (
            self.rule_type,
            self.window_value,
            self.window_unit,
            self.window_kind,
            self.channel_ids,
            self.category_ids,
            self.count_per,
        )
