from odoo import fields, models
from odoo.tools import SQL

from .contact_journey_balance import COUNTED, READ, STARTS


class ContactJourneyReach(models.Model):
    """Who came how far: a row for each person and each stage on the main way that the
    person has reached or passed.

    The mean of ``converted`` is the conversion of a stage; by month of the start it is
    a cohort.
    """

    _name = "contact.journey.reach"
    _description = "How Far People Came"
    _auto = False
    _order = "start_date DESC, id"
    _rec_name = "profile_id"
    _depends = {
        **READ,
        "contact.profile": [*READ["contact.profile"], "persona_id"],
        "contact.journey.stage": ["active", "is_detour", "sequence"],
    }

    profile_id = fields.Many2one("contact.profile", string="Who", readonly=True)
    company_id = fields.Many2one("res.company", string="Business Unit", readonly=True)
    persona_id = fields.Many2one("contact.persona", readonly=True)
    stage_id = fields.Many2one(
        "contact.journey.stage", string="Stage Reached", readonly=True
    )
    start_date = fields.Date(
        string="Journey Began", readonly=True, help="The first day in the first stage."
    )
    converted = fields.Float(
        string="Went On (%)",
        digits=(16, 1),
        readonly=True,
        aggregator="avg",
        help="Share of those who reached the stage and came to a later one.",
    )

    @property
    def _table_query(self):
        """SQL, as everybody has a row for each stage passed, too."""
        return SQL(
            """
              WITH stage AS (
                    SELECT id, row_number() OVER (ORDER BY sequence, id) AS place
                      FROM contact_journey_stage
                     WHERE active AND is_detour IS NOT TRUE
                   ),
                   person AS (
                    SELECT profile.id, profile.company_id, profile.persona_id,
                           COALESCE(start.began, profile.journey_stage_date)::date
                               AS start_date,
                           GREATEST(current.place, moved.place) AS place
                      FROM contact_profile profile
                 LEFT JOIN stage current ON current.id = profile.journey_stage_id
                 LEFT JOIN (%(starts)s) start ON start.profile_id = profile.id
                 LEFT JOIN (
                            SELECT move.profile_id,
                                   max(GREATEST(new.place, old.place)) AS place
                              FROM contact_journey_move move
                         LEFT JOIN stage new ON new.id = move.stage_id
                         LEFT JOIN stage old ON old.id = move.from_stage_id
                             WHERE move.is_merged IS NOT TRUE
                             GROUP BY move.profile_id
                           ) moved ON moved.profile_id = profile.id
                     WHERE %(counted)s
                   )
            SELECT person.id::bigint * 1000 + stage.place AS id,
                   person.id AS profile_id, person.company_id, person.persona_id,
                   stage.id AS stage_id, person.start_date,
                   CASE WHEN person.place > stage.place THEN 100.0 ELSE 0.0 END
                       AS converted
              FROM person
              JOIN stage ON stage.place <= person.place
            """,
            starts=STARTS,
            counted=COUNTED,
        )
