-- What the mail server took, beside what the ledger says. The winner of a test of two
-- versions has the subject of one of them: whose message it was tells the ledger.
CREATE TEMP TABLE torture_accepted AS
SELECT (r ->> 'subject')::text AS subject, lower(a.address) AS address,
       to_timestamp((r ->> 'at')::float) AS at, m.id AS mailing_id, m.category_id,
       m.campaign_id
  FROM unnest(%(records)s::jsonb[]) AS r
 CROSS JOIN jsonb_array_elements_text(r -> 'to') AS a (address)
  LEFT JOIN LATERAL (
       SELECT m.id, m.category_id,
              CASE WHEN m.ab_testing_enabled THEN m.campaign_id END AS campaign_id
         FROM mailing_mailing m
        WHERE m.subject = r ->> 'subject'
        ORDER BY EXISTS (
                 SELECT FROM contact_touch t
                  WHERE t.mailing_id = m.id AND t.address = lower(a.address)
                    AND t.state = 'sent') DESC, m.id
        LIMIT 1) m ON TRUE;
CREATE INDEX ON torture_accepted (mailing_id, address);
ANALYZE torture_accepted;
