-- Best for a large part of all people: read the ledger once for everybody.
-- One bit per rule that refuses, in the order of ``bench_kinds.RULES``.
WITH zone AS MATERIALIZED (
    SELECT tz,
           extract(hour FROM %(now)s::timestamp AT TIME ZONE 'UTC' AT TIME ZONE tz)
               = %(quiet)s AS hushed,
           date_trunc('month', %(now)s::timestamp AT TIME ZONE 'UTC' AT TIME ZONE tz)
               AT TIME ZONE tz AT TIME ZONE 'UTC' AS month
      FROM unnest(%(zones)s) AS tz),
counted AS (
    SELECT mate.id AS profile_id, mate.commercial_partner_id, mate.home,
           count(*) FILTER (WHERE channel_id = %(email)s
                              AND date > %(now)s - interval '7 days') AS e7,
           count(*) FILTER (WHERE date > %(now)s - interval '7 days') AS x7,
           count(*) FILTER (WHERE channel_id = %(email)s
                              AND date > %(now)s - interval '10 days') AS e10,
           count(*) FILTER (WHERE channel_id = %(email)s
                              AND date > %(now)s - interval '21 days') AS e21,
           count(*) FILTER (WHERE date > %(now)s - interval '24 hours') AS x24,
           count(*) FILTER (WHERE channel_id = %(email)s AND date >= z.month) AS month,
           sum(cost) FILTER (WHERE date > %(now)s - interval '30 days') AS cost,
           count(*) FILTER (WHERE date > %(now)s - interval '3 days'
                              AND mailing_id = ANY(%(mailings)s)) AS apart
      FROM contact_touch
      JOIN contact_profile mate ON mate.id = contact_touch.profile_id
      JOIN zone z ON z.tz = mate.tz
     WHERE counts AND state IN ('reserved', 'sent')
       AND date > %(now)s - interval '32 days'
     GROUP BY mate.id),
inbox AS (
    SELECT address, count(*) AS touches
      FROM contact_touch
     WHERE counts AND state IN ('reserved', 'sent')
       AND date > %(now)s - interval '7 days'
     GROUP BY 1),
firm AS (
    SELECT commercial_partner_id AS id, count(*) AS people
      FROM counted WHERE x7 > 0 GROUP BY 1),
house AS (SELECT home, sum(x7) AS touches FROM counted GROUP BY 1),
answer AS (
    SELECT profile_id, max(COALESCE(clicked_date, date)) AS moment
      FROM contact_touch WHERE clicked GROUP BY 1),
silence AS (
    SELECT touch.profile_id, count(*) AS touches
      FROM contact_touch touch
      LEFT JOIN answer ON answer.profile_id = touch.profile_id
     WHERE touch.counts AND touch.state IN ('reserved', 'sent')
       AND (answer.moment IS NULL OR touch.date > answer.moment)
     GROUP BY 1)
SELECT c.res_id, p.id AS profile_id, {columns}
       CASE WHEN t.e7 >= CASE p.engagement_class
                         WHEN 'hot' THEN 4 WHEN 'warm' THEN 3 WHEN 'cold' THEN 2 ELSE 1 END
            THEN 1 ELSE 0 END
       + CASE WHEN t.x24 >= 1 THEN 2 ELSE 0 END
       + CASE WHEN t.month >= 8 THEN 4 ELSE 0 END
       + CASE WHEN inbox.touches >= 4 THEN 8 ELSE 0 END
       + CASE WHEN firm.people - CASE WHEN t.x7 > 0 THEN 1 ELSE 0 END >= 4
              THEN 16 ELSE 0 END
       + CASE WHEN house.touches >= 6 THEN 32 ELSE 0 END
       + CASE WHEN COALESCE(t.cost, 0) + %(cost)s > 2 THEN 64 ELSE 0 END
       + CASE WHEN z.hushed THEN 128 ELSE 0 END
       + CASE WHEN known.profile_id IS NOT NULL THEN 256 ELSE 0 END
       + CASE WHEN ('x' || substr(md5('holdout:' || p.id::text), 1, 8))::bit(32)::bigint
                   * 100 < 5 * 4294967296 THEN 512 ELSE 0 END
       + CASE WHEN silence.touches >= 60
                OR silence.touches >= 20 AND t.e21 >= 1
                OR silence.touches >= 10 AND silence.touches < 20 AND t.e10 >= 1
              THEN 1024 ELSE 0 END
       + CASE WHEN t.apart >= 1 THEN 2048 ELSE 0 END AS refused
  FROM bench.candidate c
  JOIN contact_profile p ON p.partner_id = c.res_id
  JOIN zone z ON z.tz = p.tz
  LEFT JOIN counted t ON t.profile_id = p.id
  LEFT JOIN inbox ON inbox.address = p.email_normalized
  LEFT JOIN firm ON firm.id = p.commercial_partner_id
  LEFT JOIN house ON house.home = p.home
  LEFT JOIN silence ON silence.profile_id = p.id
  LEFT JOIN (SELECT profile_id FROM contact_tag_assignment
              WHERE tag_id = %(tag)s AND active
                AND last_seen > %(now)s - interval '30 days'
              GROUP BY 1) known ON known.profile_id = p.id
