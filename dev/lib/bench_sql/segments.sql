-- Ten tags that do not exclude each other, said by or concluded of every second person
-- each: drawn by chance, and once for each database.
CREATE TABLE bench.segments AS SELECT now() AS moment;

WITH dimension AS (
    INSERT INTO contact_tag_dimension (
           name, code, area, active, is_exclusive, sequence, create_date, write_date)
    SELECT jsonb_build_object('en_US', 'Benchmark'), 'bench', 'behaviour', TRUE, FALSE,
           1, moment, moment
      FROM bench.facts
    RETURNING id, write_date)
INSERT INTO contact_tag (name, dimension_id, active, sequence, create_date, write_date)
SELECT jsonb_build_object('en_US', 'Benchmark ' || number), dimension.id, TRUE, number,
       dimension.write_date, dimension.write_date
  FROM dimension, generate_series(1, 10) AS number;

INSERT INTO contact_tag_assignment (
       profile_id, tag_id, dimension_id, kind, active, source, confidence, times_seen,
       times_told, first_seen, last_seen, create_date, write_date)
SELECT profile.id, tag.id, tag.dimension_id,
       CASE WHEN profile.id % 2 = 0 THEN 'explicit' ELSE 'implicit' END, TRUE, 'rule',
       0.8, 1, 1, tag.write_date, tag.write_date, tag.write_date, tag.write_date
  FROM contact_profile profile
  JOIN contact_tag tag
    ON tag.dimension_id = (SELECT id FROM contact_tag_dimension WHERE code = 'bench')
 WHERE (hashint4extended(profile.id, tag.id) & 1023) < 512;
