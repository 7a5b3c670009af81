-- A year of mailings, ten a day, and who got which of them.
CREATE UNLOGGED TABLE bench.mailing AS
SELECT k, channel.id AS channel_id, channel.cost, channel.currency_id,
       %(moment)s::timestamp - interval '1 hour'
       - interval '365 days' * (3649 - k) / 3650 AS date
  FROM generate_series(0, 3649) AS k
  JOIN contact_channel channel
    ON channel.code = CASE WHEN k %% 20 < 16 THEN 'email'
                           WHEN k %% 20 < 19 THEN 'sms' ELSE 'letter' END;
ALTER TABLE bench.mailing ADD PRIMARY KEY (k);

INSERT INTO mailing_mailing (
       id, source_id, subject, mailing_model_id, schedule_type, state, mailing_type,
       active, email_from, calendar_date, sent_date, company_id,
       create_uid, create_date, write_uid, write_date)
SELECT %(mailing)s + k, (SELECT min(id) FROM utm_source), 'Mailing ' || k,
       (SELECT id FROM ir_model WHERE model = 'res.partner'), 'now', 'done', 'mail',
       TRUE, 'us@example.com', date, date, 1, 1, date, 1, date
  FROM bench.mailing;
SELECT setval('mailing_mailing_id_seq', max(id)) FROM mailing_mailing;

-- Each person's mailings are drawn; a few of them twice, so some more than wanted are.
-- Both numbers in one: the sort below has 20 million of them before it.
CREATE UNLOGGED TABLE bench.message AS
SELECT drawn.mailing::bigint << 32 | p.i AS message
  FROM bench.person p
 CROSS JOIN LATERAL (
       SELECT DISTINCT
              (hashint8extended(p.i::bigint << 20 | j, 4) & 1073741823) %% 3650
                  AS mailing
         FROM generate_series(1, p.touches) AS j) drawn;
ANALYZE bench.message;
