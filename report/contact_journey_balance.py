from odoo import fields, models
from odoo.tools import SQL

READ = {
    "contact.profile": [
        "active",
        "company_id",
        "is_seed",
        "journey_stage_date",
        "journey_stage_id",
    ],
    "contact.journey.move": [
        "date",
        "days",
        "from_stage_id",
        "is_merged",
        "profile_id",
        "stage_id",
    ],
}
"""Fields that reports of the journey read."""
COUNTED = SQL("profile.active AND profile.is_seed IS NOT TRUE")
STARTS = SQL(
    """
    SELECT DISTINCT ON (profile_id)
           profile_id, from_stage_id, stage_id, date,
           date - days * interval '1 day' AS began
      FROM contact_journey_move
     WHERE is_merged IS NOT TRUE
     ORDER BY profile_id, date, id
    """
)
"""Rows of the first move of each person, and when the journey began."""


class ContactJourneyBalance(models.Model):
    """How many people were in a stage on a day, how many came and how many went.

    A row for each day from the first move on (days are those of UTC), also for days on
    which nothing happened: so the mean of a month is the mean over its days. Moves of
    duplicates that were merged are left out, as are test addresses.

    People of the business units that the user has chosen, in one number: units side by
    side would make a mean of units where the mean of days is meant.
    """

    _name = "contact.journey.balance"
    _description = "People in Stages by Day"
    _auto = False
    _order = "date DESC, stage_id"
    _rec_name = "stage_id"
    _depends = READ

    date = fields.Date(readonly=True)
    stage_id = fields.Many2one("contact.journey.stage", readonly=True)
    in_count = fields.Integer(string="Came", readonly=True)
    out_count = fields.Integer(string="Went", readonly=True)
    balance = fields.Float(
        string="People",
        digits=(16, 1),
        readonly=True,
        aggregator="avg",
        help="In the stage at the end of the day.",
    )

    @property
    def _table_query(self):
        """SQL, as there is a row for days on which nobody moved."""
        return SQL(
            """
              WITH flow AS (
                    SELECT date::date AS date, stage_id,
                           sum(came) AS came, sum(went) AS went
                      FROM (%(events)s) event
                     WHERE stage_id IS NOT NULL
                     GROUP BY 1, 2
                   ),
                   lane AS (
                    SELECT stage_id, min(date) AS first FROM flow GROUP BY 1
                   )
            SELECT row_number() OVER (ORDER BY day, lane.stage_id) AS id,
                   day::date AS date, lane.stage_id,
                   COALESCE(flow.came, 0)::int AS in_count,
                   COALESCE(flow.went, 0)::int AS out_count,
                   (sum(COALESCE(flow.came, 0) - COALESCE(flow.went, 0)) OVER (
                       PARTITION BY lane.stage_id ORDER BY day
                   ))::float AS balance
              FROM lane
              JOIN LATERAL generate_series(
                       lane.first, (now() AT TIME ZONE 'UTC')::date, interval '1 day'
                   ) AS day ON TRUE
         LEFT JOIN flow
                ON flow.date = day::date
               AND flow.stage_id = lane.stage_id
            """,
            events=self._sql_events(),
        )

    def _sql_events(self):
        """Rows (date, stage, came, went).

        Where people start, they come without a move: before their first one, or, where
        there is none, to where they are.
        """
        seen = SQL(
            "%s AND (profile.company_id IS NULL OR profile.company_id = ANY(%s))",
            COUNTED,
            self.env.companies.ids,
        )
        return SQL(
            """
            SELECT move.date, side.stage_id, side.came, side.went
              FROM contact_journey_move move
              JOIN contact_profile profile ON profile.id = move.profile_id
        CROSS JOIN LATERAL (
                     VALUES (move.stage_id, 1, 0), (move.from_stage_id, 0, 1)
                   ) AS side (stage_id, came, went)
             WHERE %(seen)s AND move.is_merged IS NOT TRUE
         UNION ALL
            SELECT start.began, start.from_stage_id, 1, 0
              FROM (%(starts)s) start
              JOIN contact_profile profile ON profile.id = start.profile_id
             WHERE %(seen)s
         UNION ALL
            SELECT profile.journey_stage_date, profile.journey_stage_id, 1, 0
              FROM contact_profile profile
             WHERE %(seen)s
               AND profile.journey_stage_date IS NOT NULL
               AND NOT EXISTS (
                       SELECT FROM contact_journey_move move
                        WHERE move.profile_id = profile.id
                          AND move.is_merged IS NOT TRUE)
            """,
            seen=seen,
            starts=STARTS,
        )
