-- One person in a hundred: another persona and grade, a new tag, or two messages that
-- were opened.
CREATE TEMP TABLE bench_changed ON COMMIT DROP AS
SELECT id, number %% 3 AS what
  FROM (SELECT id, row_number() OVER (ORDER BY id) AS number
          FROM contact_profile WHERE (hashint4extended(id, 9) & 63) = 0) drawn
 LIMIT (SELECT ceil(count(*) / 100.0) FROM contact_profile);

UPDATE contact_profile profile
   SET persona_id = %(persona)s, engagement_score = 100 - engagement_score,
       write_date = %(moment)s
  FROM bench_changed changed
 WHERE changed.id = profile.id AND changed.what = 0;

INSERT INTO contact_tag_assignment (
       profile_id, tag_id, dimension_id, kind, active, source, confidence, times_seen,
       times_told, first_seen, last_seen, create_date, write_date)
SELECT changed.id, tag.id, tag.dimension_id, 'explicit', TRUE, 'rule', 1, 1, 1,
       %(moment)s, %(moment)s, %(moment)s, %(moment)s
  FROM bench_changed changed
  JOIN contact_tag tag ON tag.id = ANY(%(tags)s)
 WHERE changed.what = 1
    ON CONFLICT DO NOTHING;

INSERT INTO contact_touch (
       profile_id, address, channel_id, category_id, counts, date, state, cost,
       opened, clicked, company_id, create_uid, create_date, write_uid, write_date)
SELECT changed.id, profile.email_normalized, channel.id, category.id, TRUE,
       %(moment)s - make_interval(mins => number), 'sent', 0, TRUE, FALSE, 1, 1,
       %(moment)s, 1, %(moment)s
  FROM bench_changed changed
  JOIN contact_profile profile ON profile.id = changed.id
  JOIN contact_channel channel ON channel.code = 'email'
  JOIN contact_category category ON category.code = 'newsletter',
       generate_series(1, 2) AS number
 WHERE changed.what = 2;
