import hashlib

from odoo import api, models
from odoo.tools import format_list

from odoo.addons.mass_mailing_contact_strategy.models import domain_words
from odoo.addons.mass_mailing_contact_strategy.models.written_domain import (
    MISREAD,
    read_domain,
)

LEFT_OUT = {
    *("policy_id", "rule_id", "action_server_id", "sequence", "active"),
    *models.MAGIC_COLUMNS,
}
"""Of rules and their parts: whose they are, and what their place in a list says."""


def _plain(record, names):
    """Values of fields that can be stored and compared.

    :param names: of stored fields
    :rtype: dict
    """
    return {name: _plain_value(record, record._fields[name]) for name in sorted(names)}


def _plain_value(record, field):
    value = record[field.name]
    if field.type == "one2many":
        return [part._version_values() for part in value]
    if field.type == "many2many":
        return sorted(value.ids)
    if field.type == "many2one":
        return value.id
    if field.type in ("date", "datetime"):
        return field.to_string(value)
    return value


def _own_names(record):
    """What the model itself keeps, without what others keep for it."""
    return {
        name
        for name, field in record._fields.items()
        if field.store and not field.inherited and name not in LEFT_OUT
    }


class ContactPolicy(models.Model):
    """What binds: the part of a policy that makes a new version when it changes.

    The name, the owner and the explanation are not: whoever corrects them decides
    nothing.
    """

    _inherit = "contact.policy"

    @api.model
    def _get_version_fields(self):
        """Names of the policy's own fields that bind, in the order they are read.

        Override to add those of your room: call super and add to the list.

        :rtype: list
        """
        return [
            *("active", "is_guard", "company_id"),
            *("segment_ids", "persona_ids", "stage_ids", "domain"),
        ]

    def _binding_rules(self):
        """The rules that are asked, in order."""
        self.ensure_one()
        rules = self.with_context(active_test=True).rule_ids.with_env(self.env)
        return rules.sorted(lambda rule: (rule.sequence, rule.id))

    def _will_be_active(self):
        """Does it bind; or, of a draft, will it?"""
        self.ensure_one()
        return not self.is_ending if self.proposal_ids else self.active

    def _version_terms(self):
        """What binds, as plain values that can be stored and compared.

        :rtype: dict
        """
        self.ensure_one()
        said = _plain(self, self._get_version_fields())
        said["active"] = self._will_be_active()
        # An empty domain is written in several ways.
        said["domain"] = "" if self.domain in (False, "[]") else self.domain.strip()
        # A translation changes nothing.
        rules = self.with_context(lang=None)._binding_rules()
        return {
            "fields": said,
            "order": self._version_order().ids,
            "rules": [
                {"id": rule.id, "values": rule._version_values()} for rule in rules
            ],
        }

    def _version_order(self):
        """The policies that are asked one after the other, with this one, or what a
        draft is for, among them; none where this one is not asked so."""
        self.ensure_one()
        if self.is_guard or not self._will_be_active():
            return self.browse()
        own = self.replaces_id or self
        others = self.search([("is_guard", "=", False), ("active", "=", True)]) - own
        places = [(policy.sequence, policy.id) for policy in others]
        places.append((self.sequence, own.id))
        return self.browse(id_ for _sequence, id_ in sorted(places))

    def _version_lines(self):
        """What binds in words, as it is now and in this language.

        :return: {what it is about: sentence}; rules are called ``rule:<id>``
        """
        self.ensure_one()
        lines = {
            name: said
            for name in self._get_version_fields()
            if (said := getattr(self, f"_say_version_{name}")())
        }
        if order := self._say_version_order():
            lines["order"] = order
        for rule in self._binding_rules():
            lines[f"rule:{rule.id}"] = rule.sentence
        return lines

    def _say_version_active(self):
        if self._will_be_active():
            return ""
        return self.env._("Switched off: it binds nobody")

    def _say_version_is_guard(self):
        if not self.is_guard:
            return ""
        return self.env._("A guard: in addition to people's own policy")

    def _say_version_company_id(self):
        if not self.company_id:
            return ""
        return self.env._("For the messages of %s", self.company_id.name)

    def _say_version_segment_ids(self):
        return self._say_chosen(self.segment_ids, self.env._("Who is in %s"))

    def _say_version_persona_ids(self):
        return self._say_chosen(self.persona_ids, self.env._("Who is %s"))

    def _say_version_stage_ids(self):
        return self._say_chosen(self.stage_ids, self.env._("Who is on the stage %s"))

    @api.model
    def _say_chosen(self, records, sentence):
        if not records:
            return ""
        names = [self.env._("“%s”", name) for name in records.mapped("name")]
        return sentence % format_list(self.env, names, style="or")

    def _say_version_domain(self):
        if self.domain in (False, "", "[]"):
            return ""
        try:
            # Without segments and the like, which are said for themselves.
            domain = read_domain(self.domain)
        except MISREAD:
            said = None
        else:
            said = domain_words.say(domain, self.env["contact.profile"])
        return self.env._("Whose profile fits: %s", said or self.domain)

    def _say_version_order(self):
        """Asked after whom. What stands in another business unit is not named."""
        order = self._version_order()
        own = self.replaces_id or self
        if own not in order:
            return ""
        units = self.env["res.company"] | self.company_id
        above = order[: order.ids.index(own.id)].filtered(
            lambda policy: policy.company_id <= units
        )
        if not above:
            return self.env._("Asked first")
        return self.env._("Asked after “%s”", above[-1].name)


class ContactPolicyRule(models.Model):
    """A rule as it is kept with a version."""

    _inherit = "contact.policy.rule"

    def _version_values(self):
        """All that it says, of whichever kind it is: new kinds need nothing here.

        A program is kept by its digest: only administrators may read it.

        :rtype: dict
        """
        self.ensure_one()
        values = _plain(self, _own_names(self))
        if self.rule_type == "code":
            action = self.sudo().action_server_id
            values["name"] = action.name
            values["code"] = hashlib.sha256((action.code or "").encode()).hexdigest()
        return values

    @api.model
    def _say_version_details(self, before, after):
        """What is different in two rules that read alike: “Newcomers: 0 → 30”.

        :param dict before: from `_version_values`
        :param dict after: from `_version_values`
        :rtype: str
        """
        said = []
        for name in sorted(set(before) | set(after)):
            field = self._fields.get(name)
            old, new = before.get(name, False), after.get(name, False)
            if not field or old == new:
                continue
            label = field._description_string(self.env)
            if name == "code" or field.type == "one2many":
                said.append(self.env._("%(what)s: changed", what=label))
                continue
            old, new = (self._say_version_value(field, value) for value in (old, new))
            said.append(f"{label}: {old} → {new}")
        return "; ".join(said)

    @api.model
    def _say_version_value(self, field, value):
        if field.relational:
            ids = value if isinstance(value, list) else [value or 0]
            records = self.env[field.comodel_name].browse(ids).exists()
            names = records.mapped("display_name")
            return format_list(self.env, names) or self.env._("none")
        if field.type == "boolean":
            return self.env._("yes") if value else self.env._("no")
        if field.type == "selection":
            labels = dict(field._description_selection(self.env))
            return labels.get(value) or self.env._("none")
        if isinstance(value, float):
            return f"{value:g}"
        is_empty = value is False or value == ""
        return self.env._("none") if is_empty else str(value)


class ContactPolicyRulePart(models.AbstractModel):
    """A part of a rule as it is kept with a version."""

    _inherit = "contact.policy.rule.part.mixin"

    def _version_values(self):
        """All that it says.

        :rtype: dict
        """
        self.ensure_one()
        return _plain(self, _own_names(self))
