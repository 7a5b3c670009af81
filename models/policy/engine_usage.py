"""Which touches used the allowance up, as SQL: one statement for all who were refused,
since the ORM would ask for each of them."""

from odoo.tools import SQL

from odoo.addons.mass_mailing_contact_strategy.models.sql_arrays import (
    int_array,
    text_array,
)

from .engine_counts import COUNTED, KEYS


def usage(key, asked, specs):
    """Which touches used the allowance up, for the refused only.

    :param str key: ``person`` or ``inbox``
    :param dict asked: {(rule id, lower, upper): [(record id, profile id or address)]}
    :param dict specs: {rule id: RuleSpec}
    :return: SQL giving (record id, rule id, touch ids newest first, date of the
        oldest): as many touches as the rule allows, so that once the oldest of them is
        free the next message fits
    """
    rows = [
        (res_id, who, number)
        for number, people in enumerate(asked.values())
        for res_id, who in people
    ]
    res_ids, keys, numbers = zip(*rows, strict=True)
    return SQL(
        """
        SELECT q.res_id, r.id, d.touch_ids, d.oldest
          FROM unnest(%(res_ids)s, %(keys)s, %(numbers)s) AS q (res_id, key, number)
          JOIN (VALUES %(windows)s)
               AS r (number, id, lower, upper, maximum, channels, categories)
         USING (number)
         CROSS JOIN LATERAL (%(newest)s) d
        """,
        res_ids=int_array(res_ids),
        keys=int_array(keys) if key == "person" else text_array(keys),
        numbers=int_array(numbers),
        windows=_windows(asked, specs),
        newest=_newest(SQL.identifier(KEYS[key])),
    )


def _windows(asked, specs):
    """The different windows, numbered, each with what its rule counts."""
    return SQL(", ").join(
        SQL(
            "(%s, %s, %s::timestamp, %s::timestamp, %s, %s::int[], %s::int[])",
            number,
            rule_id,
            lower,
            upper,
            specs[rule_id].maximum,
            sorted(specs[rule_id].channel_ids) or None,
            sorted(specs[rule_id].category_ids) or None,
        )
        for number, (rule_id, lower, upper) in enumerate(asked)
    )


def _newest(column):
    """As many of the newest touches as the rule allows."""
    return SQL(
        """
        SELECT array_agg(x.id ORDER BY x.date DESC, x.id DESC) AS touch_ids,
               min(x.date) AS oldest
          FROM (SELECT t.id, t.date
                  FROM contact_touch t
                 WHERE t.%(column)s = q.key AND %(counted)s
                   AND t.date >= r.lower AND t.date < r.upper
                   AND (r.channels IS NULL OR t.channel_id = ANY(r.channels))
                   AND (r.categories IS NULL OR t.category_id = ANY(r.categories))
                 ORDER BY t.date DESC, t.id DESC
                 LIMIT r.maximum) x
        """,
        column=column,
        counted=COUNTED,
    )
