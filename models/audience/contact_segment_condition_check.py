from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

from odoo.addons.mass_mailing_contact_strategy.models.insight.contact_behaviour import (
    BEHAVIOUR,
)

from .segment_problem import SegmentProblem

CHOICES = {
    # kind: what is chosen
    "persona": "persona_ids",
    "stage": "stage_ids",
    "tag": "tag_ids",
    "response": "mailing_ids",
    "list": "list_ids",
    "segment": "other_segment_ids",
}
MAY_BE_EMPTY = ("persona", "stage", "tag", "list")
ASKED = {
    *("kind", "segment_id", "is_empty", *CHOICES.values(), "response"),
    *("share_from", "share_to", "min_confidence", "seen_days"),
    *BEHAVIOUR,
}
"""What says whom a line chooses."""
LONGEST = 36500


class ContactSegmentCondition(models.Model):
    """A line that cannot be asked is refused when it is saved, and so is one that its
    writer may not ask.

    A segment is asked with elevated rights, whoever wrote it: so that it has the same
    people for everybody who may see them. So it may ask only what its writer may ask.
    """

    _inherit = "contact.segment.condition"

    @api.model_create_multi
    def create(self, vals_list):
        """See ``_check_writer``."""
        lines = super().create(vals_list)
        lines._check_writer()
        return lines

    def write(self, vals):
        """See ``_check_writer``."""
        res = super().write(vals)
        if not ASKED.isdisjoint(vals):
            self._check_writer()
        return res

    # ------------------------------------------------------------
    # Who asks
    # ------------------------------------------------------------

    def _check_writer(self):
        """May the user ask this? Not a constraint: those run with elevated rights.

        :raise AccessError: the user may not read what is asked for
        :raise ValidationError: it asks what is hidden between business units
        """
        if self.env.su:
            return
        for line in self:
            if line.kind == "domain":
                line._check_writer_of_fields()
            elif line.kind == "behaviour":
                line._check_reader()
                if line._has_units():
                    line._check_all_units()
            elif line.kind in CHOICES:
                line[CHOICES[line.kind]].check_access("read")
                if line.kind == "response":
                    self.env["contact.touch"].check_access("read")
                    line._check_all_units()

    def _check_writer_of_fields(self):
        Profile = self.env["contact.profile"]
        domain = self._get_domain()
        if Profile._asks_hidden(domain):
            raise ValidationError(
                self.env._(
                    "%s: what was sent or held back is hidden between business units. "
                    "Ask for it by a behaviour or a response.",
                    self._say_itself(),
                )
            )
        if not domain.is_true():
            Profile.search_count(domain, limit=1)

    def _check_all_units(self):
        """Without a unit of its own a segment counts the records of all."""
        unit = self.segment_id.company_id
        mine = self.env.user.company_ids
        if unit and unit in mine:
            return
        # Elevated: which units there are decides, not which the user knows.
        if unit or self.env["res.company"].sudo().search([]) - mine:
            raise AccessError(
                self.env._(
                    "%s: it counts the records of all business units, and you may not "
                    "work in all of them. Choose the business unit of the segment.",
                    self._say_itself(),
                )
            )

    # ------------------------------------------------------------
    # What is asked
    # ------------------------------------------------------------

    @api.constrains(*ASKED)
    def _check_asked(self):
        for line in self:
            if line.kind == "domain":
                line._check_fields()
            elif line.kind == "behaviour":
                line._check_behaviour()
            elif line.kind == "share":
                line._check_share()
            elif line.kind in CHOICES:
                line._check_choice()

    def _check_fields(self):
        Profile = self.env["contact.profile"].sudo()
        try:
            domain = self.sudo()._compile_leaf(fields.Datetime.now())
        except SegmentProblem as problem:
            raise ValidationError(str(problem)) from problem
        with self._reading("domain"), self.env.cr.savepoint():
            Profile.search_count(domain, limit=1)

    def _check_behaviour(self):
        if not self.model_name:
            self._refuse("model_id", self.env._("which records?"))
        return super()._check_behaviour()

    def _check_share(self):
        if not 0 <= self.share_from <= self.share_to <= 100:
            self._refuse("share_to", self.env._("a share lies between 0 and 100 %"))

    def _check_choice(self):
        name = CHOICES[self.kind]
        is_none = self.is_empty and self.kind in MAY_BE_EMPTY
        if not is_none and not self.with_context(active_test=False)[name]:
            self._refuse(name, self.env._("which?"))
        if self.kind == "response" and not self.response:
            self._refuse("response", self.env._("which?"))
        if not 0 <= self.min_confidence <= 1:
            self._refuse("min_confidence", self.env._("it lies between 0 and 1"))
        if not 0 <= self.seen_days <= LONGEST:
            self._refuse("seen_days", self.env._("it is too long"))

    def _say_itself(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        return self.env._(
            "Line %(number)s, %(kind)s",
            number=self._number(),
            kind=kinds.get(self.kind, self.kind),
        )


class ContactSegment(models.Model):
    """Whoever says for which unit a segment counts must be allowed to ask it."""

    _inherit = "contact.segment"

    def write(self, vals):
        """See ``contact.segment.condition._check_writer``."""
        res = super().write(vals)
        if "company_id" in vals:
            self.condition_ids._check_writer()
        return res
