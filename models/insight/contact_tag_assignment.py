from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .effective_tags import create_views, drop_views

KINDS = [("explicit", "Said"), ("implicit", "Concluded")]
SOURCES = [
    ("form", "Form"),
    ("import", "Import"),
    ("survey", "Survey"),
    ("sales", "Sales"),
    ("user", "User"),
    ("rule", "Rule"),
    ("click", "Click"),
    ("visit", "Visit"),
    ("purchase", "Purchase"),
    ("origin", "Origin"),
]
FIXED = ("profile_id", "tag_id", "kind")
"""What a row is about."""
NOTED = {
    # field that may be given when something is noted: column of a fact
    **{name: name for name in FIXED},
    **{name: name for name in ("source", "res_model", "res_id", "user_id", "note")},
    **{name: name for name in ("confidence", "first_seen", "last_seen", "expires")},
    "times_seen": "times",
}


class ContactTagAssignment(models.Model):
    """One thing known about one person, and how it is known.

    *Said* (explicit): the person submitted it, or somebody noted what the person
    stated. *Concluded* (implicit): from behaviour, surveys or origin. The two are never
    mixed: what is concluded is a row of its own beside what was said.

    There is one live row for each person, tag and kind. Seeing the same again
    strengthens it (``times_seen``) and prolongs it (``expires``). An expired row counts
    for nothing from that moment on, and is archived later; nothing is deleted.
    """

    _name = "contact.tag.assignment"
    _inherit = ["contact.storable.mixin", "contact.of.person.mixin"]
    _description = "Tag of a Person"
    _rec_names_search = ["tag_id.name"]
    _order = "profile_id, dimension_id, kind, last_seen DESC, tag_id"

    def _default_source(self):
        """How a user's own entries become known: typed, or read from a file."""
        return "import" if self.env.context.get("import_file") else "user"

    # What
    profile_id = fields.Many2one(
        "contact.profile",
        required=True,
        ondelete="cascade",  # indexed by _live_unique
    )
    tag_id = fields.Many2one(
        "contact.tag", required=True, ondelete="cascade", index=True
    )
    dimension_id = fields.Many2one(
        related="tag_id.dimension_id", store=True, precompute=True
    )
    kind = fields.Selection(KINDS, required=True, default="explicit")
    active = fields.Boolean(default=True)
    # How it is known
    source = fields.Selection(
        SOURCES, required=True, default=lambda self: self._default_source()
    )
    res_model = fields.Char(string="Record Model", readonly=True)
    res_id = fields.Many2oneReference(
        string="Record", model_field="res_model", readonly=True
    )
    signal_id = fields.Many2one(
        "contact.signal", ondelete="set null", index="btree_not_null", readonly=True
    )
    user_id = fields.Many2one("res.users", string="By", readonly=True)
    note = fields.Char()
    # How sure, since when, until when
    confidence = fields.Float(default=1.0, digits=(3, 2), aggregator="avg")
    times_seen = fields.Integer(default=1, readonly=True)
    times_told = fields.Integer(
        default=1,
        readonly=True,
        help="How often it was seen one by one, without what signals count.",
    )
    first_seen = fields.Datetime(required=True, default=fields.Datetime.now)
    last_seen = fields.Datetime(required=True, default=fields.Datetime.now)
    expires = fields.Datetime(
        help="From this moment on it counts no more. Empty: it lasts."
    )

    is_expired = fields.Boolean(
        compute="_compute_is_expired", search="_search_is_expired", string="Expired"
    )

    _live_unique = models.UniqueIndex(
        "(profile_id, tag_id, kind) WHERE active IS TRUE",
        "This is known already: see it again instead.",
    )
    _confidence_share = models.Constraint(
        "CHECK (confidence >= 0 AND confidence <= 1)",
        "Confidence lies between 0 and 1.",
    )
    _seen_order = models.Constraint(
        "CHECK (last_seen >= first_seen)",
        "Nothing is seen for the last time before the first.",
    )

    # What is new since somebody asked: small, and mostly in the order of time.
    _written_idx = models.Index("USING brin (write_date) WITH (pages_per_range = 32)")
    _expires_idx = models.Index(
        "(expires) WHERE active IS TRUE AND expires IS NOT NULL"
    )

    def _auto_init(self):
        """The columns are changed before the views that read them are made."""
        drop_views(self.env.cr)
        return super()._auto_init()

    @api.private
    def init(self):
        """The relations of the tags that count now."""
        create_views(self.env.cr)

    @api.depends("tag_id", "dimension_id")
    def _compute_display_name(self):
        for assignment in self:
            assignment.display_name = self.env._(
                "%(dimension)s: %(tag)s",
                dimension=assignment.dimension_id.name,
                tag=assignment.tag_id.name,
            )

    @api.depends("expires")
    def _compute_is_expired(self):
        now = fields.Datetime.now()
        for assignment in self:
            assignment.is_expired = bool(
                assignment.expires and assignment.expires <= now
            )

    def _search_is_expired(self, operator, value):
        if operator != "in":
            return NotImplemented
        return [("expires", "<=", fields.Datetime.now())]

    @api.model_create_multi
    def create(self, vals_list):  # pylint: disable=method-required-super
        """Noting something again strengthens what is there: that row is returned."""
        self._check_storable(*vals_list)
        self.browse().check_access("create")
        facts = [self._prepare_fact(vals) for vals in vals_list]
        self._check_facts(facts)
        self.sudo()._see(facts)  # sudo: as the rights have just been checked
        return self.browse(self._find_rows(facts))

    def _prepare_fact(self, vals):
        """What a user or a program notes, as a fact."""
        if unknown := vals.keys() - self._fields.keys():
            raise ValueError(f"Invalid field {min(unknown)!r} in {self._name!r}")
        vals = self._add_missing_default_values(vals)
        fact = {
            column: self._fields[name].convert_to_column(vals[name], self)
            for name, column in NOTED.items()
            if vals.get(name) not in (None, False)
        }
        if not self.env.su or "user_id" not in fact:
            fact["user_id"] = self.env.uid
        return fact

    def _check_facts(self, facts):
        """Facts are about people and tags that there are, and the user may write."""
        for name in FIXED:
            known = {fact.get(name) for fact in facts}
            comodel = self._fields[name].comodel_name
            records = self.env[comodel].sudo().browse(known) if comodel else ()
            if None in known or (comodel and len(records.exists()) < len(known)):
                label = self._fields[name]._description_string(self.env)
                raise ValidationError(self.env._("“%s” must be given.", label))
        people = self.env["contact.profile"].browse(it["profile_id"] for it in facts)
        people.check_access("write")

    def _find_rows(self, facts):
        """Ids of the rows that know these facts, in this order."""
        rows = (
            self.sudo()
            .with_context(active_test=False)
            .search_fetch(
                [
                    ("profile_id", "in", [fact["profile_id"] for fact in facts]),
                    ("tag_id", "in", [fact["tag_id"] for fact in facts]),
                ],
                FIXED,
                order="active, id",  # the live one last
            )
        )
        found = {(row.profile_id.id, row.tag_id.id, row.kind): row.id for row in rows}
        return [found[tuple(fact[name] for name in FIXED)] for fact in facts]

    def write(self, vals):
        """What is known, and of whom, stays; the rest may be corrected.

        :raise UserError: it would become a fact about somebody or something else
        """
        self._check_storable(vals)
        for name in [name for name in FIXED if name in vals]:
            if any(
                row[name]
                != row._fields[name].convert_to_record(
                    row._fields[name].convert_to_cache(vals[name], row), row
                )
                for row in self
            ):
                raise UserError(
                    self.env._(
                        "What is known of a person does not become something else: "
                        "archive it, and note the other thing."
                    )
                )
        res = super().write(vals)
        self.flush_recordset()
        self.profile_id._after_tags_changed()
        return res

    def unlink(self):
        """It counts no more."""
        profiles = self.profile_id
        res = super().unlink()
        self.env.flush_all()
        profiles._after_tags_changed()
        return res

    def action_view_record(self):
        """Open the record that it came from."""
        self.check_access("read")
        self.ensure_one()
        if self.res_model not in self.env or not self.res_id:
            raise UserError(self.env._("No record is known that this came from."))
        record = self.env[self.res_model].browse(self.res_id).exists()
        if not record:
            raise UserError(self.env._("The record that this came from is gone."))
        return record._get_records_action()
