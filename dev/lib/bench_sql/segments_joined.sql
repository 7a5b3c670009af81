-- The people of the benchmark's segment, by hand: what happened is counted first, and
-- joined with people.
SELECT profile.id
  FROM contact_profile profile
  JOIN (SELECT profile_id
          FROM contact_touch
         WHERE opened
           AND date > %(moment)s - interval '180 days' AND date <= %(moment)s
         GROUP BY profile_id
        HAVING count(*) >= 2) busy ON busy.profile_id = profile.id
 WHERE profile.active
   AND profile.persona_id = ANY(%(personas)s)
   AND EXISTS (SELECT FROM contact_tag_assignment one
                WHERE one.profile_id = profile.id AND one.tag_id = %(first)s
                  AND one.active IS TRUE
                  AND (one.expires IS NULL OR one.expires > now() AT TIME ZONE 'UTC'))
   AND EXISTS (SELECT FROM contact_tag_assignment one
                WHERE one.profile_id = profile.id AND one.tag_id = %(second)s
                  AND one.active IS TRUE
                  AND (one.expires IS NULL OR one.expires > now() AT TIME ZONE 'UTC'))
   AND NOT EXISTS (SELECT FROM contact_tag_assignment one
                WHERE one.profile_id = profile.id AND one.tag_id = %(third)s
                  AND one.active IS TRUE
                  AND (one.expires IS NULL OR one.expires > now() AT TIME ZONE 'UTC'))
 ORDER BY profile.engagement_score DESC NULLS LAST, profile.id
 LIMIT %(limit)s
