"""Which touches used the allowance up, as SQL: one statement for all who were refused,
since the ORM would ask for each of them."""

from odoo.tools import SQL

from .engine_sql import COUNTED, KEYS, int_array


def usage(key, asked, specs):
    """Which touches used the allowance up, for the refused only.

    :param str key: ``person`` or ``inbox``
    :param list asked: (position, profile id or address, rule id, lower, upper)
    :param list specs: the RuleSpecs among them
    :return: SQL giving (position, rule id, touch ids newest first, date of the oldest):
        as many touches as the rule allows, so that once the oldest of them is free the
        next message fits
    """
    rules = SQL(", ").join(
        SQL(
            "(%s, %s, %s::int[], %s::int[])",
            spec.rule_id,
            spec.maximum,
            sorted(spec.channel_ids) or None,
            sorted(spec.category_ids) or None,
        )
        for spec in specs
    )
    positions, keys, rule_ids, lowers, uppers = map(list, zip(*asked, strict=True))
    return SQL(
        """
        SELECT q.pos, q.rule_id, d.touch_ids, d.oldest
          FROM unnest(%(positions)s, %(keys)s, %(rule_ids)s,
                      %(lowers)s::timestamp[], %(uppers)s::timestamp[])
               AS q (pos, key, rule_id, lower, upper)
          JOIN (VALUES %(rules)s) AS r (id, maximum, channels, categories)
            ON r.id = q.rule_id
         CROSS JOIN LATERAL (
               SELECT array_agg(x.id ORDER BY x.date DESC, x.id DESC) AS touch_ids,
                      min(x.date) AS oldest
                 FROM (SELECT t.id, t.date
                         FROM contact_touch t
                        WHERE t.%(column)s = q.key AND %(counted)s
                          AND t.date >= q.lower AND t.date < q.upper
                          AND (r.channels IS NULL OR t.channel_id = ANY(r.channels))
                          AND (r.categories IS NULL
                               OR t.category_id = ANY(r.categories))
                        ORDER BY t.date DESC, t.id DESC
                        LIMIT r.maximum) x) d
        """,
        positions=int_array(positions),
        keys=int_array(keys) if key == "person" else SQL("%s::varchar[]", keys),
        rule_ids=int_array(rule_ids),
        lowers=lowers,
        uppers=uppers,
        rules=rules,
        column=SQL.identifier(KEYS[key]),
        counted=COUNTED,
    )
