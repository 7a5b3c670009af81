-- What the mail server took, beside what the ledger says.
CREATE TEMP TABLE torture_accepted AS
SELECT (r ->> 'subject')::text AS subject, lower(a.address) AS address,
       to_timestamp((r ->> 'at')::float) AS at, m.id AS mailing_id, m.category_id
  FROM unnest(%(records)s::jsonb[]) AS r
 CROSS JOIN jsonb_array_elements_text(r -> 'to') AS a (address)
  LEFT JOIN mailing_mailing m ON m.subject = r ->> 'subject';
CREATE INDEX ON torture_accepted (mailing_id, address);
ANALYZE torture_accepted;
