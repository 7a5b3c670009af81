from odoo import api, models
from odoo.exceptions import UserError


class ContactTerm(models.AbstractModel):
    """What rules speak of cannot be deleted: the rule would speak of everything."""

    _name = "contact.term.mixin"
    _description = "Term of a Rule"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_in_rules(self):
        """Say which rule is about it."""
        name = {"contact.channel": "channel_ids", "contact.category": "category_ids"}
        rule = (
            self.env["contact.policy.rule"]
            .sudo()
            .with_context(active_test=False)
            .search([(name[self._name], "in", self.ids)], limit=1)
        )
        if rule:
            raise UserError(
                self.env._(
                    "“%(name)s” cannot be deleted: the rule “%(rule)s” of the policy "
                    "“%(policy)s” is about it. Archive it instead.",
                    name=", ".join(self.mapped("name")),
                    rule=rule.sentence,
                    policy=rule.policy_id.name,
                )
            )


class ContactChannel(models.Model):
    """Rules may speak of it."""

    _name = "contact.channel"
    _inherit = ["contact.channel", "contact.term.mixin"]


class ContactCategory(models.Model):
    """Rules may speak of it."""

    _name = "contact.category"
    _inherit = ["contact.category", "contact.term.mixin"]
