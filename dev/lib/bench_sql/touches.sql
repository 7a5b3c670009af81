-- The ledger, in the order of sending, as a real one grows. What was drawn above the
-- wanted number is left out evenly. With `thin`, of what is older than 31 days (longer
-- than any window) only one in ten is kept.
INSERT INTO contact_touch (
       profile_id, address, channel_id, category_id, counts, mailing_id, priority, date,
       state, company_id, res_model, res_id, cost, currency_id, opened, clicked,
       replied, converted, bounced, complained,
       create_uid, create_date, write_uid, write_date)
SELECT %(profile)s + m.i, 'customer' || m.i || '@example.com', mailing.channel_id,
       %(category)s, TRUE, %(mailing)s + m.k, 0, mailing.date,
       CASE m.i %% 50 WHEN 7 THEN 'failed' WHEN 8 THEN 'released' ELSE 'sent' END,
       1, 'res.partner', %(partner)s + m.i, mailing.cost, mailing.currency_id,
       m.i %% 4 = 0, m.i %% 9 = 0, FALSE, FALSE, FALSE, FALSE,
       1, mailing.date, 1, mailing.date
  FROM (SELECT (message >> 32)::int AS k, (message & 2147483647)::int AS i,
               row_number() OVER (ORDER BY message) AS n
          FROM bench.message) m
  JOIN bench.mailing ON mailing.k = m.k
 WHERE m.n * %(touches)s / %(drawn)s > (m.n - 1) * %(touches)s / %(drawn)s
   AND (NOT %(thin)s OR m.k > 3649 - 310 OR hashint8(m.n) %% 10 = 0);

DROP TABLE bench.message;
