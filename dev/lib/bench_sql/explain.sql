-- The decision with its reasons, as a preflight asks for them.
WITH decided AS MATERIALIZED (SELECT * FROM ({decision}) d WHERE refused > 0)
SELECT refused, array_agg(res_id), NULL, NULL, NULL
  FROM decided GROUP BY refused
 UNION ALL
SELECT NULL, NULL, res_id, touch_ids, free FROM ({used}) used
