from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_list


class ContactPolicyRule(models.Model):
    """``apart``: never one kind of message near another, such as an offer within three
    days after an answer to a complaint."""

    _inherit = "contact.policy.rule"

    rule_type = fields.Selection(
        selection_add=[("apart", "Never near another kind")],
        ondelete={"apart": "cascade"},
    )
    other_category_ids = fields.Many2many(
        "contact.category",
        relation="contact_policy_rule_other_category_rel",
        context={"active_test": False},
        ondelete="restrict",
        string="Other Kinds",
        help="After these, messages of the rule's own kinds wait.",
    )
    is_mutual = fields.Boolean(
        string="Both Ways",
        help="The other kinds wait after the rule's own, too.",
    )

    @api.constrains("rule_type", "other_category_ids")
    def _check_apart(self):
        for rule in self.filtered(lambda rule: rule.rule_type == "apart"):
            if not rule.other_category_ids:
                raise ValidationError(
                    self.env._("Say after which kinds of messages others must wait.")
                )

    def _has_window(self):
        return super()._has_window() or self.rule_type == "apart"

    def _is_rolling_only(self):
        return super()._is_rolling_only() or self.rule_type == "apart"

    def _subject(self):
        return None if self.rule_type == "apart" else super()._subject()

    def _concerns(self, message):
        res = super()._concerns(message)
        if self.rule_type != "apart" or not self.is_mutual or res:
            return res
        return message.category_id in self.other_category_ids.ids and (
            not self.channel_ids or message.channel_id in self.channel_ids.ids
        )

    def _ask_apart(self, message, _at):
        counted = set()
        own, others = self.category_ids.ids, self.other_category_ids.ids
        if not own or message.category_id in own:
            counted.update(others)
        if self.is_mutual and message.category_id in others:
            counted.update(own)
            if not own:
                counted = None  # whatever it was
        return [self._apart_from(counted)]

    def _apart_from(self, category_ids):
        """As a gap: none of these so near.

        :param category_ids: None: of any kind
        """
        # On whichever channel: near is near.
        counted = self._counted()._replace(
            channel_ids=frozenset(), category_ids=frozenset(category_ids or ())
        )
        return self._limit(1, counted=counted)

    @api.depends("other_category_ids.name", "is_mutual")
    def _compute_sentence(self):
        return super()._compute_sentence()

    def _terms(self):
        return {
            **super()._terms(),
            "others": self.other_category_ids.ids,
            "mutual": self.is_mutual,
        }

    @api.model
    def _say_apart(self, terms, _step):
        categories = self.env["contact.category"].browse(terms["others"]).exists()
        said = {
            "what": self._say_what(terms),
            "others": format_list(self.env, categories.mapped("name"), style="or"),
            "length": self._say_length(terms),
        }
        if terms["mutual"]:
            return self.env._(
                "At least %(length)s between %(what)s and %(others)s, whichever comes "
                "first",
                **said,
            )
        return self.env._("No %(what)s within %(length)s after %(others)s", **said)
