import operator as operators
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .contact_touch import COUNTED_STATES

WINDOW = timedelta(days=7)
MANY = 7
"""Whoever got more than so many touches is counted with those who got so many."""
COMPARE = {
    "in": lambda count, value: count in value,
    "=": operators.eq,
    ">": operators.gt,
    ">=": operators.ge,
    "<": operators.lt,
    "<=": operators.le,
}


def _sql_counted(model, alias, _query):
    """As the indexes of the ledger say it: of the ORM's "counts IS TRUE" the database
    does not see that they hold it."""
    return SQL(
        "%s AND %s IN %s",
        SQL.identifier(alias, "counts", to_flush=model._fields["counts"]),
        SQL.identifier(alias, "state", to_flush=model._fields["state"]),
        COUNTED_STATES,
    )


class ContactProfile(models.Model):
    """How much people heard from us in the last seven days."""

    _inherit = "contact.profile"

    touch_week_count = fields.Integer(
        string="Touches in 7 Days",
        compute="_compute_touch_week_count",
        search="_search_touch_week_count",
    )

    @api.depends("touch_ids.date", "touch_ids.state", "touch_ids.counts")
    @api.depends_context("uid", "touch_channel_id")
    def _compute_touch_week_count(self):
        """What uses up allowance; on one channel where the context names one."""
        self.touch_week_count = 0
        groups = self.env["contact.touch"]._read_group(
            self._pressure_domain() & Domain("profile_id", "in", self.ids),
            ["profile_id"],
            ["__count"],
        )
        for profile, count in groups:
            profile.touch_week_count = count

    def _search_touch_week_count(self, operator, value):
        """SQL, because a domain cannot ask for how many there are of something."""
        if operator not in COMPARE:
            return NotImplemented
        try:
            numbers = [int(v) for v in (value if operator == "in" else [value])]
        except (TypeError, ValueError, OverflowError) as error:
            raise UserError(
                self.env._("Touches are compared with a number.")
            ) from error
        value = numbers if operator == "in" else numbers[0]
        # Whoever got none has no row: then the others are asked for.
        fits_zero = COMPARE[operator](0, value)
        query = self.env["contact.touch"]._search(self._pressure_domain())
        query.order = None
        query.groupby = SQL.identifier(query.table, "profile_id")
        condition = (
            SQL("count(*) = ANY(%s)", numbers)
            if operator == "in"
            else SQL("count(*) %s %s", SQL(operator), value)
        )
        query.having = SQL("NOT (%s)", condition) if fits_zero else condition
        people = query.select(SQL.identifier(query.table, "profile_id"))
        return Domain("id", "not in" if fits_zero else "in", SQL("(%s)", people))

    @api.model
    def _pressure_domain(self):
        """The touches of the last seven days that use up allowance.

        :rtype: Domain
        """
        domain = Domain.custom(to_sql=_sql_counted) & Domain(
            "date", ">=", fields.Datetime.now() - WINDOW
        )
        if channel_id := self.env.context.get("touch_channel_id"):
            domain &= Domain("channel_id", "=", channel_id)
        return domain

    @api.model
    def _get_overview_parts(self):
        """Add who heard how much."""
        return {
            **super()._get_overview_parts(),
            "pressure": self._overview_pressure,
        }

    @api.model
    def _overview_pressure(self):
        """People by the number of touches they got in the last seven days.

        SQL: a count of counts, on each channel and on all together, in one scan.

        :return: list of dict ``id`` and ``name`` of the channel (False: all together)
            and ``people``: how many got 1, 2, ... touches, the last: so many or more
        """
        Touch = self.env["contact.touch"]
        query = Touch._search(self._pressure_domain())
        query.order = None
        profile, channel = (
            Touch._field_to_sql(query.table, name, query)
            for name in ("profile_id", "channel_id")
        )
        query.groupby = SQL(
            "GROUPING SETS ((%(profile)s, %(channel)s), (%(profile)s))",
            profile=profile,
            channel=channel,
        )
        counted = query.select(
            SQL("%s AS channel_id", channel), SQL("count(*) AS touches")
        )
        rows = self.env.execute_query(
            SQL(
                "SELECT channel_id, LEAST(touches, %s), count(*) FROM (%s) counted"
                " GROUP BY 1, 2",
                MANY,
                counted,
            )
        )
        people = {}
        for channel_id, touches, count in rows:
            people.setdefault(channel_id, [0] * MANY)[touches - 1] = count
        return self._name_pressure(people)

    @api.model
    def _name_pressure(self, people):
        """One line for each channel, and one for all together if there are several.

        :param dict people: {channel id or None: numbers of people}
        """
        Channel = self.env["contact.channel"].with_context(active_test=False)
        lines = [
            {"id": channel.id, "name": channel.name, "people": people[channel.id]}
            for channel in Channel.search([("id", "in", list(filter(None, people)))])
        ]
        if len(lines) > 1:
            lines.append({"id": False, "name": False, "people": people[None]})
        return lines
