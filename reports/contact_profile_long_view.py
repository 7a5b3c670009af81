import operator

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.mass_mailing_contact_strategy.models.domain_paths import (
    passes_through,
)

from .seen import sql_counted

COMPARE = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
SECONDS_OF_A_DAY, DAYS_OF_A_YEAR = 86400, 365.25
VALUES = {
    # field: what it is, of the row of a person in the long view
    "touch_total": SQL("total"),
    "touch_year_mean": SQL(
        "round((total / GREATEST(extract(epoch FROM at - first) / %s, 1))::numeric, 1)"
        "::float",
        SECONDS_OF_A_DAY * DAYS_OF_A_YEAR,
    ),
    "longest_silence": SQL(
        "floor(extract(epoch FROM GREATEST(gap, at - last)) / %s)", SECONDS_OF_A_DAY
    ),
    "unanswered_years": SQL(
        "round((extract(epoch FROM at - GREATEST(answer, first)) / %s)::numeric, 1)"
        "::float",
        SECONDS_OF_A_DAY * DAYS_OF_A_YEAR,
    ),
}
"""Without a message there is no row: then all of them are 0. Rounded as they are
shown, so that whoever looks for what is shown finds it."""
HIDDEN = {*VALUES, "has_answered", "quiet_days"}
"""What tells of messages, and is hidden between business units as they are."""


