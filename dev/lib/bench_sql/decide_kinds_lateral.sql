-- Best for a small part of all people: look each of them up in the indexes.
-- One bit per rule that refuses, in the order of ``bench_kinds.RULES``.
WITH zone AS MATERIALIZED (
    SELECT tz,
           extract(hour FROM %(now)s::timestamp AT TIME ZONE 'UTC' AT TIME ZONE tz)
               = %(quiet)s AS hushed,
           date_trunc('month', %(now)s::timestamp AT TIME ZONE 'UTC' AT TIME ZONE tz)
               AT TIME ZONE tz AT TIME ZONE 'UTC' AS month
      FROM unnest(%(zones)s) AS tz)
SELECT c.res_id, p.id AS profile_id, {columns}
       CASE WHEN t.e7 >= CASE p.engagement_class
                         WHEN 'hot' THEN 4 WHEN 'warm' THEN 3 WHEN 'cold' THEN 2 ELSE 1 END
            THEN 1 ELSE 0 END
       + CASE WHEN t.x24 >= 1 THEN 2 ELSE 0 END
       + CASE WHEN t.month >= 8 THEN 4 ELSE 0 END
       + CASE WHEN inbox.touches >= 4 THEN 8 ELSE 0 END
       + CASE WHEN firm.people >= 4 THEN 16 ELSE 0 END
       + CASE WHEN house.touches >= 6 THEN 32 ELSE 0 END
       + CASE WHEN t.cost + %(cost)s > 2 THEN 64 ELSE 0 END
       + CASE WHEN z.hushed THEN 128 ELSE 0 END
       + CASE WHEN EXISTS (
                   SELECT FROM contact_tag_assignment known
                    WHERE known.profile_id = p.id AND known.tag_id = %(tag)s
                      AND known.active IS TRUE
                      AND known.last_seen > %(now)s - interval '30 days')
              THEN 256 ELSE 0 END
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
 CROSS JOIN LATERAL (
       SELECT count(*) FILTER (WHERE channel_id = %(email)s
                                 AND date > %(now)s - interval '7 days') AS e7,
              count(*) FILTER (WHERE channel_id = %(email)s
                                 AND date > %(now)s - interval '10 days') AS e10,
              count(*) FILTER (WHERE channel_id = %(email)s
                                 AND date > %(now)s - interval '21 days') AS e21,
              count(*) FILTER (WHERE date > %(now)s - interval '24 hours') AS x24,
              count(*) FILTER (WHERE channel_id = %(email)s
                                 AND date >= z.month) AS month,
              COALESCE(sum(cost) FILTER (WHERE date > %(now)s - interval '30 days'), 0)
                  AS cost,
              count(*) FILTER (WHERE date > %(now)s - interval '3 days'
                                 AND mailing_id = ANY(%(mailings)s)) AS apart
         FROM contact_touch
        WHERE profile_id = p.id AND counts AND state IN ('reserved', 'sent')
          AND date > LEAST(%(now)s - interval '30 days', z.month)) t
 CROSS JOIN LATERAL (
       SELECT count(*) AS touches
         FROM contact_touch
        WHERE address = p.email_normalized AND counts
          AND state IN ('reserved', 'sent') AND date > %(now)s - interval '7 days') inbox
 CROSS JOIN LATERAL (
       SELECT count(DISTINCT touch.profile_id) AS people
         FROM contact_profile mate
         JOIN contact_touch touch ON touch.profile_id = mate.id
        WHERE mate.commercial_partner_id = p.commercial_partner_id AND mate.id <> p.id
          AND touch.counts AND touch.state IN ('reserved', 'sent')
          AND touch.date > %(now)s - interval '7 days') firm
 CROSS JOIN LATERAL (
       SELECT count(*) AS touches
         FROM contact_profile mate
         JOIN contact_touch touch ON touch.profile_id = mate.id
        WHERE mate.home = p.home
          AND touch.counts AND touch.state IN ('reserved', 'sent')
          AND touch.date > %(now)s - interval '7 days') house
 CROSS JOIN LATERAL (
       SELECT count(*) AS touches
         FROM (SELECT max(COALESCE(clicked_date, date)) AS moment
                 FROM contact_touch
                WHERE profile_id = p.id AND clicked) answer
        CROSS JOIN LATERAL (
              SELECT FROM contact_touch touch
               WHERE touch.profile_id = p.id AND touch.counts
                 AND touch.state IN ('reserved', 'sent')
                 AND touch.date > COALESCE(answer.moment, '-infinity')
               LIMIT 60) unanswered) silence
