"""Counting, as SQL: one look at each person's part of the ledger for all rules."""

from odoo.tools import SQL

from .engine_ledger import LEDGER
from .engine_shared import SHARED, everybody, mates

COUNTED = SQL("t.counts AND t.state IN ('reserved', 'sent')")
OWN = {"person": "profile_id", "inbox": "address"}
"""Columns of the ledger by which a person's own part of it is found."""
KEYS = (*OWN, *SHARED)
COUNT_EACH = """
    CROSS JOIN LATERAL (
        SELECT %(columns)s
          FROM %(ledger)s t
         WHERE t.%(column)s = person.%(column)s AND %(counted)s
           AND t.date >= LEAST(%(lowers)s) AND t.date < GREATEST(%(uppers)s)
    ) AS %(alias)s
"""
COUNT_AT_ONCE = """
    LEFT JOIN (
        SELECT t.%(column)s, %(columns)s
          FROM %(ledger)s t
         WHERE %(counted)s
           AND t.date >= LEAST(%(lowers)s) AND t.date < GREATEST(%(uppers)s)
         GROUP BY 1
    ) AS %(alias)s ON %(alias)s.%(column)s = person.%(column)s
"""
# The windows of each person, where clocks matter
COUNT_BY_CLOCK = """
    LEFT JOIN (
        SELECT who.res_id, %(columns)s
          FROM person who %(zones)s
          JOIN %(ledger)s t ON t.%(column)s = who.%(column)s
         WHERE %(counted)s AND t.date >= %(first)s AND t.date < %(last)s
         GROUP BY 1
    ) AS %(alias)s ON %(alias)s.res_id = person.res_id
"""
COUNT_SHARED_AT_ONCE = """
    LEFT JOIN (
        SELECT mate.shared, %(columns)s
          FROM (%(everybody)s) mate
          JOIN %(ledger)s t ON t.profile_id = mate.id
         WHERE %(counted)s
           AND t.date >= LEAST(%(lowers)s) AND t.date < GREATEST(%(uppers)s)
         GROUP BY 1
    ) AS %(alias)s ON %(alias)s.shared = %(shared)s
"""
COUNT_SHARED = """
    LEFT JOIN (
        SELECT who.shared, who.tz, who.lang, counts.*
          FROM (SELECT DISTINCT %(shared)s AS shared, %(clock)s FROM person) who
          %(zones)s
         CROSS JOIN LATERAL (
            SELECT %(columns)s
              FROM (%(mates)s) mate
              JOIN %(ledger)s t ON t.profile_id = mate.id
             WHERE %(counted)s
               AND t.date >= LEAST(%(lowers)s) AND t.date < GREATEST(%(uppers)s)
         ) counts
    ) AS %(alias)s
       ON %(alias)s.shared = %(shared)s %(same_clock)s
"""
# Who of those together was written to, or will be
OTHERS = """
    (SELECT count(*) FROM (SELECT unnest(%s) AS id UNION SELECT unnest(%s)) mate
      WHERE mate.id <> person.profile_id)
"""


