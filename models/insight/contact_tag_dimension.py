import re
from itertools import chain, count

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import remove_accents

CODE = r"(?!id)[a-z][a-z0-9_]*$"
COUNTING = {"active", "is_exclusive"}
"""Decides what counts."""


class ContactTagDimension(models.Model):
    """A question that can be asked of a contact, such as "Which industry?".

    Its tags are the possible answers. In an exclusive dimension a person has one answer
    that counts, whatever was said and concluded: see ``contact.tag.assignment``.
    """

    _name = "contact.tag.dimension"
    _inherit = ["contact.storable.mixin"]
    _description = "Tag Dimension"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        required=True,
        compute="_compute_code",
        store=True,
        readonly=False,
        precompute=True,
        copy=False,
        help="Names the column of this dimension in imports and exports.",
    )
    area = fields.Selection(
        [
            ("company", "Company"),
            ("role", "Role"),
            ("person", "Person"),
            ("behaviour", "Behaviour"),
            ("market", "Market intelligence"),
            ("need", "Need"),
        ],
        required=True,
        default="person",
    )
    description = fields.Text(string="Question", translate=True)
    is_exclusive = fields.Boolean(
        string="One Answer Only",
        help="Of several tags of this dimension one counts: what was said before what "
        "was concluded, then the latest said or the surest concluded.",
    )
    life_days = fields.Integer(
        string="Lasts (days)",
        help="After so many days without being seen again a tag stops counting. "
        "Zero: it lasts.",
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    tag_ids = fields.One2many("contact.tag", "dimension_id", string="Tags", copy=True)
    tag_count = fields.Integer(compute="_compute_tag_count", string="Number of Tags")

    _code_unique = models.Constraint(
        "UNIQUE (code)", "There is a dimension with this code already."
    )
    _life_days_positive = models.Constraint(
        "CHECK (life_days >= 0 AND life_days <= 36500)",
        "A tag lasts between no days and a hundred years.",
    )

    @api.depends("name")
    def _compute_code(self):
        """From the first name; a later one does not change the columns of files."""
        for dimension in self.filtered(lambda it: it.name and not it.code):
            plain = re.sub(r"\W+", "_", remove_accents(dimension.name).lower())
            plain = re.sub(r"[^a-z0-9_]", "", plain).strip("_")[:50]
            if not re.match(CODE, plain):
                plain = f"dimension_{plain}".strip("_")
            dimension.code = self._find_free_code(plain)

    @api.model
    def _find_free_code(self, code):
        """Another dimension may have the same name."""
        taken = self.sudo().with_context(active_test=False)
        codes = {
            it.code
            for it in taken.search_fetch([("code", "=like", f"{code}%")], ["code"])
        }
        free = (f"{code}_{number}" for number in count(2))
        return next(it for it in chain([code], free) if it not in codes)

    @api.depends("tag_ids")
    def _compute_tag_count(self):
        counts = dict(
            self.env["contact.tag"]._read_group(
                [("dimension_id", "in", self.ids)], ["dimension_id"], ["__count"]
            )
        )
        for dimension in self:
            dimension.tag_count = counts.get(dimension._origin, 0)

    @api.constrains("code")
    def _check_code(self):
        for dimension in self:
            if not re.match(CODE, dimension.code or ""):
                raise ValidationError(
                    self.env._(
                        "A code is made of small letters, digits and _, and begins "
                        "with a letter, but not with “id”: files take that for the "
                        "number of a record."
                    )
                )

    def write(self, vals):
        """What counts changes with what is exclusive or in use."""
        res = super().write(vals)
        if COUNTING & vals.keys():
            self._after_counting_changed()
        return res

    def _after_counting_changed(self):
        """Called when other tags count for people than before. Forget who had which."""
        self.env.flush_all()
        self.env.invalidate_all(flush=False)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_known(self):
        """What is known of people would be deleted with it."""
        self.with_context(active_test=False).tag_ids._unlink_except_known()
