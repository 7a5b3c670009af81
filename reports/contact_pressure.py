from datetime import date, timedelta

from odoo import api, fields, models
from odoo.exceptions import MissingError
from odoo.fields import Domain
from odoo.tools import SQL

from .seen import DOSES, sql_counted, sql_dose

FIRST_WEEK = date(2000, 1, 3)
"""A Monday: weeks are numbered from it."""
KEYS, WEEKS = 2**14, 2**12
SCOPES = {
    # scope: the column of a touch that tells its rows apart
    "all": None,
    "channel": "channel_id",
    "unit": "company_id",
}
ROW = """
    SELECT (%(profile)s::bigint * %(weeks)s
            + (week.start::date - %(first)s) / 7) * %(keys)s
           + COALESCE(%(key)s, 0) * 3 + %(code)s AS id,
           week.start::date AS week, %(profile)s AS profile_id,
"""


class ContactPressure(models.Model):
    """How many people got how many touches in a week: not the mean, the distribution.

    A row for each person and week (Monday to Sunday, UTC). There are three scopes:
    touches of all channels together, of each channel, of each business unit. Rows of
    one scope are never mixed with those of another: where nothing is said, all
    channels are counted together. Without touches in a week there is a row in that
    scope, too, for everybody who was known by then.

    Nothing is stored. The database takes from the ledger the weeks asked for, by the
    index on dates, and no others.
    """

    _name = "contact.pressure"
    _inherit = ["contact.of.person.mixin"]
    _description = "Touches per Person and Week"
    _auto = False
    _order = "week DESC, id"
    _rec_name = "profile_id"
    _depends = {
        "contact.touch": [
            *("channel_id", "company_id", "counts", "date", "profile_id", "state"),
        ],
        "contact.profile": ["active", "company_id", "is_seed"],
    }

    profile_id = fields.Many2one("contact.profile", string="Who", readonly=True)
    week = fields.Date(readonly=True, help="Its Monday, in UTC.")
    scope = fields.Selection(
        [
            ("all", "All Channels Together"),
            ("channel", "Each Channel"),
            ("unit", "Each Business Unit"),
        ],
        readonly=True,
    )
    channel_id = fields.Many2one("contact.channel", readonly=True)
    company_id = fields.Many2one("res.company", string="Business Unit", readonly=True)
    touches = fields.Selection(DOSES, string="Touches in the Week", readonly=True)
    touch_count = fields.Integer(string="Touches", readonly=True)
    people_count = fields.Integer(
        string="People", readonly=True, help="Each person once for each week."
    )

    @property
    def _table_query(self):
        """SQL: a count of counts. The weeks come first, so that a condition on them
        decides which touches are read at all."""
        return SQL(" UNION ALL ").join(
            [*(self._sql_scope(scope) for scope in SCOPES), self._sql_none()]
        )

    def _sql_scope(self, scope):
        """Rows of those who got something, in one scope."""
        column = SCOPES[scope]
        key = SQL.identifier(column) if column else SQL("NULL::integer")
        return SQL(
            """
            %(row)s %(channel)s AS channel_id, %(company)s AS company_id,
                   %(scope)s AS scope, %(dose)s AS touches,
                   person.touches AS touch_count, 1 AS people_count
              FROM %(weeks)s
        CROSS JOIN LATERAL (
                    SELECT touch.profile_id, %(key)s AS key, count(*)::int AS touches
                      FROM contact_touch touch
                     WHERE touch.date >= week.start
                       AND touch.date < week.start + interval '7 days'
                       AND %(counted)s
                     GROUP BY 1, 2
                   ) person
            """,
            row=self._sql_row(SQL("person.profile_id"), SQL("person.key"), scope),
            channel=SQL("person.key" if scope == "channel" else "NULL::integer"),
            company=SQL("person.key" if scope == "unit" else "NULL::integer"),
            scope=SQL("'all'::text" if not column else f"'{scope}'::text"),
            dose=sql_dose(SQL("person.touches")),
            weeks=self._sql_weeks(),
            key=key,
            counted=sql_counted(self.env, "touch"),
        )

    def _sql_none(self):
        """Rows of those who got nothing, of all channels together."""
        return SQL(
            """
            %(row)s NULL::integer AS channel_id, NULL::integer AS company_id,
                   'all'::text AS scope, '0'::text AS touches,
                   0 AS touch_count, 1 AS people_count
              FROM %(weeks)s
              JOIN contact_profile profile
                ON profile.active AND profile.is_seed IS NOT TRUE
               AND profile.create_date < week.start + interval '7 days'
             WHERE NOT EXISTS (
                    SELECT FROM contact_touch touch
                     WHERE touch.profile_id = profile.id
                       AND touch.date >= week.start
                       AND touch.date < week.start + interval '7 days'
                       AND %(counted)s)
            """,
            row=self._sql_row(SQL("profile.id"), SQL("NULL::integer"), "all"),
            weeks=self._sql_weeks(),
            counted=sql_counted(self.env, "touch"),
        )

    def _sql_row(self, profile, key, scope):
        """The first columns. The id says who and when, so that a row is found again
        without counting all weeks."""
        return SQL(
            ROW,
            profile=profile,
            weeks=WEEKS,
            first=FIRST_WEEK,
            keys=KEYS,
            key=key,
            code=list(SCOPES).index(scope),
        )

    def _sql_weeks(self):
        """Every week from the first touch on."""
        return SQL(
            "generate_series((SELECT date_trunc('week', min(date)) FROM contact_touch),"
            " %s, interval '7 days') AS week (start)",
            fields.Datetime.now(),
        )

    @api.model
    def _search(self, domain, *args, **kwargs):
        """One scope at a time, and for known rows no week but theirs."""
        domain = Domain(domain)
        asked = list(domain.iter_conditions())
        by_id = [one for one in asked if one.field_expr == "id"]
        if not any(one.field_expr == "scope" for one in asked) and not by_id:
            domain &= Domain("scope", "=", "all")
        if len(asked) == 1 and by_id and by_id[0].operator == "in":
            ids = [one for one in by_id[0].value if isinstance(one, int)]
            domain &= Domain("week", "in", {_week(row_id) for row_id in ids})
            domain &= Domain("profile_id", "in", {_profile(row_id) for row_id in ids})
        return super()._search(domain, *args, **kwargs)

    def action_open_person(self):
        """The person's page.

        :return: action of the form of the profile
        :raise MissingError: there is no such row
        """
        self.check_access("read")
        self.ensure_one()
        if not isinstance(self.id, int):
            raise MissingError(self.env._("There is no such row."))
        return {
            "type": "ir.actions.act_window",
            "res_model": "contact.profile",
            "res_id": _profile(self.id),
            "views": [(False, "form")],
        }


def _profile(row_id):
    return row_id // (KEYS * WEEKS)


def _week(row_id):
    return FIRST_WEEK + timedelta(weeks=row_id // KEYS % WEEKS)
