from odoo import api, fields, models
from odoo.tools import format_list


class ContactPolicyRule(models.Model):
    """Rules in words."""

    _inherit = "contact.policy.rule"

    sentence = fields.Char(compute="_compute_sentence", string="In words")

    @api.depends(
        "rule_type",
        "has_maximum",
        "max_touches",
        "window_value",
        "window_unit",
        "window_kind",
        "channel_ids.unit_name",
        "channel_ids.unit_one",
        "category_ids.name",
        "count_per",
        "count_what",
        "on_exceed",
        "action_server_id.name",
    )
    @api.depends_context("lang")
    def _compute_sentence(self):
        """The rule as one would say it to a colleague."""
        for rule in self:
            if rule.rule_type == "code":
                rule.sentence = self.env._(
                    "Own program: %s", rule.sudo().action_server_id.name
                )
                continue
            said = self._say(rule._terms())
            rule.sentence = rule._say_otherwise(said) if rule._can_wait() else said

    def _say_otherwise(self, said):
        """The whole sentence: with what becomes of people whom the rule refuses.

        :param str said: what the rule asks for, as `_say` says it
        :rtype: str
        """
        self.ensure_one()
        return self.env._(
            "%(rule)s, otherwise %(otherwise)s",
            rule=said,
            otherwise=self._say_on_exceed(),
        )

    def _say_on_exceed(self):
        """“wait until free”."""
        choices = self._fields["on_exceed"]._description_selection(self.env)
        return dict(choices).get(self.on_exceed, "")

    def _can_wait(self):
        """Is there a choice what becomes of people whom the rule refuses?"""
        self.ensure_one()
        return True

    @api.depends("sentence", "policy_id.name")
    def _compute_display_name(self):
        """A rule is called what it says, and where."""
        for rule in self:
            rule.display_name = self.env._(
                "%(policy)s: %(rule)s", policy=rule.policy_id.name, rule=rule.sentence
            )

    def _terms(self):
        """What the sentence is made of, as plain values that can be stored.

        :rtype: dict
        """
        self.ensure_one()
        return {
            "type": self.rule_type,
            "max": self.max_touches if self.has_maximum else None,
            "value": self.window_value,
            "unit": self.window_unit,
            "kind": self.window_kind,
            "channels": self.channel_ids.ids,
            "categories": self.category_ids.ids,
            "per": self.count_per,
            "measure": self._measure(),
        }

    @api.model
    def _say(self, terms, step=None):
        """The sentence for ``_terms()``, in the reader's language.

        :param dict terms: as made by `_terms`, maybe long ago
        :param int step: of a rule with several, the one that said no; None: the rule
        :rtype: str
        """
        say = getattr(self, f"_say_{terms['type']}", None)
        if not say:
            return self.env._("a rule of your own")
        sentence = say(terms, step)
        if terms["per"] == "inbox":
            sentence = self.env._("%(sentence)s per inbox", sentence=sentence)
        elif terms["per"] == "company":
            sentence = self.env._("%(sentence)s per company", sentence=sentence)
        elif terms["per"] == "household":
            sentence = self.env._("%(sentence)s per household", sentence=sentence)
        return sentence

    @api.model
    def _say_gap(self, terms, _step):
        return self.env._(
            "At least %(length)s between two %(what)s",
            length=self._say_duration(terms),
            what=self._say_what(terms),
        )

    @api.model
    def _say_cap(self, terms, _step):
        what = self._say_what(terms)
        if terms["max"] is None:
            return self.env._("No limit on %(what)s", what=what)
        if terms.get("measure") == "people":
            what = self.env._("people with %(what)s", what=what)
        return self._say_at_most(terms["max"], what, terms)

    @api.model
    def _say_at_most(self, number, what, terms):
        """“At most 2 e-mails in any 7 days”."""
        said = {"max": number, "what": what, "length": self._say_length(terms)}
        if terms["kind"] == "calendar":
            return self.env._(
                "At most %(max)s %(what)s per calendar %(length)s", **said
            )
        return self.env._("At most %(max)s %(what)s in any %(length)s", **said)

    @api.model
    def _say_what(self, terms, one=False):
        """“e-mails”, “touches”, “e-mails and letters (newsletter, promotion)”.

        :param bool one: of one of them: “e-mail”, “touch”
        """
        channels = self.env["contact.channel"].browse(terms["channels"]).exists()
        if terms["type"] == "cap" and terms["max"] == 1:
            one = terms.get("measure") != "people"
        unit = "unit_one" if one else "unit_name"
        names = [channel[unit] or channel.name for channel in channels]
        what = self.env._("touch") if one else self.env._("touches")
        what = format_list(self.env, names) if names else what
        categories = self.env["contact.category"].browse(terms["categories"]).exists()
        if categories:
            what = self.env._(
                "%(what)s (%(categories)s)",
                what=what,
                categories=format_list(self.env, categories.mapped("name")),
            )
        return what

    @api.model
    def _say_length(self, terms):
        """“24 hours”, “7 days”, “calendar week”: whole phrases, for translators."""
        value, unit = terms["value"], terms["unit"]
        if value == 1:
            return {
                "hour": self.env._("hour"),
                "day": self.env._("day"),
                "week": self.env._("week"),
                "month": self.env._("month"),
            }.get(unit, "")
        return {
            "hour": self.env._("%s hours", value),
            "day": self.env._("%s days", value),
            "week": self.env._("%s weeks", value),
            "month": self.env._("%s months", value),
        }.get(unit, "")

    @api.model
    def _say_duration(self, terms):
        """“one month”, “24 hours”: where "at least" or "a pause of" comes before."""
        if terms["value"] != 1:
            return self._say_length(terms)
        return {
            "hour": self.env._("one hour"),
            "day": self.env._("one day"),
            "week": self.env._("one week"),
            "month": self.env._("one month"),
        }.get(terms["unit"], "")

    @api.model
    def _say_first(self, words):
        """With a capital, where a sentence begins with them."""
        return words[:1].upper() + words[1:]

    def _type_label(self):
        """The rule's type as the form shows it."""
        self.ensure_one()
        return dict(self._fields["rule_type"]._description_selection(self.env))[
            self.rule_type
        ]
