import re
from typing import NamedTuple

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_list, formatLang

from .segment_problem import SegmentProblem

FIELDS = {
    "mailing.mailing": ("segment_ids", "exclude_segment_ids"),
    "contact.policy": ("segment_ids",),
    "contact.policy.rule": ("segment_ids", "spared_segment_ids"),
    "contact.signal": ("segment_ids",),
    "mailing.list": ("segment_id",),
    "contact.segment.condition": ("other_segment_ids",),
}
"""Where segments are chosen. By name: other rooms and apps come later, or never."""
DOMAINS = {
    "mailing.mailing": "mailing_domain",
    "mailing.filter": "mailing_domain",
    "contact.policy": "domain",
    "contact.persona": "domain",
    "contact.signal": "domain",
    "contact.segment.condition": "domain",
    "ir.filters": "domain",
    "ir.rule": "domain_force",
}
"""Where segments are named in a text."""
NAMED = re.compile(
    r"segment_ids['\"]\s*,\s*['\"][a-z !=]+['\"]\s*,\s*([\[(][^\])]*[\])]|\d+)"
)
"""A condition on ``segment_ids``; domains may be programs, so they are not read."""
SHOWN = 12
"""A sentence that names more is no longer read."""
WIDER = 1.5
"""So many times as many people are no small change."""


class Use(NamedTuple):
    """Something that depends on a segment. ``is_live``: not over, nor put away."""

    record: models.Model
    is_live: bool


