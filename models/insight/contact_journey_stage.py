from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL


class ContactJourneyStage(models.Model):
    """Where on the way from stranger to promoter somebody is.

    - *Inventory*: people may stay as long as they like.
    - *SLA*: staying longer than ``max_days`` is overdue.
    - *Gate*: somebody has to decide; nobody is moved past it by a rule.

    The order is that of the list. Who moves how: see ``_move_to_stage`` of the profile.
    """

    _name = "contact.journey.stage"
    _inherit = ["contact.storable.mixin", "contact.people.domain.mixin"]
    _description = "Journey Stage"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    phase = fields.Selection(
        [
            ("attract", "Attract"),
            ("convert", "Convert"),
            ("close", "Close"),
            ("delight", "Delight"),
            ("acquire", "Acquire"),
            ("retain", "Retain"),
            ("expand", "Expand"),
        ]
    )
    kind = fields.Selection(
        [("inventory", "Inventory"), ("sla", "SLA"), ("gate", "Gate")],
        required=True,
        default="inventory",
        help="Inventory: people may stay as long as they like.\n"
        "SLA: whoever stays longer than so many days is overdue.\n"
        "Gate: somebody has to decide; no rule moves anybody past it.",
    )
    max_days = fields.Integer(string="At Most (days)")
    fold = fields.Boolean(string="Folded in Kanban")
    description = fields.Text(translate=True)
    # Ways in and out
    is_start = fields.Boolean(
        string="New People Start Here",
        help="Everybody new is in this stage, and whoever is in none yet.",
    )
    is_way_back = fields.Boolean(
        string="May Be Gone Back To",
        help="From later stages people may come back here, with a reason.",
    )
    is_detour = fields.Boolean(
        string="Off the Main Way",
        help="As for those who were lost: rules bring people back from here as soon as "
        "something new speaks for an earlier stage that may be gone back to. Nobody "
        "has to pass here to get further, and reports of the way leave it out.",
    )
    # Who is here
    profile_ids = fields.One2many("contact.profile", "journey_stage_id")
    profile_count = fields.Integer(compute="_compute_counts", string="People")
    overdue_count = fields.Integer(compute="_compute_counts", string="Overdue")

    _max_days_positive = models.Constraint(
        "CHECK (max_days >= 0)", "Nobody stays less than no days."
    )
    _sla_has_days = models.Constraint(
        "CHECK (kind != 'sla' OR COALESCE(max_days, 0) > 0)",
        "Say how many days people may stay at most in a stage with an SLA.",
    )
    _start_unique = models.UniqueIndex(
        "(is_start) WHERE is_start IS TRUE",
        "New people start in one stage only.",
    )

    def _compute_counts(self):
        Profile = self.env["contact.profile"]
        for name, domain in (
            ("profile_count", Domain.TRUE),
            ("overdue_count", Domain("is_stage_overdue", "=", True)),
        ):
            counts = dict(
                Profile._read_group(
                    Domain("journey_stage_id", "in", self.ids) & domain,
                    ["journey_stage_id"],
                    ["__count"],
                )
            )
            for stage in self:
                stage[name] = counts.get(stage, 0)

    @api.constrains("is_start", "active", "kind")
    def _check_start(self):
        for stage in self.filtered("is_start"):
            if not stage.active or stage.kind != "inventory":
                raise ValidationError(
                    self.env._(
                        "New people start in “%(name)s”: let them start elsewhere "
                        "before it is archived or gets a time limit or a gate.",
                        name=stage.name,
                    )
                )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """See ``_start_people``."""
        stages = super().create(vals_list)
        if any(stages.mapped("is_start")):
            stages._start_people()
        return stages

    def write(self, vals):
        """Nobody is left behind in a stage that is put away.

        :raise UserError: there are people in a stage that is archived
        """
        if "active" in vals and not vals["active"]:
            self.filtered("active")._check_empty()
        res = super().write(vals)
        if "is_start" in vals:
            self._start_people()
        return res

    def copy_data(self, default=None):
        """New people start in one stage only; a copy is named so."""
        vals_list = super().copy_data(default=default)
        for stage, vals in zip(self, vals_list, strict=True):
            vals["is_start"] = False
            if not (default or {}).get("name"):
                vals["name"] = self.env._("%(name)s (copy)", name=stage.name)
        return vals_list

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        """History is kept: nobody's past loses its stages.

        :raise UserError: somebody is or was in one of these stages
        """
        self._check_empty()
        # sudo: people of other business units have a past, too
        Move = self.env["contact.journey.move"].sudo()
        used = Domain("stage_id", "in", self.ids) | Domain(
            "from_stage_id", "in", self.ids
        )
        if move := Move.search(used, limit=1):
            stage = (move.stage_id + move.from_stage_id) & self
            raise UserError(
                self.env._(
                    "“%(name)s” cannot be deleted: people were in it, and their "
                    "history is kept. Archive it instead.",
                    name=stage[:1].name,
                )
            )

    def unlink(self):
        """Nobody starts in a stage that is gone."""
        starts = any(self.mapped("is_start"))
        res = super().unlink()
        if starts:
            self._start_people()
        return res

    def _check_empty(self):
        # sudo: also people the user does not see; only their number is told
        Profile = self.env["contact.profile"].sudo().with_context(active_test=False)
        for stage, count in Profile._read_group(
            [("journey_stage_id", "in", self.ids)], ["journey_stage_id"], ["__count"]
        ):
            raise UserError(
                self.env._(
                    "There are %(count)s people in “%(name)s”: move them to another "
                    "stage first.",
                    count=count,
                    name=stage.name,
                )
            )

    # ------------------------------------------------------------
    # Where people start
    # ------------------------------------------------------------

    @api.model
    def _get_start(self):
        return self.search([("is_start", "=", True)], limit=1)

    @api.model
    def _start_people(self):
        """Whoever is in no stage is in the one where people start: that is no move.

        Also everybody to come. As the column's default, because profiles are made by
        SQL, for a million contacts at a time, by a room that knows no journey.
        """
        self.env.flush_all()
        start = self.sudo()._get_start()
        Profile = self.env["contact.profile"]
        now = SQL("now() AT TIME ZONE 'UTC'")
        defaults = (start.id, now) if start else (SQL("NULL"), SQL("NULL"))
        self.env.cr.execute(
            SQL(
                "ALTER TABLE contact_profile"
                " ALTER COLUMN journey_stage_id SET DEFAULT %s,"
                " ALTER COLUMN journey_stage_date SET DEFAULT (%s)",
                *defaults,
            )
        )
        if start:
            self.env.cr.execute(
                SQL(
                    "UPDATE contact_profile SET journey_stage_id = %s,"
                    " journey_stage_date = COALESCE(create_date, %s)"
                    " WHERE journey_stage_id IS NULL",
                    start.id,
                    now,
                )
            )
            Profile.invalidate_model(["journey_stage_id", "journey_stage_date"])

    # ------------------------------------------------------------
    # Order
    # ------------------------------------------------------------

    def _get_place(self):
        """Where in the order: the greater, the further. No stage comes before all."""
        if not self:
            return (float("-inf"), 0)
        self.ensure_one()
        return (self.sequence, self.id)

    @api.model
    def _sql_places(self):
        """Rows of all stages, the archived too, with their place in the order.

        SQL: the journey is decided for thousands of people in one statement.
        """
        self.flush_model()
        return SQL(
            "SELECT id, active, kind, is_way_back, is_detour,"
            " row_number() OVER (ORDER BY sequence, id) AS place"
            " FROM contact_journey_stage"
        )
