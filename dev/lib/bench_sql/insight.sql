-- Who they are and where they stand, for the screens: four personas, all stages, a
-- grade of their data, and so many things that are wrong as make that grade.
CREATE TABLE bench.insight AS SELECT now() AS moment;

INSERT INTO contact_persona (name, active, sequence)
SELECT jsonb_build_object('en_US', 'Benchmark ' || number), TRUE, number
  FROM generate_series(1, 4) number;

UPDATE contact_profile profile
   SET persona_id = persona.ids[1 + drawn.number % (array_length(persona.ids, 1) + 1)],
       journey_stage_id = stage.ids[1 + drawn.number / 7 % array_length(stage.ids, 1)],
       engagement_score = drawn.number / 11 % 101,
       engagement_class =
           (ARRAY['hot', 'warm', 'cold', 'silent'])[1 + drawn.number / 13 % 4],
       quality_score = 100 - 10 * (drawn.number / 17 % 4)
  FROM (SELECT id, abs(hashint4extended(id, 3) % 1000000)::int AS number
          FROM contact_profile) drawn,
       (SELECT array_agg(id ORDER BY id) AS ids FROM contact_persona) persona,
       (SELECT array_agg(id ORDER BY id) AS ids FROM contact_journey_stage) stage
 WHERE drawn.id = profile.id;

INSERT INTO contact_profile_quality_rel (profile_id, check_id)
SELECT profile.id, checks.ids[1 + (profile.id + number) % array_length(checks.ids, 1)]
  FROM contact_profile profile,
       (SELECT array_agg(id ORDER BY id) AS ids FROM contact_quality_check) checks,
       generate_series(1, 3) number
 WHERE number <= (100 - profile.quality_score) / 10
    ON CONFLICT DO NOTHING;