class ContactSegment(models.Model):
    """Where a segment is used, and what must not happen to it then.

    Without its segment a mailing would go to everybody, and a policy bind everybody:
    so a segment that is used is not deleted. What was sent counts, too: a copy of an
    old mailing would go to everybody.
    """

    _inherit = "contact.segment"

    use_count = fields.Integer(compute="_compute_uses", string="Used In")
    uses = fields.Html(compute="_compute_uses", string="Where It Is Used")
    use_note = fields.Char(compute="_compute_uses")

    @api.depends_context("uid", "lang", "allowed_company_ids")
    def _compute_uses(self):
        """Links to what the reader may see, and the number of all."""
        found = self._origin._find_uses()
        for segment in self:
            uses = found.get(segment._origin, [])
            named, hidden = self._name_uses(uses)
            segment.use_count = len(uses)
            segment.uses = self._link_uses(named, hidden)
            segment.use_note = False
            if live := [use for use in uses if use.is_live]:
                segment.use_note = self.env._(
                    "Used in: %s. A change here changes who they are for.",
                    self._say_uses(live),
                )

    # ------------------------------------------------------------
    # Finding
    # ------------------------------------------------------------

    def _find_uses(self):
        """What depends on each of these segments: {segment: [Use]}.

        Elevated: what depends on a segment does so whoever may see it.
        """
        found = {segment: {} for segment in self}
        by_id = {segment.id: segment for segment in self if segment.id}
        for model, names in FIELDS.items():
            for record, segment_id in self._find_chosen(model, names, list(by_id)):
                found[by_id[segment_id]][record] = None
        for model, name in DOMAINS.items():
            for record, segment_id in self._find_in_texts(model, name):
                if segment_id in by_id:
                    found[by_id[segment_id]][record] = None
        return {
            segment: [
                Use(record, self._is_live(record))
                for record in uses
                if record != segment
            ]
            for segment, uses in found.items()
        }

    @api.model
    def _find_chosen(self, model, names, ids):
        for name in names:
            Model = self._get_user_model(model, name)
            if Model is None or not ids:
                continue
            for record in Model.search([(name, "in", ids)]):
                for segment_id in set(record[name].ids).intersection(ids):
                    yield self._get_owner(record), segment_id

    @api.model
    def _find_in_texts(self, model, name):
        Model = self._get_user_model(model, name)
        if Model is None:
            return
        for record in Model.search([(name, "like", "segment_ids")]):
            for said in NAMED.findall(record[name] or ""):
                for number in re.findall(r"\d+", said):
                    yield self._get_owner(record), int(number)

    @api.model
    def _get_user_model(self, model, name):
        if model not in self.env or name not in self.env[model]._fields:
            return None
        return self.env[model].sudo().with_context(active_test=False)

    @api.model
    def _get_owner(self, record):
        """A line of a segment is a matter of the segment."""
        if record._name == "contact.segment.condition":
            return record.segment_id
        return record

    @api.model
    def _is_live(self, record):
        if record._name == "mailing.mailing" and record.state == "done":
            return False
        return not record._active_name or bool(record[record._active_name])

    # ------------------------------------------------------------
    # Saying
    # ------------------------------------------------------------

    @api.model
    def _name_uses(self, uses):
        """The records among ``uses`` that the reader may see, and how many others."""
        visible = []
        for use in uses:
            record = use.record.with_env(self.env)
            if record.has_access("read"):
                visible.append(record)
        return visible, len(uses) - len(visible)

    def _say_uses(self, uses):
        """Names, such as “Mailing “Spring”, Policy “Loyal” and 2 more”."""
        named, hidden = self._name_uses(uses)
        said = [self._say_use(record) for record in named[:SHOWN]]
        if more := hidden + len(named) - len(said):
            said.append(self.env._("%s more", more))
        return format_list(self.env, said)

    @api.model
    def _say_use(self, record):
        return self.env._(
            "%(kind)s “%(name)s”",
            kind=self.env["ir.model"]._get(record._name).name,
            name=record.display_name,
        )

    @api.model
    def _link_uses(self, records, hidden):
        lines = [
            Markup('<li><a href="/odoo/%s/%s">%s</a></li>')
            % (record._name, record.id, self._say_use(record))
            for record in records
        ]
        if hidden:
            said = self.env._("%s more that you may not see", hidden)
            lines.append(Markup("<li>%s</li>") % said)
        return lines and Markup("<ul>%s</ul>") % Markup().join(lines)

    def action_view_uses(self):
        """Show where the segment is used."""
        self.ensure_one()
        self.check_access("read")
        view = "mass_mailing_contact_strategy.contact_segment_view_form_uses"
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Where “%s” is used", self.name),
            "res_model": "contact.segment",
            "res_id": self.id,
            "views": [(self.env.ref(view).id, "form")],
            "target": "new",
        }

    # ------------------------------------------------------------
    # Guarding
    # ------------------------------------------------------------

    def write(self, vals):
        """A segment that is used is not put away."""
        if vals.get("active") is False:
            self._check_unused(live_only=True)
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        self._check_unused()

    def _check_unused(self, live_only=False):
        """:raise UserError: something depends on one of these segments"""
        own = {(self._name, id_) for id_ in self.ids}
        for segment, uses in self._find_uses().items():
            uses = [
                use
                for use in uses
                if (use.record._name, use.record.id) not in own
                and (use.is_live or not live_only)
            ]
            if not uses:
                continue
            said = {"name": segment.display_name, "where": self._say_uses(uses)}
            if live_only:
                raise UserError(
                    self.env._(
                        "The segment “%(name)s” is used: %(where)s. Take it out there "
                        "before you archive it.",
                        **said,
                    )
                )
            raise UserError(
                self.env._(
                    "The segment “%(name)s” is used: %(where)s. Without it these would "
                    "be for everybody. Archive it instead, once nothing goes on using "
                    "it.",
                    **said,
                )
            )

    def _preview(self, at):
        """With a ``warning`` where it is used and like this means nobody, everybody, or
        many more: told while its lines are written, before anything is saved."""
        told = super()._preview(at)
        if self.use_note and "count" in told:
            warning = self._warn_users(told["count"], told["total"], told["saved"])
            if warning:
                told["warning"] = warning
        return told

    def _warn_users(self, count, total, saved):
        if not count:
            return self.env._("Like this nobody is in it.")
        if count == total:
            return self.env._("Like this everybody is in it.")
        if saved is None or count <= saved * WIDER:
            return False
        return self.env._(
            "Like this %(more)s more people are in it (now %(saved)s).",
            more=formatLang(self.env, count - saved, digits=0),
            saved=formatLang(self.env, saved, digits=0),
        )

    def _ask_saved(self, crowd, at):
        """Of a used segment that is being changed: what uses it gets more people."""
        if self.id or not self._origin or not self.use_note:
            return super()._ask_saved(crowd, at)
        try:
            return crowd.ask(self._origin._compile(at))
        except SegmentProblem:
            return SQL()  # nobody was in it, and what uses it waited
