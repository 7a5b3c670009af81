-- Best for a small part of all people: look each of them up in the index.
-- One bit per rule that refuses: loyal, everybody, month, any channel, gap.
SELECT c.res_id, p.id AS profile_id, {columns}
       CASE WHEN p.tz = 'Europe/Lisbon' AND t.e7 >= 4 THEN 1 ELSE 0 END
       + CASE WHEN p.tz IS DISTINCT FROM 'Europe/Lisbon' AND t.e7 >= 2 THEN 2 ELSE 0 END
       + CASE WHEN t.e30 >= 6 THEN 4 ELSE 0 END
       + CASE WHEN t.x7 >= 3 THEN 8 ELSE 0 END
       + CASE WHEN t.x24 >= 1 THEN 16 ELSE 0 END AS refused
  FROM bench.candidate c
  JOIN contact_profile p ON p.partner_id = c.res_id
 CROSS JOIN LATERAL (
       SELECT count(*) FILTER (WHERE channel_id = %(email)s
                                 AND date > %(now)s - interval '7 days') AS e7,
              count(*) FILTER (WHERE channel_id = %(email)s) AS e30,
              count(*) FILTER (WHERE date > %(now)s - interval '7 days') AS x7,
              count(*) FILTER (WHERE date > %(now)s - interval '24 hours') AS x24
         FROM contact_touch
        WHERE profile_id = p.id AND date > %(now)s - interval '30 days' AND counts
          AND state IN ('reserved', 'sent')) t
