from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_list

ANY = None


class ContactPolicyRule(models.Model):
    """``apart``: never one kind of message near another, such as an offer within three
    days after an answer to a complaint. Kinds of communication, or campaigns."""

    _inherit = "contact.policy.rule"

    rule_type = fields.Selection(
        selection_add=[("apart", "Never near another kind")],
        ondelete={"apart": "cascade"},
    )
    campaign_ids = fields.Many2many(
        "utm.campaign",
        relation="contact_policy_rule_campaign_rel",
        context={"active_test": False},
        ondelete="restrict",
        string="Campaigns",
        help="Messages of these campaigns, in addition to the kinds.",
    )
    other_category_ids = fields.Many2many(
        "contact.category",
        relation="contact_policy_rule_other_category_rel",
        context={"active_test": False},
        ondelete="restrict",
        string="Other Kinds",
        help="After these, messages of the rule's own kinds wait.",
    )
    other_campaign_ids = fields.Many2many(
        "utm.campaign",
        relation="contact_policy_rule_other_campaign_rel",
        context={"active_test": False},
        ondelete="restrict",
        string="Other Campaigns",
        help="In addition to the other kinds.",
    )
    is_mutual = fields.Boolean(
        string="Both Ways",
        help="The other kinds wait after the rule's own, too.",
    )

    @api.constrains("rule_type", "other_category_ids", "other_campaign_ids")
    def _check_apart(self):
        for rule in self.filtered(lambda rule: rule.rule_type == "apart"):
            if not rule.other_category_ids and not rule.other_campaign_ids:
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
        if self.rule_type != "apart":
            return super()._concerns(message)
        channels = self.channel_ids.ids
        if channels and message.channel_id not in channels:
            return False
        is_other = self.is_mutual and _is_of(self._others(), message)
        return is_other or _is_of(self._own(), message)

    def _own(self):
        """(ids of categories, ids of campaigns) of the rule's own kinds; ANY: all."""
        kinds = self.category_ids.ids, self.campaign_ids.ids
        return kinds if any(kinds) else ANY

    def _others(self):
        return self.other_category_ids.ids, self.other_campaign_ids.ids

    def _ask_apart(self, message, _at):
        own, others = self._own(), self._others()
        near = []
        if _is_of(own, message):
            near.append(others)
        if self.is_mutual and _is_of(others, message):
            near.append(own)
        if ANY in near:
            return [self._apart_from((), ())]
        categories, campaigns = zip(*near, strict=True)
        return [self._apart_from(set().union(*categories), set().union(*campaigns))]

    def _apart_from(self, category_ids, campaign_ids):
        """As a gap: none of these so near, on whichever channel; nothing named means
        any kind."""
        counted = self._counted()._replace(
            channel_ids=frozenset(),
            category_ids=frozenset(category_ids),
            campaign_ids=frozenset(campaign_ids),
        )
        return self._limit(1, counted=counted)

    @api.depends(
        "campaign_ids.title",
        "other_category_ids.name",
        "other_campaign_ids.title",
        "is_mutual",
    )
    def _compute_sentence(self):
        return super()._compute_sentence()

    def _terms(self):
        return {
            **super()._terms(),
            "others": self.other_category_ids.ids,
            "campaigns": self.campaign_ids.ids,
            "other_campaigns": self.other_campaign_ids.ids,
            "mutual": self.is_mutual,
        }

    @api.model
    def _say_apart(self, terms, _step):
        others = [
            *self.env["contact.category"].browse(terms["others"]).exists(),
            *self._campaigns(terms, "other_campaigns"),
        ]
        said = {
            "what": self._say_own(terms),
            "others": format_list(
                self.env, [other.display_name for other in others], style="or"
            ),
            "length": self._say_duration(terms),
        }
        if terms["mutual"]:
            return self.env._(
                "At least %(length)s between %(what)s and %(others)s, whichever comes "
                "first",
                **said,
            )
        return self.env._("No %(what)s within %(length)s after %(others)s", **said)

    @api.model
    def _say_own(self, terms):
        """“touches (promotion)”, “touches (Summer)”."""
        campaigns = self._campaigns(terms, "campaigns")
        if not campaigns:
            return self._say_what(terms)
        categories = self.env["contact.category"].browse(terms["categories"]).exists()
        names = [*categories.mapped("name"), *campaigns.mapped("title")]
        return self.env._(
            "%(what)s (%(kinds)s)",
            what=self._say_what({**terms, "categories": []}),
            kinds=format_list(self.env, names),
        )

    @api.model
    def _campaigns(self, terms, name):
        """Elevated: a rule names its campaigns to whoever is bound by it. Holds of
        earlier versions know none."""
        return self.env["utm.campaign"].sudo().browse(terms.get(name, ())).exists()


def _is_of(kinds, message):
    """Is the message of one of these kinds?"""
    if kinds is ANY:
        return True
    categories, campaigns = kinds
    return message.category_id in categories or message.campaign_id in campaigns
