-- What rules of other kinds ask about, for everybody and once: five people to a company,
-- two to a home, a complaint of one in twenty, and a campaign of one mailing in twenty.
CREATE TABLE bench.kinds AS SELECT now() AS moment;

UPDATE contact_profile profile
   SET commercial_partner_id = facts.partner + 1 + (partner_id - facts.partner - 1) / 5 * 5,
       home = 'street ' || (partner_id - facts.partner - 1) / 2
  FROM bench.facts
 WHERE profile.partner_id > facts.partner;

INSERT INTO contact_tag_assignment (
       profile_id, tag_id, dimension_id, kind, active, source, confidence, times_seen,
       times_told, first_seen, last_seen, create_date, write_date)
SELECT profile.id, tag.id, tag.dimension_id, 'explicit', TRUE, 'user', 1, 1, 1,
       facts.moment - interval '1 day' * (hashint4extended(profile.id, 6) & 63),
       facts.moment - interval '1 day' * (hashint4extended(profile.id, 6) & 63),
       facts.moment, facts.moment
  FROM bench.facts, contact_profile profile
  JOIN contact_tag tag ON tag.id = %(tag)s
 WHERE (hashint4extended(profile.id, 5) & 1023) < 51;

ANALYZE contact_profile;
ANALYZE contact_tag_assignment;

UPDATE mailing_mailing SET campaign_id = %(campaign)s
  FROM bench.mailing
 WHERE mailing_mailing.id = (SELECT min(mailing_id) FROM contact_touch) + mailing.k
   AND mailing.k %% 20 = 4;
