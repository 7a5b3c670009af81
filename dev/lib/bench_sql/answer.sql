-- Everybody's answer, in few rows: who is refused by the same rules stands in one.
SELECT refused, array_agg(res_id) FROM ({decision}) decided GROUP BY refused
