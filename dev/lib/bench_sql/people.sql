-- Contacts with their profiles, and how many messages each of them had in a year.
-- As in real ledgers most people have few and some have very many: per person none for
-- one in twelve, then a median of 10, nine in ten below 35, at most 990, scaled so that all
-- together make the wanted number.
CREATE UNLOGGED TABLE bench.person AS
WITH drawn AS (
    SELECT i, (hashint4extended(i, 1) & 1048575) / 1048576.0 AS u
      FROM generate_series(1, %(contacts)s) AS i),
wanted AS (
    SELECT i, CASE
           WHEN u < 0.08 THEN 0
           WHEN u < 0.50 THEN 10 ^ ((u - 0.08) / 0.42)
           WHEN u < 0.90 THEN 10 * 3.5 ^ ((u - 0.50) / 0.40)
           WHEN u < 0.99 THEN 35 * (216 / 35.0) ^ ((u - 0.90) / 0.09)
           ELSE 216 * (990 / 216.0) ^ ((u - 0.99) / 0.01) END AS touches
      FROM drawn)
SELECT i,
       (row_number() OVER (ORDER BY hashint4extended(i, 2)) - 1)::int AS rank,
       -- a little more than wanted: some are drawn twice
       ceil(touches * %(touches)s * 1.1 / (SELECT sum(touches) FROM wanted))::int
           AS touches
  FROM wanted;

-- `color` numbers the contacts in random order: so a domain picks any K of them.
INSERT INTO res_partner (
       id, name, complete_name, active, email, email_normalized, type, is_company,
       partner_share, employee, commercial_partner_id, color, tz, lang, profile_id,
       create_uid, create_date, write_uid, write_date)
SELECT %(partner)s + i, 'Customer ' || lpad(i::text, 8, '0'),
       'Customer ' || lpad(i::text, 8, '0'), TRUE, 'customer' || i || '@example.com',
       'customer' || i || '@example.com', 'contact', FALSE, TRUE, FALSE,
       %(partner)s + i, rank,
       -- one in twenty is loyal: the policies tell them by their time zone
       CASE WHEN hashint4extended(i, 3) %% 20 = 0 THEN 'Europe/Lisbon'
            ELSE (ARRAY['Europe/Vienna', 'Europe/Berlin', 'Asia/Tokyo',
                        'America/New_York'])[1 + i %% 4] END,
       'en_US', %(profile)s + i, 1, %(moment)s, 1, %(moment)s
  FROM bench.person;

INSERT INTO contact_profile (
       id, name, active, email_normalized, is_seed, partner_id, commercial_partner_id,
       lang, tz, create_uid, create_date, write_uid, write_date)
SELECT profile_id, name, TRUE, email_normalized, FALSE, id, id, lang, tz,
       1, %(moment)s, 1, %(moment)s
  FROM res_partner WHERE id > %(partner)s;

SELECT setval('res_partner_id_seq', max(id)) FROM res_partner;
SELECT setval('contact_profile_id_seq', max(id)) FROM contact_profile;