class ContactProfile(models.Model):
    """The long view: years of messages to a person, and what came back.

    Counted is what used up allowance, also what was folded into years, of the business
    units in use. A silence is the time between two messages, or since the last one.
    """

    _inherit = "contact.profile"

    touch_total = fields.Integer(
        string="Messages Ever",
        compute="_compute_long_view",
        search=lambda self, op, value: self._search_long_view("touch_total", op, value),
    )
    touch_year_mean = fields.Float(
        string="Messages per Year",
        digits=(16, 1),
        compute="_compute_long_view",
        search=lambda self, op, value: self._search_long_view(
            "touch_year_mean", op, value
        ),
        help="Since the first message; in the first year, so far.",
    )
    longest_silence = fields.Integer(
        string="Longest Silence (Days)",
        compute="_compute_long_view",
        search=lambda self, op, value: self._search_long_view(
            "longest_silence", op, value
        ),
        help="The longest time in which we did not write, until today.",
    )
    unanswered_years = fields.Float(
        string="Years Without an Answer",
        digits=(16, 1),
        compute="_compute_long_view",
        search=lambda self, op, value: self._search_long_view(
            "unanswered_years", op, value
        ),
        help="Since the person last answered, or else since the first message. What "
        "counts as an answer is a setting.",
    )
    has_answered = fields.Boolean(
        string="Has Ever Answered",
        compute="_compute_long_view",
        search="_search_has_answered",
    )

    @api.model
    def _asks_hidden(self, domain):
        """The long view tells what was sent."""
        return super()._asks_hidden(domain) or passes_through(
            domain, self, lambda _model, name: name in HIDDEN
        )

    @api.depends("touch_ids.date", "touch_ids.state", "touch_ids.counts")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_long_view(self):
        """One statement for all of them."""
        columns = SQL(", ").join(VALUES.values())
        rows = self.env.execute_query(
            SQL(
                "SELECT profile_id, %s, answer IS NOT NULL FROM (%s) seen",
                columns,
                self._sql_long_view(SQL("= ANY(%s)", self._origin.ids)),
            )
        )
        found = {row[0]: row[1:] for row in rows}
        nothing = (0,) * len(VALUES) + (False,)
        for profile in self:
            values = found.get(profile._origin.id, nothing)
            for name, value in zip([*VALUES, "has_answered"], values, strict=True):
                profile[name] = value

    def _search_long_view(self, name, comparison, value):
        """The same numbers, asked by the database of everybody at once."""
        try:
            if comparison == "in":
                numbers = [float(number or 0) for number in value]
                test = SQL("%s = ANY(%s)", VALUES[name], numbers)
                fits_zero = 0 in numbers
            elif comparison in COMPARE:
                number = float(value or 0)
                test = SQL("%s %s %s", VALUES[name], SQL(comparison), number)
                fits_zero = COMPARE[comparison](0, number)
            else:
                return NotImplemented
        except (TypeError, ValueError, OverflowError) as error:
            raise UserError(
                self.env._("“%s” is compared with a number.", self._fields[name].string)
            ) from error
        # Who never got a message has no row: then the others are asked for.
        wanted = SQL("(%s) IS NOT TRUE" if fits_zero else "%s", test)
        return self._long_view_domain(wanted, "not in" if fits_zero else "in")

    def _search_has_answered(self, comparison, _value):
        """Who answered at least once. Who was never asked did not."""
        if comparison != "in":
            return NotImplemented
        return self._long_view_domain(SQL("answer IS NOT NULL"), "in")

    @api.model
    def _long_view_domain(self, test, comparison):
        """Whose row in the long view fits, or does not."""
        people = SQL(
            "(SELECT profile_id FROM (%s) seen WHERE %s)", self._sql_long_view(), test
        )
        return Domain("id", comparison, people)

    @api.model
    def _sql_long_view(self, whose=None):
        """Rows of people: how many messages, first and last, the longest gap between
        two, and the latest answer.

        SQL, as each message is compared with the one before it.

        :param SQL whose: a comparison for ids of people (default: everybody)
        """
        self._flush_touches()
        only = SQL("AND profile_id %s", whose) if whose else SQL()
        return SQL(
            """
            SELECT told.*, answer.answer, %(now)s AS at
              FROM (
                    SELECT profile_id, count(*) AS total, min(date) AS first,
                           max(date) AS last, max(gap) AS gap
                      FROM (
                            SELECT profile_id, date, date - lag(date) OVER (
                                       PARTITION BY profile_id ORDER BY date
                                   ) AS gap
                              FROM (%(dates)s) sent
                           ) sent
                     GROUP BY profile_id
                   ) told
         LEFT JOIN (%(answers)s) answer ON answer.profile_id = told.profile_id
            """,
            now=fields.Datetime.now(),
            dates=self._sql_dates(only),
            answers=self._sql_last_answers(only),
        )

    @api.model
    def _sql_dates(self, only):
        """When was each person written to? Single messages, and those of years."""
        return SQL(
            """
            SELECT profile_id, date FROM contact_touch touch WHERE %(counted)s %(only)s
         UNION ALL
            SELECT profile_id, folded.date
              FROM contact_touch_year year
        CROSS JOIN unnest(year.counted_dates) AS folded (date)
             WHERE %(mine)s %(only)s
            """,
            counted=sql_counted(self.env, "touch"),
            mine=self._sql_of_my_units("year"),
            only=only,
        )

    @api.model
    def _sql_last_answers(self, only):
        """When did each person answer last?"""
        Touch = self.env["contact.touch"]
        return SQL(
            """
            SELECT profile_id, max(answer) AS answer
              FROM (
                    SELECT profile_id, %(moment)s AS answer
                      FROM contact_touch touch
                     WHERE %(positive)s AND %(mine)s %(only)s
                 UNION ALL
                    SELECT profile_id, %(folded)s
                      FROM contact_touch_year year
                     WHERE %(mine_year)s %(only)s
                   ) answered
             GROUP BY profile_id
            """,
            moment=Touch._positive_response_date("touch"),
            positive=Touch._positive_response("touch"),
            folded=Touch._positive_response_of_year("year"),
            mine=self._sql_of_my_units("touch"),
            mine_year=self._sql_of_my_units("year"),
            only=only,
        )

    @api.model
    def _sql_of_my_units(self, alias):
        """Of the business units in use, or of none: see ``sql_counted``."""
        unit = SQL.identifier(alias, "company_id")
        return SQL("(%s IS NULL OR %s = ANY(%s))", unit, unit, self.env.companies.ids)
