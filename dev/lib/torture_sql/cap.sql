-- Does one rule hold in every window? Nothing of the addon is used.
--
-- Take any window and the touch x in it that was decided last and had to obey: when it
-- was decided, all others of the window were there. So it is enough to look, for each
-- x, at windows around it that hold x and what was decided before x, about whoever was
-- the same person at that time (people are merged later). Each window ends at a touch.
WITH y AS (
    SELECT t.id, t.profile_id, t.address, t.date, t.mailing_id,
           d.id AS turn, d.profile_id AS person, d.decided_at,
           COALESCE(c.obeys_caps, TRUE) AND t.override_id IS NULL AS obeys
      FROM contact_touch t
      JOIN torture_decision d ON d.touch_id = t.id
      LEFT JOIN contact_category c ON c.id = t.category_id
     WHERE t.counts AND t.state IN ('reserved', 'sent')
       AND (cardinality(%(categories)s::int[]) = 0 OR t.category_id = ANY(%(categories)s::int[]))
       AND (cardinality(%(channels)s::int[]) = 0 OR t.channel_id = ANY(%(channels)s::int[]))
),
x AS (
    SELECT y.*, (
               -- the loosest number in force shortly before the decision: what binds is
               -- looked at once more under the lock, moments before it
               SELECT max(v.maximum)
                 FROM torture_rule_value v
                WHERE v.rule_id = %(rule)s AND v.said_at <= y.decided_at
                  AND NOT EXISTS (
                      SELECT FROM torture_rule_value w
                       WHERE w.rule_id = v.rule_id AND w.id > v.id
                         AND w.said_at <= y.decided_at - interval '5 seconds')
           ) AS maximum
      FROM y
     WHERE y.obeys AND y.address LIKE ANY(%(fits)s::text[])
       AND NOT y.address LIKE ANY(%(fits_earlier)s::text[])
),
known AS (
    SELECT x.id AS x_id, x.date AS x_date, x.maximum, y.id, y.date
      FROM x
      JOIN y ON y.turn <= x.turn AND {same}
)
SELECT ends.x_id, ends.date, count(*), ends.maximum, array_agg(inside.id)
  FROM known ends
  JOIN known inside ON inside.x_id = ends.x_id AND {inside}
 WHERE {around}
 GROUP BY ends.x_id, ends.id, ends.date, ends.maximum
HAVING count(*) > ends.maximum
 ORDER BY ends.x_id
