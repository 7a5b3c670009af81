-- What became of each recipient: exactly one outcome each.
WITH messages AS (
    -- Odoo leaves the trace with the contact that a merge has deleted; the touch says
    -- whose message it is now.
    SELECT s.mass_mailing_id AS mailing_id, s.model,
           COALESCE(t.res_id, s.res_id) AS res_id, count(*) AS messages,
           array_agg(s.trace_status ORDER BY s.id) AS statuses,
           -- in the queue, or on the way for ever
           count(*) FILTER (
               WHERE s.trace_status IN ('outgoing', 'pending')
                  OR s.trace_status = 'process' AND NOT {uncertain}) AS open
      FROM mailing_trace s
      LEFT JOIN contact_touch t ON t.trace_id = s.id
     WHERE NOT COALESCE(s.is_test_trace, FALSE)
     GROUP BY 1, 2, 3
),
holds AS (
    SELECT mailing_id, res_model AS model, res_id, state
      FROM contact_hold WHERE state NOT IN ('sent', 'overridden')
)
SELECT r.mailing_id, r.model, r.res_id, m.statuses, h.state,
       concat(mailing.state, ' ', mailing.mailing_type,
              CASE WHEN mailing.ab_testing_enabled THEN ' of a test' END,
              CASE WHEN r.merged THEN ', to somebody merged' END),
       -- for whoever looks for the cause
       ARRAY(SELECT concat('hold ', o.state) FROM contact_hold o
              WHERE (o.mailing_id, o.res_model, o.res_id)
                  = (r.mailing_id, r.model, r.res_id)
              UNION ALL
             SELECT concat('touch ', t.id, ' ', t.state, ' ', t.res_model, ',', t.res_id,
                           ' trace ', t.trace_id, ' override ', t.override_id)
               FROM contact_touch t JOIN contact_profile p ON p.id = t.profile_id
              WHERE t.mailing_id = r.mailing_id
                AND (t.address = r.address
                     OR r.model = 'res.partner' AND p.partner_id = r.res_id)),
       CASE
           WHEN m.messages IS NULL AND h.state IS NULL THEN 'no outcome'
           WHEN m.open > 0 THEN 'a message that waits for ever'
           WHEN h.state = 'deferred' AND mailing.state <> 'sending'
           THEN 'waits, and nobody will ask'
           WHEN m.messages > 1 AND NOT r.merged THEN 'two messages'
           WHEN m.messages > 0 AND h.state IS NOT NULL AND NOT r.merged
           THEN 'a message and a hold'
       END AS what
  FROM torture_recipient r
  JOIN mailing_mailing mailing ON mailing.id = r.mailing_id
  LEFT JOIN messages m USING (mailing_id, model, res_id)
  LEFT JOIN holds h USING (mailing_id, model, res_id)
 WHERE m.messages IS NULL AND h.state IS NULL
    OR m.open > 0
    OR h.state = 'deferred' AND mailing.state <> 'sending'
    OR (m.messages > 1 OR m.messages > 0 AND h.state IS NOT NULL) AND NOT r.merged
 ORDER BY 1, 2, 3
