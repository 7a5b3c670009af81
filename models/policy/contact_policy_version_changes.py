from markupsafe import Markup

from odoo import api, models

from .version_difference import ORDER, RULE_ORDER, differences

GONE, NEW, OTHER = "\N{MINUS SIGN}", "+", "±"
LOOKS = {
    GONE: ("del", "text-danger text-decoration-none"),
    NEW: ("ins", "text-success text-decoration-none"),
    OTHER: ("span", "text-body"),
}
"""The element says it to those who do not see colours, as the sign does."""


class ContactPolicyVersion(models.Model):
    """What changed, in words: sentences that went and sentences that came."""

    _inherit = "contact.policy.version"

    @api.depends("terms", "policy_id.version_ids.number")
    @api.depends_context("lang")
    def _compute_changes(self):
        """One line for each sentence, with a sign and a colour."""
        for version in self:
            line = Markup('<li><{0} class="{1}">{2} {3}</{0}></li>')
            lines = Markup("").join(
                line.format(*LOOKS[sign], sign, text)
                for sign, text in version._say_changes()
            )
            whole = Markup('<ul class="list-unstyled mb-0 text-wrap">{}</ul>')
            version.changes = lines and whole.format(lines)

    def _say_changes(self):
        """The differences to the version before.

        :return: list of (sign, sentence)
        """
        self.ensure_one()
        if not self.terms or not self.policy_id:
            return []  # the policy was deleted: nothing says which versions were its
        before = self._previous()
        if not before:
            return [(NEW, text) for text in (self.sentences or "").splitlines()]
        lines, said = before.lines or {}, []
        found = differences(before.terms, self.terms, self.policy_id.id)
        # What is stored as JSON has no order.
        names = self.env["contact.policy"]._get_version_fields()
        found.sort(key=lambda it: names.index(it.key) if it.key in names else 99)
        for difference in found:
            if difference.key == "rule":
                said += self._say_changed_rule(lines, difference)
            else:
                said += self._say_changed_line(lines, difference.key)
        return said

    def _say_changed_rule(self, before, difference):
        old, new = difference.before, difference.after
        old_text = before.get(f"rule:{old['id']}", "") if old else ""
        new_text = (self.lines or {}).get(f"rule:{new['id']}", "") if new else ""
        if old and new and old_text == new_text:
            Rule = self.env["contact.policy.rule"]
            details = Rule._say_version_details(old["values"], new["values"])
            return [(OTHER, f"{new_text} ({details})" if details else new_text)]
        return self._say_line(old_text, new_text)

    def _say_changed_line(self, before, key):
        old_text, new_text = before.get(key, ""), (self.lines or {}).get(key, "")
        if key == RULE_ORDER:
            return [(OTHER, self.env._("The rules stand in another order"))]
        if old_text != new_text:
            return self._say_line(old_text, new_text)
        if key == ORDER:
            return [(OTHER, self.env._("Its place in the order"))]
        field = self.env["contact.policy"]._fields.get(key)
        return [(OTHER, field._description_string(self.env))] if field else []

    def _say_line(self, old_text, new_text):
        said = [(GONE, old_text)] if old_text else []
        return said + ([(NEW, new_text)] if new_text else [])
