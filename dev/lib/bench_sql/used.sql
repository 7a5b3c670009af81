-- For the refused: which touches used each rule's allowance up, and when it is free.
SELECT d.res_id, r.bit, r.id AS rule_id, r.policy_id, r.terms,
       x.touch_ids, x.oldest + r.length AS free
  FROM decided d JOIN bench.rule r ON d.refused & r.bit > 0
 CROSS JOIN LATERAL (
       SELECT array_agg(n.id) AS touch_ids, min(n.date) AS oldest
         FROM (SELECT t.id, t.date
                 FROM contact_touch t
                WHERE t.profile_id = d.profile_id AND t.date > %(now)s - r.length
                  AND t.counts AND t.state IN ('reserved', 'sent')
                  AND (r.channel_id IS NULL OR t.channel_id = r.channel_id)
                ORDER BY t.date DESC, t.id DESC
                LIMIT r.maximum) n) x
 WHERE d.refused > 0