class Counts:
    """The counts that a plan needs, as columns to join to ``person``.

    :param Times times: of the plan
    :param bool at_once: count for everybody in the ledger first: faster for a large
        part of them. Only where the windows of people who belong together differ by
        their clocks are they looked at one by one.
    :param SQL ledger: what to count in
    :param rates: function of the alias of a touch and the id of a currency, giving what
        its cost is to be multiplied by
    :param Ahead ahead: what goes first is counted, too
    """

    def __init__(self, times, at_once=False, rates=None, ledger=LEDGER, ahead=None):
        self._times = times
        self.at_once = at_once
        self._rates = rates
        self._ledger = ledger
        self._ahead = ahead
        self._numbers = {part: place for place, part in enumerate(times.bounds)}

    @property
    def now(self):
        """The moment decided for (naive UTC)."""
        return self._times.now

    def value(self, counted):
        """The number, as SQL."""
        column = self.column(counted)
        number = SQL("COALESCE(%s, 0)", column)
        if counted.measure != "people":
            if not self._ahead:
                return number
            return SQL("(%s + COALESCE(%s, 0))", number, self._ahead.column(counted))
        if self._ahead:
            return SQL(OTHERS, column, self._ahead.column(counted))
        own = counted._replace(count_per="person", measure="touches")
        return SQL("(%s - (%s > 0)::int)", number, self.value(own))

    def column(self, counted):
        """The number of what is in the ledger; if more goes first, of people their
        ids."""
        return SQL.identifier(f"per_{counted.count_per}", self._name("count", counted))

    def joins(self):
        """All that ``value`` and ``is_quiet`` ask for."""
        joins = [self._join_zones(SQL("person")), *(self._join(key) for key in KEYS)]
        if self._ahead:
            joins.append(self._ahead.joins())
        return SQL(" ").join(joins)

    def is_quiet(self, number):
        """Is it quiet for the person, says the question with this number?"""
        return SQL("%s", SQL.identifier("zone", f"quiet_{number}"))

    def _name(self, kind, counted):
        return f"{kind}_{self._numbers[counted]}"

    # ------------------------------------------------------------
    # Clocks
    # ------------------------------------------------------------

    def _calendar(self):
        """Parts of the ledger whose bounds differ by the people's clocks."""
        return [p for p, by_clock in self._times.bounds.items() if None not in by_clock]

    def _join_zones(self, alias):
        """What differs by the people's clocks."""
        times, calendar = self._times, self._calendar()
        # What is not known is an empty text, so that clocks can be found by a hash.
        # Each is there; a left join tells the planner that nobody gets lost here: else
        # it takes the people for few, and asks about their households one by one.
        clocks = {
            (tz or "", lang or ""): (tz, lang)
            for by_clock in (
                *(times.bounds[part] for part in calendar),
                *times.quiet.values(),
            )
            for tz, lang in sorted(by_clock, key=str)
        }
        if not clocks:
            return SQL()
        names = [
            name
            for part in calendar
            for name in (self._name("lower", part), self._name("upper", part))
        ] + [f"quiet_{number}" for number in times.quiet]
        return SQL(
            """
            LEFT JOIN (VALUES %(rows)s) AS zone (tz, lang %(names)s)
              ON zone.tz = COALESCE(%(alias)s.tz, '')
             AND zone.lang = COALESCE(%(alias)s.lang, '')
            """,
            rows=SQL(", ").join(
                self._zone_row(key, clock, calendar) for key, clock in clocks.items()
            ),
            names=SQL().join(SQL(", %s", SQL.identifier(name)) for name in names),
            alias=alias,
        )

    def _zone_row(self, key, clock, calendar):
        times = self._times
        bounds = [
            SQL(", %s::timestamp, %s::timestamp", *times.bounds[part][clock])
            for part in calendar
        ]
        quiet = [
            SQL(", %s", by_clock[clock] != times.now)
            for by_clock in times.quiet.values()
        ]
        return SQL("(%s::varchar, %s::varchar %s)", *key, SQL().join(bounds + quiet))

    # ------------------------------------------------------------
    # The ledger
    # ------------------------------------------------------------

    def _bounds(self, part):
        """Lower and upper bound of a window, as SQL."""
        by_clock = self._times.bounds[part]
        if None in by_clock:
            lower, upper = by_clock[None]
            return SQL("%s::timestamp", lower), SQL("%s::timestamp", upper)
        return (
            SQL.identifier("zone", self._name("lower", part)),
            SQL.identifier("zone", self._name("upper", part)),
        )

    def _join(self, key):
        """One look at the ledger per person (inbox, company), for all rules."""
        parts = [part for part in self._times.bounds if part.count_per == key]
        if not parts:
            return SQL()
        lowers, uppers = zip(*(self._bounds(part) for part in parts), strict=True)
        terms = {
            "columns": SQL(", ").join(self._column(part) for part in parts),
            "ledger": self._ledger,
            "counted": COUNTED,
            "lowers": SQL(", ").join(lowers),
            "uppers": SQL(", ").join(uppers),
            "alias": SQL.identifier(f"per_{key}"),
        }
        is_calendar = any(part in self._calendar() for part in parts)
        if key in SHARED:
            return self._join_shared(key, is_calendar, terms)
        terms["column"] = SQL.identifier(OWN[key])
        if self.at_once and is_calendar:
            first, last = self._range(parts)
            zones = self._join_zones(SQL("who"))
            return SQL(COUNT_BY_CLOCK, zones=zones, first=first, last=last, **terms)
        return SQL(COUNT_AT_ONCE if self.at_once else COUNT_EACH, **terms)

    def _range(self, parts):
        """(first, last) moment of these windows, whatever the clock."""
        bounds = [pair for part in parts for pair in self._times.bounds[part].values()]
        lowers, uppers = zip(*bounds, strict=True)
        return min(lowers), max(uppers)

    def _join_shared(self, key, is_calendar, terms):
        shared = SQL.identifier("person", f"shared_{key}")
        if self.at_once and not is_calendar:
            return SQL(
                COUNT_SHARED_AT_ONCE, everybody=everybody(key), shared=shared, **terms
            )
        clock, zones, same_clock = SQL("NULL AS tz, NULL AS lang"), SQL(), SQL()
        if is_calendar:
            clock, zones = SQL("tz, lang"), self._join_zones(SQL("who"))
            same_clock = SQL(
                "AND %(alias)s.tz IS NOT DISTINCT FROM person.tz"
                " AND %(alias)s.lang IS NOT DISTINCT FROM person.lang",
                alias=terms["alias"],
            )
        return SQL(
            COUNT_SHARED,
            shared=shared,
            clock=clock,
            zones=zones,
            same_clock=same_clock,
            mates=mates(key, SQL("who.shared")),
            **terms,
        )

    def _column(self, part):
        lower, upper = self._bounds(part)
        return SQL(
            "%s FILTER (WHERE t.date >= %s AND t.date < %s %s) AS %s",
            self._measure(part),
            lower,
            upper,
            same_kind(part),
            SQL.identifier(self._name("count", part)),
        )

    def _measure(self, part):
        if part.measure == "people":
            ids = "array_agg(DISTINCT t.profile_id)"
            return SQL(ids if self._ahead else "count(DISTINCT t.profile_id)")
        if part.measure == "cost":
            return SQL("sum(t.cost * %s)", self._rates("t", part.currency_id))
        return SQL("count(*)")


def same_kind(part):
    """Only touches of these channels, business units, and categories or campaigns."""
    terms = []
    if part.channel_ids:
        terms.append(SQL("t.channel_id IN %s", tuple(sorted(part.channel_ids))))
    if part.company_ids:
        terms.append(of_units(part.company_ids))
    kinds = []
    if part.category_ids:
        kinds.append(SQL("t.category_id IN %s", tuple(sorted(part.category_ids))))
    if part.campaign_ids:
        kinds.append(_of_campaigns(part.campaign_ids))
    if kinds:
        terms.append(SQL("(%s)", SQL(" OR ").join(kinds)))
    return SQL().join(SQL(" AND %s", term) for term in terms)


def _of_campaigns(campaign_ids):
    return SQL(
        "t.mailing_id IN (SELECT id FROM mailing_mailing WHERE campaign_id IN %s)",
        tuple(sorted(campaign_ids)),
    )


def of_units(company_ids):
    """Is the touch ``t`` of one of these business units?"""
    return SQL("t.company_id IN %s", tuple(sorted(company_ids)))
