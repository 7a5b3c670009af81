from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

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
    # The server action behind the rule
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Make the server action of each rule, too.

        With elevated rights, since only administrators may create server actions;
        only fixed fields reach it, `code` among them for administrators alone.
        """
        prepared = []
        for original in vals_list:
            vals = self._prepare_own_values(dict(original))
            vals.setdefault("has_maximum", "max_touches" in vals)
            action_vals = self._pop_action_values(vals)
            action_vals.setdefault("name", self.env._("Contact rule"))
            action = (
                self.env["ir.actions.server"]
                .sudo()
                .create(
                    {
                        **action_vals,
                        "model_id": self.env["ir.model"]._get_id("contact.profile"),
                        "usage": "mailing_presend",
                        "state": self._action_state(vals.get("rule_type", "cap")),
                    }
                )
            )
            prepared.append({**vals, "action_server_id": action.id})
        return super().create(prepared)

    def write(self, vals):
        """Keep the server action in step (elevated, fixed fields only)."""
        if "policy_id" in vals:
            # Record rules are asked about the policy the rule leaves only.
            self.env["contact.policy"].browse(vals["policy_id"]).check_access("write")
        vals = self._prepare_own_values(dict(vals))
        action_vals = self._pop_action_values(vals)
        if "rule_type" in vals:
            action_vals["state"] = self._action_state(vals["rule_type"])
        result = super().write(vals)
        if action_vals:
            self.sudo().action_server_id.write(action_vals)
        return result

    def copy_data(self, default=None):
        """A copy gets a server action of its own, a program only with its rule.

        Elevated, since only administrators may read a program; whoever may not write
        one is told so when the copy is made.
        """
        self.check_access("read")
        vals_list = super(ContactPolicyRule, self.sudo()).copy_data(default=default)
        kept = {"name", "code"}
        return [
            {
                name: value
                for name, value in vals.items()
                if not self._fields[name].inherited
                or name in (kept if rule.rule_type == "code" else kept - {"code"})
            }
            for rule, vals in zip(self, vals_list, strict=True)
        ]

    def unlink(self):
        """The server action goes with its rule."""
        actions = self.sudo().action_server_id
        result = super().unlink()
        actions.unlink()
        return result

    @api.model
    def _prepare_own_values(self, vals):
        """A maximum that is left blank (False, None) means: no cap. Zero means zero."""
        if "max_touches" in vals:
            # 0 == False in Python, yet they mean different things here.
            blank = vals["max_touches"] is None or vals["max_touches"] is False
            if blank:
                vals.update(max_touches=0, has_maximum=False)
            vals.setdefault("has_maximum", True)
        return vals

    @api.model
    def _pop_action_values(self, vals):
        """Take what belongs to the server action out of ``vals``.

        :raise AccessError: code, or another server action, by somebody who is no
            administrator
        """
        is_admin = self.env.su or self.env.user.has_group("base.group_system")
        programmed = vals.get("rule_type") == "code" or vals.get("code")
        # Here, as constraints are checked with elevated rights.
        if not is_admin and (programmed or vals.get("action_server_id")):
            raise AccessError(
                self.env._("Only administrators may write rules with a program.")
            )
        own = self._fields
        action_vals = {}
        for name in list(vals):
            if name == "action_server_id":
                vals.pop(name)
            elif own[name].inherited:
                value = vals.pop(name)
                if name in ("name", "code"):
                    action_vals[name] = value
        return action_vals

    @api.model
    def _action_state(self, rule_type):
        return "code" if rule_type == "code" else "contact_rule"

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
