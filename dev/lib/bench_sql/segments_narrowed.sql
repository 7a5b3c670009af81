-- The people of the benchmark's segment, by hand: people are narrowed down first, and
-- of those who are left it is counted what happened.
WITH tagged AS MATERIALIZED (
    SELECT profile_id
      FROM contact_tag_assignment
     WHERE tag_id IN (%(first)s, %(second)s, %(third)s) AND active IS TRUE
       AND (expires IS NULL OR expires > now() AT TIME ZONE 'UTC')
     GROUP BY profile_id
    HAVING bool_or(tag_id = %(first)s) AND bool_or(tag_id = %(second)s)
       AND NOT bool_or(tag_id = %(third)s)),
left_over AS MATERIALIZED (
    SELECT profile.id, profile.engagement_score
      FROM contact_profile profile
      JOIN tagged ON tagged.profile_id = profile.id
     WHERE profile.active AND profile.persona_id = ANY(%(personas)s))
SELECT person.id
  FROM left_over person
 WHERE (SELECT count(*)
          FROM contact_touch touch
         WHERE touch.profile_id = person.id AND touch.opened
           AND touch.date > %(moment)s - interval '180 days'
           AND touch.date <= %(moment)s) >= 2
 ORDER BY person.engagement_score DESC NULLS LAST, person.id
 LIMIT %(limit)s
