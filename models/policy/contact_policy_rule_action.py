from odoo import api, models
from odoo.exceptions import AccessError
from odoo.tools.misc import clean_context


class ContactPolicyRule(models.Model):
    """The server action behind a rule: made, kept in step and removed with it."""

    _inherit = "contact.policy.rule"

    @api.model_create_multi
    def create(self, vals_list):
        """Make the server action of each rule, too.

        With elevated rights, since only administrators may create server actions;
        only fixed fields reach it, `code` among them for administrators alone.
        """
        self._check_storable(*vals_list)
        prepared = []
        for original in vals_list:
            vals = self._prepare_own_values(dict(original))
            # A default is asked about as what is written.
            vals.setdefault("rule_type", self._default_rule_type())
            vals.setdefault("has_maximum", "max_touches" in vals)
            action_vals = self._pop_action_values(vals)
            # A form sends the name of a rule that needs none as False.
            action_vals["name"] = action_vals.get("name") or self.env._("Contact rule")
            action = (
                self.env["ir.actions.server"]
                .sudo()
                # Defaults are meant for the rule.
                .with_context(clean_context(self.env.context))
                .create(
                    {
                        **action_vals,
                        "model_id": self.env["ir.model"]._get_id("contact.profile"),
                        "usage": "mailing_presend",
                        "state": self._action_state(vals["rule_type"]),
                    }
                )
            )
            prepared.append({**vals, "action_server_id": action.id})
        return super().create(prepared)

    def write(self, vals):
        """Keep the server action in step (elevated, fixed fields only)."""
        self._check_storable(vals)
        if "policy_id" in vals:
            # Record rules are asked about the policy the rule leaves only.
            self.env["contact.policy"].browse(vals["policy_id"]).check_access("write")
        vals = self._prepare_own_values(dict(vals))
        self._check_programs(vals)
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
    def _default_rule_type(self):
        return self.default_get(["rule_type"]).get("rule_type", "cap")

    def _check_programs(self, vals):
        """Programs stay as administrators wrote them, until they change them.

        :raise AccessError: somebody else empties one, or makes the rule another
        """
        if {"code", "rule_type"}.isdisjoint(vals) or self._may_program():
            return
        # Here, as constraints are checked with elevated rights.
        if any(rule.rule_type == "code" for rule in self):
            raise AccessError(
                self.env._("Only administrators may change rules with a program.")
            )

    @api.model
    def _may_program(self):
        return self.env.su or self.env.user.has_group("base.group_system")

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
        programmed = vals.get("rule_type") == "code" or vals.get("code")
        # Here, as constraints are checked with elevated rights.
        if (programmed or vals.get("action_server_id")) and not self._may_program():
            raise AccessError(
                self.env._("Only administrators may write rules with a program.")
            )
        own = self._fields
        action_vals = {}
        for name in list(vals):
            if name == "action_server_id":
                vals.pop(name)
            elif name in own and own[name].inherited:
                value = vals.pop(name)
                if name in ("name", "code"):
                    action_vals[name] = value
        return action_vals

    @api.model
    def _action_state(self, rule_type):
        return "code" if rule_type == "code" else "contact_rule"
