-- A year of mailings, ten a day, and who got which of them; in the order of sending,
-- as a real ledger grows.
CREATE TABLE bench.message AS
SELECT DISTINCT p.i,
       ((hashint8extended(p.i::bigint << 20 | j, 4) & 1073741823) %% 3650)::int AS mailing
  FROM bench.person p CROSS JOIN generate_series(1, p.touches) AS j;

DELETE FROM bench.message WHERE ctid IN (
    SELECT ctid FROM bench.message
     ORDER BY hashint8extended(i::bigint << 20 | mailing, 5) OFFSET %(touches)s);

INSERT INTO mailing_mailing (
       id, source_id, subject, mailing_model_id, schedule_type, state, mailing_type,
       active, email_from, create_uid, create_date, write_uid, write_date)
SELECT %(mailing)s + k, (SELECT min(id) FROM utm_source), 'Mailing ' || k,
       (SELECT id FROM ir_model WHERE model = 'res.partner'), 'now', 'done', 'mail',
       TRUE, 'us@example.com', 1, %(moment)s, 1, %(moment)s
  FROM generate_series(0, 3649) AS k;
SELECT setval('mailing_mailing_id_seq', max(id)) FROM mailing_mailing;

INSERT INTO contact_touch (
       profile_id, address, channel_id, category_id, counts, mailing_id, priority, date,
       state, company_id, res_model, res_id, cost, currency_id, opened, clicked,
       replied, converted, bounced, complained,
       create_uid, create_date, write_uid, write_date)
SELECT %(profile)s + m.i, 'customer' || m.i || '@example.com', channel.id,
       (SELECT id FROM contact_category WHERE code = 'newsletter'), TRUE,
       %(mailing)s + m.mailing, 0, sent.at,
       CASE m.i %% 50 WHEN 7 THEN 'failed' WHEN 8 THEN 'released' ELSE 'sent' END,
       1, 'res.partner', %(partner)s + m.i, channel.cost, channel.currency_id,
       m.i %% 4 = 0, m.i %% 9 = 0, FALSE, FALSE, FALSE, FALSE,
       1, sent.at, 1, sent.at
  FROM bench.message m
  JOIN contact_channel channel
    ON channel.code = CASE WHEN m.mailing %% 20 < 16 THEN 'email'
                           WHEN m.mailing %% 20 < 19 THEN 'sms' ELSE 'letter' END
 CROSS JOIN LATERAL (
       SELECT %(moment)s - interval '1 hour' - interval '365 days'
              * (3649 - m.mailing) / 3650 AS at) sent
 ORDER BY m.mailing, m.i;

DROP TABLE bench.message;
